"""Settings of the MongoDB connection and of the leases that are kept there."""

from __future__ import annotations

from pydantic import Field

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
    lease_seconds: float = Field(
        10.0,
        ge=1,
        le=300,
        description="Lifetime of the leases of dispatcher and scheduler: a stand-by takes over this long after the last renewal.",
    )
