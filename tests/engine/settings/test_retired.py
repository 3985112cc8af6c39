"""A renamed setting works under its old name for one release, and says so; a removed one is reported."""

from __future__ import annotations

import pytest

from engine.settings import Settings, load_settings, retired_warnings
from engine.settings.retired import REMOVED, RENAMED

OLD, NEW = "DISPATCH_APART_MS", "DISPATCH_MIN_INTERVAL_MS"


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """A folder for `.env`, and none of the names in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in (*RENAMED, *RENAMED.values(), *REMOVED):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_every_new_name_is_a_setting_and_no_old_one_is():
    names = {name.upper() for name in Settings.model_fields}
    assert set(RENAMED.values()) <= names
    assert not names & (set(RENAMED) | set(REMOVED))


def test_an_old_name_still_works_and_is_warned_of(environment):
    environment.setenv(OLD, "40")
    assert load_settings().dispatch_min_interval_ms == 40
    assert retired_warnings() == [
        f"{OLD} is called {NEW} now; the old name will have no effect in the next release."
    ]


def test_an_old_name_in_the_env_file_works_too(environment, tmp_path):
    (tmp_path / ".env").write_text(f"{OLD.lower()}=41\n")
    assert load_settings().dispatch_min_interval_ms == 41
    assert len(retired_warnings()) == 1


def test_a_new_name_has_precedence_and_nothing_is_warned_of(environment, tmp_path):
    environment.setenv(OLD, "40")
    (tmp_path / ".env").write_text(f"{NEW}=50\n")
    assert load_settings().dispatch_min_interval_ms == 50
    assert retired_warnings() == []


def test_a_removed_name_has_no_effect_and_is_reported(environment):
    environment.setenv("DISPATCH_HOLD_SECONDS", "1")
    assert load_settings() == Settings()
    assert retired_warnings() == [
        "DISPATCH_HOLD_SECONDS has no effect any more: back-pressure delays a batch by 20 ms at most."
    ]


def test_without_retired_names_there_is_no_warning(environment):
    assert retired_warnings() == []
