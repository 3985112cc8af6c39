"""`lead-engine config`, and what commands say when they cannot begin."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engine.settings import SECTIONS, Settings
from engine.settings.operations.access import AccessSettings
from engine.settings.operations.store import StoreSettings
from scripts.cli.operations.config import show_config

SECRETS = {
    "mongodb_uri": "mongodb://me:hunter2@db/?replicaSet=rs0&tlsCertificateKeyFilePassword=hunter2",
    "redis_url": "redis://:hunter2@r:6379/0",
    "api_key": "le_hunter2",
}


def test_every_setting_is_listed_and_no_secret(capsys):
    show_config(Settings(_env_file=None, **SECRETS), [])
    said = capsys.readouterr().out
    for name in Settings.model_fields:
        assert f"{name.upper()}=" in said
    assert "hunter2" not in said
    assert "MONGODB_URI=mongodb://me:***@db/?replicaSet=rs0&tlsCertificateKeyFilePassword=***" in said
    assert "API_KEY=***" in said


def test_settings_stand_under_their_section_in_its_order(capsys):
    show_config(Settings(_env_file=None), [])
    lines = capsys.readouterr().out.splitlines()
    places = [lines.index(section.title()) for section in SECTIONS]
    assert places == sorted(places)
    (rate_limit,) = (n for n, line in enumerate(lines) if line.startswith("  RATE_LIMIT="))
    assert lines.index(AccessSettings.title()) < rate_limit < lines.index(StoreSettings.title())


def test_a_retired_name_is_warned_of(capsys):
    show_config(Settings(_env_file=None), ["DISPATCH_APART_MS is called otherwise now."])
    assert "WARNING: DISPATCH_APART_MS is called otherwise now." in capsys.readouterr().out


def test_a_key_that_is_not_set_is_shown_as_empty(capsys):
    show_config(Settings(_env_file=None), [])
    assert "API_KEY=\n" in capsys.readouterr().out


@pytest.mark.parametrize(("fields", "warned"), [({"personal_fields": ""}, True), ({}, False)])
def test_settings_that_seal_nothing_are_warned_of(capsys, fields, warned):
    show_config(Settings(_env_file=None, **fields), [])
    assert ("WARNING: PERSONAL_FIELDS is empty" in capsys.readouterr().out) is warned


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_part_that_cannot_reach_its_services_shows_no_password(tmp_path, form):
    """Nobody listens on port 1; the message says which setting, and the log is redacted."""
    uri = "mongodb://me:hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=300"
    ended = subprocess.run(
        [sys.executable, "-m", "scripts.cli", "keys", "list"],
        env={
            "PATH": "",
            "HOME": str(tmp_path),
            "DATA_DIR": str(tmp_path),
            "MONGODB_URI": uri,
            "REDIS_URL": "redis://:hunter2@127.0.0.1:1/0",
            "LOG_LEVEL": "DEBUG",
            "LOG_FORMAT": form,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "MONGODB_URI" in ended.stderr
    assert "hunter2" not in ended.stdout + ended.stderr
