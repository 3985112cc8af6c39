"""One engine per data folder, and a plain word when that cannot be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from domain.errors import Invalid, Unavailable
from engine.local.data_dir import hold_data_dir

ADDRESS = "http://127.0.0.1:8000"

HOLDER = """
import sys, time, pathlib
from engine.local.data_dir import hold_data_dir
with hold_data_dir(pathlib.Path(sys.argv[1]), address="http://127.0.0.1:8765"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds `tmp_path`."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()
        process.wait()


def test_the_folder_is_made_with_its_parents_for_its_owner_only(tmp_path):
    with hold_data_dir(tmp_path / "a" / "b", address=ADDRESS) as folder:
        assert folder == tmp_path / "a" / "b"
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_relative_folder_comes_back_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with hold_data_dir(Path(".data"), address=ADDRESS) as folder:
        assert folder == tmp_path / ".data"


def test_the_lock_says_who_holds_it_and_where(tmp_path):
    with hold_data_dir(tmp_path, address=ADDRESS):
        assert (tmp_path / "lock").read_text() == f"pid {os.getpid()}, API {ADDRESS}\n"
    assert (tmp_path / "lock").read_text() == ""


def test_the_error_of_a_second_engine_names_the_first_and_the_remedy_in_one_line(tmp_path, holder):
    with pytest.raises(Unavailable) as refusal, hold_data_dir(tmp_path, address=ADDRESS):
        pass
    message = str(refusal.value)
    assert f"pid {holder.pid}, API http://127.0.0.1:8765" in message
    assert str(tmp_path) in message
    assert "DATA_DIR=" in message
    assert "\n" not in message


def test_a_refused_engine_leaves_the_lock_to_its_holder(tmp_path, holder):
    for _ in range(2):
        with pytest.raises(Unavailable, match=str(holder.pid)), hold_data_dir(tmp_path, address=ADDRESS):
            pass


def test_a_killed_engine_leaves_no_lock_behind(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with hold_data_dir(tmp_path, address=ADDRESS):
        assert (tmp_path / "lock").read_text().startswith(f"pid {os.getpid()},")


def test_the_folder_is_free_again_after_an_engine_has_stopped(tmp_path):
    for _ in range(2):
        with hold_data_dir(tmp_path, address=ADDRESS):
            pass


@pytest.mark.parametrize("below", ["regular-file", "regular-file/data", "/proc/no-such-folder"])
def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(tmp_path, below):
    (tmp_path / "regular-file").touch()
    with pytest.raises(Invalid) as refusal, hold_data_dir(tmp_path / below, address=ADDRESS):
        pass
    message = str(refusal.value)
    assert message.startswith(f"The data folder {tmp_path / below} cannot be used (")
    assert "choose another with DATA_DIR=" in message
    assert "\n" not in message


def test_an_existing_folder_without_room_for_new_files_is_refused():
    # /proc exists, and not even root can create a file in it.
    with pytest.raises(Invalid, match="DATA_DIR="), hold_data_dir(Path("/proc"), address=ADDRESS):
        pass


def test_a_disk_without_room_is_refused_with_what_is_left_and_what_to_do(tmp_path, monkeypatch):
    usage = SimpleNamespace(free=299 * 1024**2)
    monkeypatch.setattr("engine.local.disk_space.shutil.disk_usage", lambda _: usage)
    with pytest.raises(Unavailable) as refusal, hold_data_dir(tmp_path, address=ADDRESS):
        pass
    assert "299 MB are left of the 300 MB" in str(refusal.value)
    assert "DATA_DIR" in str(refusal.value)
    usage.free += 1024**2
    with hold_data_dir(tmp_path, address=ADDRESS):
        pass
