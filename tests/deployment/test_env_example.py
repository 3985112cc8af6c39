""".env.example lists every variable of docker-compose.yml with a sentence, and no file holds a secret."""

from __future__ import annotations

import re

import yaml

from engine.settings import Settings
from tests.deployment.compose_file import COMPOSE_TEXT, ROOT, every

ENV_EXAMPLE = (ROOT / ".env.example").read_text()
SECRETS = ("MONGODB_PASSWORD", "MONGODB_ROOT_PASSWORD", "MONGODB_KEY", "REDIS_PASSWORD")


def variables(text):
    """Every variable that Compose fills in: `${NAME}`, and names in an environment that have no value."""
    compose = yaml.safe_load(text)
    passed_on = {
        name
        for s in compose["services"].values()
        for name, value in s.get("environment", {}).items()
        if value is None
    }
    return passed_on | set(re.findall(r"\$\{(\w+)", text.replace("$$", "")))


def test_env_example_lists_every_variable_of_the_compose_file_and_no_other():
    listed = every(r"^(?:# )?([A-Z_]+)=", ENV_EXAMPLE)
    assert len(listed) == len(set(listed))
    assert variables(COMPOSE_TEXT) == set(listed)
    assert variables(COMPOSE_TEXT.replace("${PORT:-8000}", "${API_PORT:-8000}")) - set(listed) == {"API_PORT"}


def test_uncommenting_the_personal_fields_of_env_example_changes_nothing():
    assert every(r"^# PERSONAL_FIELDS=(.*)$", ENV_EXAMPLE) == [
        Settings.model_fields["personal_fields"].default
    ]


def test_env_example_has_a_sentence_before_every_variable():
    blocks = ENV_EXAMPLE.strip().split("\n\n")
    settings = [block.splitlines() for block in blocks if re.search(r"^(# )?[A-Z_]+=", block, re.MULTILINE)]
    assert settings
    assert all(len(lines) == 2 and re.fullmatch(r"# .+\.", lines[0]) for lines in settings)


def optional_secrets(text):
    found = re.findall(r"\$\{(\w*(?:PASSWORD|KEY|SECRET|TOKEN)\w*)([^}]*)\}", text)
    return {name for name, rest in found if not re.fullmatch(r":\?.+", rest)}


OF_CHANNELS = (
    *("SMTP_PASSWORD", "SENDGRID_API_KEY", "TWILIO_AUTH_TOKEN", "META_ACCESS_TOKEN", "IMAP_PASSWORD"),
    "ASSISTANT_API_KEY",
)
"""Needed only with the channel or the model that they are for; the engine says so at its start."""


def test_a_secret_has_no_default_and_a_missing_one_fails_with_a_sentence():
    assert optional_secrets(COMPOSE_TEXT) == set()
    assert {*SECRETS, *OF_CHANNELS} == {
        name for name in variables(COMPOSE_TEXT) if re.search("PASSWORD|KEY|SECRET|TOKEN", name)
    }
    assert optional_secrets("${A_PASSWORD:-hunter2} ${B_KEY} ${C_TOKEN:?say so}") == {"A_PASSWORD", "B_KEY"}


def written_passwords(text):
    return re.findall(r"://[^\s:@/]*:(?!\$\{)([^\s@/]*)@", text)


def test_no_secret_is_written_down():
    assert written_passwords(re.sub(r"\\\n\s*", "", COMPOSE_TEXT)) == []
    assert written_passwords("redis://:hunter2@redis:6379/0") == ["hunter2"]
    assert every(r"^(?:# )?\w*(?:PASSWORD|KEY)=(.*)$", ENV_EXAMPLE) == [""] * 8
