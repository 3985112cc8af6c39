"""Visibility: whose leads a person sees."""

from __future__ import annotations

import pytest

from domain.teams.assignment import may_assign
from domain.teams.visibility import EVERY_LEAD, visible_leads

TEAM = ("ada", "ben")


@pytest.mark.parametrize(
    ("setting", "role", "leads_team", "sees"),
    [
        ("everyone", "viewer", False, {None, "ada", "ben", "cem"}),
        ("team", "viewer", False, {None, "ada", "ben"}),
        ("team", "rep", False, {None, "ada", "ben"}),
        ("own", "rep", False, {None, "ada"}),
        ("own", "rep", True, {None, "ada", "ben"}),
        ("own", "admin", False, {None, "ada", "ben", "cem"}),
        ("team", "owner", False, {None, "ada", "ben", "cem"}),
    ],
)
def test_a_person_sees_unassigned_leads_and_those_of_the_setting(setting, role, leads_team, sees):
    visible = visible_leads(setting, role, "ada", leads_team=leads_team, team=TEAM)
    assert {owner for owner in (None, "ada", "ben", "cem") if visible.allows(owner)} == sees


def test_somebody_without_a_team_sees_the_own_leads_of_it():
    visible = visible_leads("team", "rep", "ada", leads_team=False, team=())
    assert (visible.allows("ada"), visible.allows("ben")) == (True, False)
    assert EVERY_LEAD.allows("cem")


@pytest.mark.parametrize(
    ("owner", "scopes", "led", "may"),
    [
        (None, {"work"}, (), True),
        ("ada", {"work"}, (), True),
        ("ben", {"work"}, (), False),
        ("ben", {"work"}, TEAM, True),
        ("cem", {"work"}, TEAM, False),
        ("cem", {"manage"}, (), True),
        (None, {"read"}, (), False),
    ],
)
def test_reps_assign_free_and_own_leads_and_team_leads_those_of_the_team(owner, scopes, led, may):
    assert may_assign(owner, "ada", scopes, led) is may
