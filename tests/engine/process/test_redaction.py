"""Secrets that are hidden, and what stays readable."""

from __future__ import annotations

import pytest

from engine.access.keys.token import new_key_id, new_token
from engine.process.redaction import Redactor, passwords_in, without_quotations, without_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mongodb://me:hunter2@db:27017/?a=b", "mongodb://me:***@db:27017/?a=b"),
        ("mongodb+srv://me:p%40ss@db/", "mongodb+srv://me:***@db/"),
        ("redis://:hunter2@r:6379/0", "redis://:***@r:6379/0"),
        ("redis://:a:b@c@r:6379/0", "redis://:***@r:6379/0"),
        (
            "failed: rediss://:hunter2@r:1 and mongodb://u:pw@h",
            "failed: rediss://:***@r:1 and mongodb://u:***@h",
        ),
        ("redis://r:6379/0?password=hunter2&db=1", "redis://r:6379/0?password=***&db=1"),
        ("https://x.example/hook?token=abc&team=sales", "https://x.example/hook?token=***&team=sales"),
        ("https://x.example/hook?api_key=abc#part", "https://x.example/hook?api_key=***#part"),
        ("mongodb://h/?tlsCertificateKeyFilePassword=x", "mongodb://h/?tlsCertificateKeyFilePassword=***"),
        (
            "mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:x",
            "mongodb://h/?authMechanismProperties=***",
        ),
        ("whsec_c2VjcmV0Cg== was sent", "whsec_*** was sent"),
    ],
)
def test_secrets_in_addresses_and_texts_are_hidden(text, shown):
    assert without_secrets(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "mongodb://127.0.0.1:27017/?replicaSet=rs0",
        "redis://127.0.0.1:6379/0",
        "http://127.0.0.1:8000/docs",
        "at 12:30:01 user@host wrote: done",
        "https://x.example/?tokens_left",
        "key_6f1eba6027e9e9f9",
    ],
)
def test_what_is_no_secret_stays(text):
    assert without_secrets(text) == text


def test_an_api_key_keeps_only_what_names_it():
    token = new_token(new_key_id()).text
    assert without_secrets(f"shown {token} twice {token}") == f"shown {token[:20]}*** twice {token[:20]}***"


def test_given_secrets_are_hidden_wherever_they_stand():
    redact = Redactor(["hunter2", "hunter2-longer", "p%40ss", "p@ss", ""])
    assert redact("it was hunter2-longer, then hunter2 or p@ss") == "it was ***, then *** or ***"
    assert Redactor([])("hunter2") == "hunter2"
    assert Redactor(["abc"])("an abc of things") == "an abc of things"  # too short to be hidden


def test_the_password_of_an_address_is_found_as_written_and_as_meant():
    assert passwords_in("mongodb://me:p%40ss@db") == ["p%40ss", "p@ss"]
    assert passwords_in("redis://r:6379") == []
    assert passwords_in("redis://[broken") == []


def test_what_a_parser_quotes_is_hidden():
    assert without_quotations("Port could not be cast to integer value as 'hunter2'") == (
        "Port could not be cast to integer value as '***'"
    )
