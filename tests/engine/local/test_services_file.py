"""Commands find the services of the engine that runs on their data folder, and only of one that runs."""

from __future__ import annotations

from engine.local.data_dir import hold_data_dir
from engine.local.services_file import Services, publish_services, with_running_services
from engine.settings import Settings

SERVICES = Services("mongodb://embedded/?replicaSet=rs0", "redis://embedded/0")


def settings(folder, **given: str) -> Settings:
    return Settings(_env_file=None, **{"data_dir": folder, "mongodb_uri": "", "redis_url": "", **given})


def test_the_services_of_a_running_engine_are_found(tmp_path):
    with hold_data_dir(tmp_path, address="here"), publish_services(tmp_path, SERVICES):
        found = with_running_services(settings(tmp_path))
    assert (found.mongodb_uri, found.redis_url) == (SERVICES.mongodb_uri, SERVICES.redis_url)


def test_what_is_set_wins_over_what_is_found(tmp_path):
    with hold_data_dir(tmp_path, address="here"), publish_services(tmp_path, SERVICES):
        found = with_running_services(settings(tmp_path, redis_url="redis://mine/0"))
    assert (found.mongodb_uri, found.redis_url) == (SERVICES.mongodb_uri, "redis://mine/0")


def test_what_a_killed_engine_left_behind_is_not_believed(tmp_path):
    with publish_services(tmp_path, SERVICES):
        (tmp_path / "lock").touch()
        assert with_running_services(settings(tmp_path)).mongodb_uri == ""


def test_no_engine_and_a_spoilt_file_leave_the_settings_as_they_are(tmp_path):
    assert with_running_services(settings(tmp_path)).mongodb_uri == ""
    with hold_data_dir(tmp_path, address="here"):
        (tmp_path / "services.json").write_text("{")
        assert with_running_services(settings(tmp_path)).mongodb_uri == ""
