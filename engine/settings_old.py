"""Every setting of the engine, with its default and a sentence. Read from the environment or `.env`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.errors import Fault, Invalid
from domain.privacy.personal_fields import DEFAULT_PERSONAL_FIELDS, PersonalFields

__all__ = ["SECRETS", "Settings", "load_settings"]

SECRETS = ("mongodb_uri", "redis_url", "api_key")
"""Settings that are secrets or hold one. Each can also be given as a file that holds it: MONGODB_URI_FILE=..."""

READ_BY_THE_ENGINE = ("stage", "tag")
"""Properties that the fold looks into: which stage a person has set, which tag a lead has."""


class Settings(BaseSettings):
    """What can be set. The name of a setting in the environment is its name here in capitals."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    # Where things are
    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the API listens on.")
    data_dir: Path = Field(
        Path(".data"), description="Folder of the embedded MongoDB and Valkey; kept between runs."
    )
    mongodb_uri: str = Field(
        "",
        repr=False,
        description="MongoDB replica set to use, e.g. mongodb://host/?replicaSet=rs0. Empty: `up` starts an embedded one.",
    )
    mongodb_uri_file: str = Field("", description="File that holds MONGODB_URI, where that is empty.")
    mongodb_database: str = Field(
        "lead_engine", min_length=1, max_length=63, description="Database that holds everything."
    )
    redis_url: str = Field(
        "",
        repr=False,
        description="Redis or Valkey to use, e.g. redis://host:6379/0. Empty: `up` starts an embedded one.",
    )
    redis_url_file: str = Field("", description="File that holds REDIS_URL, where that is empty.")
    request_seconds: float = Field(
        30.0,
        ge=0.1,
        le=600,
        description="Time within which a request must have arrived, head and body; a slower one gets 408.",
    )
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Literal["text", "json"] = Field(
        "text",
        description="text: lines for people. json: an object a line, with requestId and leadId where known.",
    )
    loop_stall_seconds: float = Field(
        60.0,
        ge=1,
        le=3600,
        description="Time an event loop may stand still before its process ends, to be started again.",
    )

    # Access
    api_key: str = Field(
        "",
        repr=False,
        description="API key that `lead-engine demo` shows. Empty: the one that `up` keeps in DATA_DIR/api-key.",
    )
    api_key_file: str = Field("", description="File that holds API_KEY, where that is empty.")
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses or networks of proxies whose X-Forwarded-For is believed, with commas between.",
    )
    rate_limit: int = Field(
        5000,
        ge=1,
        le=1_000_000,
        description="Requests a second with one API key, over all processes; twice as many at once.",
    )
    rate_limit_address: int = Field(
        5000,
        ge=1,
        le=1_000_000,
        description="Requests a second from one address that need no key or show one of a web page; twice as many at once.",
    )
    auth_failures_per_minute: int = Field(
        60,
        ge=1,
        le=100_000,
        description="Requests without a valid API key that one address may make a minute; beyond it they get 429.",
    )

    # Rules
    rulebook: str = Field(
        "standard",
        description="Rulebook that scores leads: the name of a built-in one or the path of a YAML file.",
    )
    decay_at: str = Field(
        "02:15",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="Time of day, UTC, at which the scheduler runs the decay job.",
    )

    # Ingestion
    append_batch_events: int = Field(
        800, ge=1, le=10_000, description="Most events that one group commit writes."
    )
    append_linger_ms: float = Field(
        0.0,
        ge=0,
        le=1000,
        description="Milliseconds an event waits for company when nothing is being written; what comes meanwhile shares the next group commit anyway.",
    )
    append_queue_events: int = Field(
        4_000,
        ge=1000,
        description="Events that may wait for a group commit; when so many do, requests get 503.",
    )

    # Privacy
    personal_fields: str = Field(
        DEFAULT_PERSONAL_FIELDS,
        description="Properties at any depth that are sealed with the lead's own key, with commas between; case, - and _ do not matter.",
    )

    # Processing
    worker_processes: int = Field(1, ge=1, le=64, description="Worker processes that `up` starts.")
    worker_threads: int = Field(
        4, ge=1, le=64, description="Messages that one worker process handles at a time."
    )
    worker_poll_ms: int = Field(
        300, ge=1, le=4_000, description="Longest wait, in milliseconds, for a message that nobody told of."
    )
    worker_heartbeat_seconds: int = Field(
        15, ge=2, le=600, description="Silence after which the messages of a killed worker go to another one."
    )
    fold_batch_leads: int = Field(80, ge=1, le=1000, description="Most leads that one transaction folds.")
    fold_batch_events: int = Field(
        2000, ge=1, le=20_000, description="Most events that one transaction folds."
    )
    fold_attempts: int = Field(
        3, ge=1, le=100, description="Failed folds after which a lead is quarantined with a dead letter."
    )
    dispatch_batch_events: int = Field(
        5000, ge=1, le=100_000, description="Most events that the dispatcher reads at a time."
    )
    dispatch_ahead_messages: int = Field(
        2,
        ge=1,
        le=100_000,
        description="Messages that may wait before the dispatcher lets events gather; more with many workers.",
    )
    dispatch_hold_seconds: float = Field(
        0.02, ge=0, le=10, description="Longest time that the dispatcher lets events gather."
    )
    dispatch_apart_ms: float = Field(
        25.0,
        ge=0,
        le=1000,
        description="Least milliseconds between two rings of the dispatcher: events of a stream gather meanwhile, one after a pause is rung for at once.",
    )
    dispatch_poll_seconds: float = Field(
        1.0, gt=0, le=60, description="Longest time the dispatcher sleeps when no notification arrives."
    )
    lease_seconds: float = Field(
        10.0,
        ge=1,
        le=300,
        description="Time after which a silent dispatcher or scheduler is replaced by another.",
    )
    reconcile_seconds: float = Field(
        10.0, ge=0.5, le=3600, description="Seconds between two looks for leads that stayed behind."
    )

    # Automations
    execution_attempts: int = Field(
        8, ge=1, le=100, description="Attempts of an automation before its execution is dead."
    )
    execution_backoff_seconds: float = Field(
        2.0,
        gt=0,
        le=3600,
        description="Pause before the second attempt; doubles with each further one, with jitter.",
    )
    execution_lease_seconds: float = Field(
        60.0, ge=1, le=3600, description="Time after which an attempt that never ended may be taken over."
    )

    # Webhooks
    webhook_timeout_seconds: float = Field(
        15.0, ge=0.1, le=30, description="Time within which a webhook endpoint must answer."
    )
    webhook_allow_http: bool = Field(
        False,
        description="Also send webhooks to http:// URLs, unencrypted. Only to public addresses, as ever.",
    )
    webhook_allowed_hosts: str = Field(
        "",
        description="Hosts that webhooks may be sent to whatever their address, over http too: host or host:port, with commas.",
    )

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Take secrets from their files; what is said directly comes first."""
        files = {name: given.get(f"{name}_file") for name in SECRETS if not given.get(name)}
        return {**given, **{name: _content_of(name, file) for name, file in files.items() if file}}

    @field_validator("personal_fields")
    @classmethod
    def _leaves_what_must_be_read(cls, names: str) -> str:
        for name in READ_BY_THE_ENGINE:
            if name in PersonalFields.named(names):
                raise ValueError(f"'{name}' cannot be personal: the engine itself has to read it")
        return names


def load_settings() -> Settings:
    """Read the settings. Raises `Invalid` with one fault per wrong setting; a secret is never told."""
    try:
        return Settings()
    except ValidationError as error:
        # Not `from error`: what it holds would show every setting in a traceback.
        raise Invalid(
            "These settings are wrong:", tuple(map(_fault, error.errors(include_url=False)))
        ) from None


def _fault(fault: ErrorDetails) -> Fault:
    name = str(fault["loc"][0]) if fault["loc"] else ""
    got = f" (got {fault['input']!r})" if name and name not in SECRETS else ""
    return Fault(name.upper(), fault["msg"] + got)


def _content_of(name: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ValueError(f"{name.upper()}_FILE: {file} cannot be read: {why}") from None
