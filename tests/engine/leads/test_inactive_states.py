"""The cache of states under inactive rulebooks answers only for the position that it was asked with, and is bounded."""

from __future__ import annotations

from msgspec.structs import replace

from domain.events.applied_positions import AppliedPositions
from domain.leads.state import initial_state
from engine.leads.inactive_states import InactiveStates
from engine.rulebooks.built_in import compiled_built_in


def state(lead_id):
    return initial_state(lead_id, compiled_built_in("classic"))


def test_a_state_is_known_at_its_position_only():
    states, ada = InactiveStates(), state("ada")
    states.put(ada, AppliedPositions(7))
    assert states.get("ada", ada.rulebook, AppliedPositions(7)) is ada
    assert states.get("ada", ada.rulebook, AppliedPositions(8)) is None
    assert states.get("ada", "standard@2", AppliedPositions(7)) is None
    assert states.get("bob", ada.rulebook, AppliedPositions(7)) is None


def test_a_newer_state_takes_the_place_of_the_older_one():
    states, ada = InactiveStates(), state("ada")
    states.put(ada, AppliedPositions(7))
    states.put(newer := replace(ada, position=8), AppliedPositions(8))
    assert states.get("ada", ada.rulebook, AppliedPositions(8)) is newer
    assert states.get("ada", ada.rulebook, AppliedPositions(7)) is None


def test_the_states_that_were_not_read_for_longest_make_room():
    states = InactiveStates()
    for number in range(200):
        states.put(state(f"{number}"), AppliedPositions(1))
    assert states.get("0", state("0").rulebook, AppliedPositions(1)) is not None
    states.put(state("new"), AppliedPositions(1))
    assert states.get("0", state("0").rulebook, AppliedPositions(1)) is not None
    assert states.get("1", state("1").rulebook, AppliedPositions(1)) is None
