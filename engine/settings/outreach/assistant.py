"""Settings of the assistant that writes drafts and reads replies."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.settings.section import Section

__all__ = ["AssistantSettings"]


class AssistantSettings(Section):
    """Assistant: drafts and what replies mean, offline or by a language model."""

    assistant: Literal["offline", "openai", "anthropic"] = Field(
        "offline",
        description="What writes drafts and reads replies: offline (templates, rules and a small classifier, nothing leaves "
        "the machine), openai (any endpoint with /chat/completions) or anthropic (/v1/messages).",
    )
    assistant_for: Literal["drafts", "replies", "both"] = Field(
        "both", description="What a model is asked for: drafts, replies or both; the rest is done offline."
    )
    assistant_url: str = Field(
        "",
        description="Base address of the model's API; empty: https://api.openai.com/v1 or https://api.anthropic.com.",
    )
    assistant_api_key: str = Field("", repr=False, description="API key of the model.")
    assistant_api_key_file: str = Field("", description="File to read ASSISTANT_API_KEY from.")
    assistant_model: str = Field("", description="Name of the model.")
    assistant_timeout_seconds: float = Field(
        20.0, ge=1, le=60, description="Time for an answer of the model, all attempts together."
    )
    assistant_attempts: int = Field(
        3,
        ge=1,
        le=10,
        description="Attempts within that time; only overload and faults of the server are tried again.",
    )
    assistant_budget_per_day: float = Field(
        5.0,
        ge=0,
        le=1_000_000,
        description="What the model may cost per day (UTC), in the currency of the prices; beyond it everything is done "
        "offline. 0: no limit.",
    )
    assistant_input_price: float = Field(
        5.0, ge=0, le=10_000, description="Price of a million tokens that the model reads."
    )
    assistant_output_price: float = Field(
        25.0, ge=0, le=10_000, description="Price of a million tokens that the model writes."
    )
    assistant_link_hosts: str = Field(
        "",
        description="Hosts, with commas between, to which drafts of a model may link; a draft with another link is not used.",
    )
    reply_weights_file: str = Field(
        "",
        description="Weights that lead-engine replies train has made; empty: those that come with the engine.",
    )
