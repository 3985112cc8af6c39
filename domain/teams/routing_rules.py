"""Routing rules as data: which pool of reps a lead goes to, by attributes, stage, country or language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from domain.events.event import Json
from domain.rule_language.matcher import Match
from domain.rule_language.section import Names, Number, Section, Slug
from domain.teams.working_hours import ALWAYS, WorkingHours

__all__ = ["Member", "Pool", "RoutingRule", "RoutingRules"]


class Member(Section):
    """A rep in a pool: the share of its leads, how many open ones at most, and when the rep works."""

    rep: str = Field(min_length=1, max_length=200, description="Id of the person.")
    weight: Number = Field(
        1.0, gt=0, le=100, description="Share of the pool's leads, relative to the others."
    )
    capacity: int | None = Field(None, ge=0, description="Most open leads at once; no limit if left out.")
    hours: WorkingHours = ALWAYS


class Pool(Section):
    """Reps who share leads. With nobody present leads wait, and after `fallback_after_minutes` go to `fallback`."""

    id: Slug
    members: tuple[Member, ...] = Field(min_length=1)
    fallback: str | None = Field(None, max_length=200)
    fallback_after_minutes: Number = Field(60, gt=0)
    first_touch_minutes: Number | None = Field(
        None, gt=0, description="Working minutes within which a new lead is to be contacted."
    )
    when_missed: Literal["escalate", "reassign"] = Field(
        "escalate",
        description="After that time: only say so by an event, or also give the lead to somebody else.",
    )

    @model_validator(mode="after")
    def _names_each_rep_once(self) -> Pool:
        reps = [member.rep for member in self.members]
        for rep in reps:
            if reps.count(rep) > 1:
                raise ValueError(f"'{rep}' is in the pool '{self.id}' twice; raise the weight instead")
        return self

    @cached_property
    def by_rep(self) -> dict[str, Member]:
        return {member.rep: member for member in self.members}


class RoutingRule(Section):
    """Leads whose attributes are like this go to that pool; without conditions all do."""

    id: Slug
    where: dict[str, Match] = Field(default_factory=dict)
    stage: Names | None = None
    pool: Slug

    def matches(self, attributes: Mapping[str, Json], stage: str) -> bool:
        """Whether the rule is for a lead with these attributes in this stage."""
        return (self.stage is None or stage in self.stage) and all(
            test.compile().holds(attributes.get(name)) for name, test in self.where.items()
        )


class RoutingRules(Section):
    """The whole document: rules in order, the first that matches decides, and the pools that they name.

    Leads are routed when they enter one of `stages`; without any, at their first event.
    """

    version: int = Field(1, ge=1, le=999_999_999)
    stages: Names | None = None
    max_age_hours: Number = Field(
        72, gt=0, le=24 * 365, description="Events that are older when they arrive route nobody."
    )
    rules: tuple[RoutingRule, ...] = Field(min_length=1)
    pools: tuple[Pool, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_known_and_unique(self) -> RoutingRules:
        pools, rules = [pool.id for pool in self.pools], [rule.id for rule in self.rules]
        for names, what in ((pools, "pools"), (rules, "rules")):
            for name in names:
                if names.count(name) > 1:
                    raise ValueError(f"two {what} have the id '{name}'; give each its own")
        for rule in self.rules:
            if rule.pool not in pools:
                raise ValueError(
                    f"rule '{rule.id}' names the pool '{rule.pool}', which is not among the pools"
                )
        return self

    def match(self, attributes: Mapping[str, Json], stage: str) -> RoutingRule | None:
        """The first rule for a lead with these attributes in this stage."""
        return next((rule for rule in self.rules if rule.matches(attributes, stage)), None)

    @cached_property
    def by_pool(self) -> dict[str, Pool]:
        return {pool.id: pool for pool in self.pools}
