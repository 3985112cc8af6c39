"""The file with the key of an engine on this machine."""

from __future__ import annotations

import stat

import pytest

from domain.errors import Invalid
from engine.access.keys.key_file import key_file_of, read_key_file, write_key_file


def test_only_the_owner_may_read_it(tmp_path):
    file = key_file_of(tmp_path)
    write_key_file(file, "le_1")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_key_file(file) == "le_1"


def test_a_file_that_was_open_to_all_is_replaced_by_one_that_is_not(tmp_path):
    file = key_file_of(tmp_path)
    file.write_text("old")
    file.chmod(0o666)
    write_key_file(file, "le_2")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_key_file(file) == "le_2"
    assert list(tmp_path.iterdir()) == [file]


def test_no_file_is_no_key(tmp_path):
    assert read_key_file(tmp_path / "none") == ""
    (tmp_path / "odd").write_bytes(b"\xff")
    assert read_key_file(tmp_path / "odd") == ""


def test_a_folder_that_is_not_there_is_one_plain_message(tmp_path):
    with pytest.raises(Invalid, match="cannot be written"):
        write_key_file(tmp_path / "nowhere" / "api-key", "le_3")
