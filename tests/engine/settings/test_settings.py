"""Settings from the environment and from files, and errors without secrets."""

from __future__ import annotations

import pytest

from domain.errors import Invalid
from engine.queue.broker import connect_broker
from engine.settings import SECRETS, Settings, load_settings
from engine.store.mongo import connect

SECRET = "mongodb://me:hunter2@db/?replicaSet=rs0"


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Only what a test says: `environment(PORT="1")`."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    def environment(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, str(value))

    return environment


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_can_come_from_a_file(environment, tmp_path, name):
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    environment(**{f"{name.upper()}_FILE": tmp_path / "secret"})
    assert getattr(load_settings(), name) == SECRET


def test_the_name_of_the_file_may_stand_in_the_env_file(environment, tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / ".env").write_text(f"MONGODB_URI_FILE={tmp_path / 'secret'}\n")
    assert load_settings().mongodb_uri == SECRET


def test_a_direct_value_has_precedence_over_a_file(environment, tmp_path):
    environment(MONGODB_URI="mongodb://direct", MONGODB_URI_FILE=tmp_path / "not there")
    assert load_settings().mongodb_uri == "mongodb://direct"


def test_a_file_that_cannot_be_read_is_one_plain_message(environment, tmp_path):
    environment(REDIS_URL_FILE=tmp_path / "nowhere", MONGODB_URI=SECRET)
    with pytest.raises(Invalid) as refused:
        load_settings()
    assert "REDIS_URL_FILE" in str(refused.value)
    assert "No such file" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_every_wrong_setting_is_named_with_what_was_got(environment):
    environment(PORT="many", LOG_FORMAT="xml", MONGODB_URI=SECRET)
    with pytest.raises(Invalid) as refused:
        load_settings()
    assert {fault.pointer for fault in refused.value.faults} == {"PORT", "LOG_FORMAT"}
    assert "got 'many'" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_settings_do_not_show_their_secrets(environment):
    environment(MONGODB_URI=SECRET, REDIS_URL="redis://:hunter2@r", API_KEY="le_hunter2")
    assert "hunter2" not in repr(load_settings())


@pytest.mark.parametrize("url", ["redis://:hunter2/x@r:6379", "redis://:hunter2:pw@r:port", "hunter2://r"])
def test_a_wrong_redis_url_is_refused_without_showing_its_password(url):
    with pytest.raises(Invalid, match="REDIS_URL is wrong") as refused:
        connect_broker(Settings(_env_file=None, redis_url=url))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "uri", ["mongodb://me:hunter2/x@db", "mongodb://me:hunter2@db:port", "mongodb://me@hunter2@db"]
)
async def test_a_wrong_mongodb_uri_is_refused_without_showing_its_password(uri):
    with pytest.raises(Invalid, match="MONGODB_URI is wrong") as refused:
        connect(uri)
    assert "hunter2" not in str(refused.value)
