"""Settings of the MongoDB connection and of the leases that are kept there."""

from __future__ import annotations

from pydantic import Field, field_validator

from domain.errors import Invalid
from domain.events.partition import require_partitions
from engine.settings.section import Section

__all__ = ["StoreSettings"]


class StoreSettings(Section):
    """MongoDB."""

    mongodb_uri: str = Field(
        "",
        repr=False,
        description="URI of the MongoDB replica set, e.g. mongodb://host/?replicaSet=rs0. Empty: `up` starts an embedded one.",
    )
    mongodb_uri_file: str = Field(
        "", description="File to read MONGODB_URI from when that is empty, e.g. a mounted secret."
    )
    mongodb_database: str = Field(
        "lead_engine", min_length=1, max_length=63, description="Name of the database for all collections."
    )
    log_partitions: int = Field(
        1,
        description="Partitions of the log, 1, 2, 4 ... 256: chosen when a store is made, and the same for all of its processes from then on. More than 1 is for sharded clusters.",
    )
    lease_seconds: float = Field(
        10.0,
        ge=1,
        le=300,
        description="Lifetime of the leases of dispatcher and scheduler: a stand-by takes over this long after the last renewal.",
    )

    @field_validator("log_partitions")
    @classmethod
    def _is_a_number_of_partitions(cls, given: int) -> int:
        try:
            return require_partitions(given)
        except Invalid as error:
            raise ValueError(str(error)) from None
