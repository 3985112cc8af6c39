"""The compiled rulebook: plain frozen objects, made once from a document that stays as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import msgspec
import pytest
from pydantic import BaseModel

from domain.automations.trigger import Trigger
from domain.rulebooks.compiled import RiskState, ScoreState, VelocityState


@pytest.fixture(params=["classic", "standard"])
def compiled(request):
    return request.getfixturevalue(request.param)


def parts(value):
    """Everything that a value holds, itself included; functions are not looked into."""
    yield value
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            if name != "document":
                yield from parts(getattr(value, name))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from parts(inner)
    elif isinstance(value, tuple | list | frozenset):
        for inner in value:
            yield from parts(inner)


def test_it_names_the_document_that_it_was_made_from(compiled):
    document = compiled.document

    assert (compiled.name, compiled.version, compiled.label) == (
        document.name,
        document.version,
        document.label,
    )
    assert compiled.stages.names == document.stages.names


def test_events_are_evaluated_by_plain_frozen_structs_and_never_by_what_people_write(compiled):
    # Triggers alone are both: they are asked about few events.
    sections = [part for part in parts(compiled) if isinstance(part, BaseModel)]
    structs = [part for part in parts(compiled) if isinstance(part, msgspec.Struct)]

    assert all(isinstance(section, Trigger) for section in sections)
    assert len(structs) > 10
    assert all(struct.__struct_config__.frozen for struct in structs)


def test_each_model_starts_with_a_state_that_can_be_stored_as_one_of_its_union(compiled):
    models = {"score": ScoreState, "velocity": VelocityState, "risk": RiskState}
    for name, union in models.items():
        state = getattr(compiled, name).initial()

        assert isinstance(state, get_args(union))
        assert msgspec.json.decode(msgspec.json.encode(state), type=union) == state


def test_automations_that_are_switched_off_are_left_out(rulebook):
    written = {"trigger": {"event": "page_view"}, "action": {"type": "tag", "tag": "x"}}
    rules = rulebook(automations=[{"id": "on", **written}, {"id": "off", "enabled": False, **written}])

    assert [rule.id for rule in rules.automations.rules] == ["on"]
    assert [rule.id for rule in rules.document.automations] == ["on", "off"]


def test_every_chapter_of_a_rulebook_describes_itself(compiled):
    chapters = dict(compiled.document.describe())

    assert list(chapters) == [
        *("Points", "Stages", "Velocity", "Risk", "Contact", "Outcome", "Goals", "Next action"),
        "Automations",
        "Accounts",
        "Decay job",
    ]
    assert all(blocks for title, blocks in chapters.items() if title != "Contact")
