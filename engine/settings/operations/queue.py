"""Settings of the Redis connection, the message queue and its workers."""

from __future__ import annotations

from pydantic import Field

from engine.settings.section import Section

__all__ = ["QueueSettings"]


class QueueSettings(Section):
    """Redis, queue and workers."""

    redis_url: str = Field(
        "",
        repr=False,
        description="URL of Redis or Valkey, e.g. redis://host:6379/0. Empty: `up` starts an embedded one.",
    )
    redis_url_file: str = Field(
        "", description="File to read REDIS_URL from when that is empty, e.g. a mounted secret."
    )
    worker_processes: int = Field(1, ge=1, le=64, description="Worker processes that `up` starts.")
    worker_threads: int = Field(
        4, ge=1, le=64, description="Concurrency of a worker process: messages it handles at the same time."
    )
    worker_poll_ms: int = Field(
        300, ge=1, le=4_000, description="Fallback polling interval of workers, in milliseconds."
    )
    worker_heartbeat_seconds: int = Field(
        15,
        ge=2,
        le=600,
        description="Heartbeat timeout of workers: after this long without one, the messages of a worker are redelivered.",
    )
