"""Random identity graphs: the leads of events against a reference that knows nothing of how they are resolved.

Where no component of the graph has two known people, every order of arrival, in whatever batches and however often, ends in
the components of the graph. Where one has, no two known people are ever made one.
"""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from domain.identity.identifier import Identifier
from domain.identity.membership import Merge, root_of, streams_below
from domain.identity.resolution import Identified, Profile, resolve_all

ANONYMOUS = st.sampled_from("abcdef").map(lambda name: ("anonymousId", name))


def events_of(known_kinds):
    """Events with at most one identifier of each kind, of few people, so that they meet."""
    known = [st.sampled_from("uv").map(lambda name, kind=kind: (kind, name)) for kind in known_kinds]
    one = st.lists(st.one_of(ANONYMOUS, *known), min_size=1, max_size=3, unique_by=lambda said: said[0])
    return st.lists(one.map(dict), min_size=1, max_size=12)


class World:
    """What the stores would hold, written without any of their code."""

    def __init__(self):
        self.owners, self.lead_of, self.named, self.numbers = {}, {}, set(), itertools.count()
        self.merges, self.duplicates = [], []

    def lead(self, stream):
        while stream in self.lead_of:
            stream = self.lead_of[stream]
        return stream

    def profiles(self):
        kinds = {}
        for identifier, stream in self.owners.items():
            kinds.setdefault(self.lead(stream), set()).add(identifier.kind)
        return {lead: Profile(frozenset(found)) for lead, found in kinds.items()}

    def take(self, batch):
        wanted = [Identified(_strongest_first(said)) for said in batch]
        found = resolve_all(
            wanted, self.owners, self.lead_of, self.profiles(), lambda: f"s{next(self.numbers)}"
        )
        for identifier, stream, _ in found.claims:
            assert identifier not in self.owners, "a claim never moves"
            self.owners[identifier] = stream
        for part, whole, _ in found.merges:
            assert part not in self.lead_of, "only leads are merged"
            self.lead_of[part] = whole
        self.duplicates += found.duplicates
        return found.streams


def _strongest_first(said):
    order = ["userId", "email", "phone", "anonymousId"]
    return tuple(Identifier(kind, said[kind]) for kind in order if kind in said)


def leads_by_identifier(world):
    groups = {}
    for identifier, stream in world.owners.items():
        groups.setdefault(world.lead(stream), set()).add(tuple(identifier))
    return {frozenset(group) for group in groups.values()}


def components(events):
    """The reference: identifiers of one event are one person, and so on."""
    groups = []
    for said in events:
        group = set(said.items())
        for other in [one for one in groups if one & group]:
            group |= other
            groups.remove(other)
        groups.append(group)
    return {frozenset(group) for group in groups}


def has_two_known(group):
    return sum(kind != "anonymousId" for kind, _ in group) > 1


@given(events_of(["userId"]), st.randoms(use_true_random=False), st.integers(1, 5))
def test_where_no_component_has_two_known_people_every_order_ends_in_the_components(events, random, size):
    expected = components(events)
    if any(map(has_two_known, expected)):
        events = [said for said in events if "userId" not in said or said["userId"] == "u"]
        events = [dict(said) for said in events] or [{"anonymousId": "a"}]
        expected = components(events)
    assert not any(map(has_two_known, expected))
    shuffled = events + random.choices(events, k=3)
    random.shuffle(shuffled)
    for order in (events, shuffled):
        world = World()
        for start in range(0, len(order), size):
            world.take(order[start : start + size])
        assert leads_by_identifier(world) == expected
        assert world.duplicates == []


@given(events_of(["userId", "email"]))
def test_no_lead_ever_has_two_user_ids_and_those_that_meet_are_listed(events):
    world = World()
    for said in events:
        world.take([said])
    for group in leads_by_identifier(world):
        assert sum(kind == "userId" for kind, _ in group) <= 1
    for group in components(events):
        leads = {world.lead(world.owners[Identifier(*one)]) for one in group}
        pairs = {frozenset((world.lead(one.lead_id), world.lead(one.other))) for one in world.duplicates}
        assert len(leads) == 1 or pairs, "what was not made one is listed"


@given(events_of(["userId", "email", "phone"]))
def test_an_event_that_is_sent_again_goes_where_it_went(events):
    world = World()
    first = [world.take([said])[0] for said in events]
    again = [world.take([said])[0] for said in events]
    assert again == first


@given(events_of(["userId"]), st.integers(1, 12))
def test_a_batch_is_resolved_like_its_events_one_after_the_other(events, size):
    one_by_one, in_batches = World(), World()
    singly = [world for said in events for world in one_by_one.take([said])]
    together = [
        lead
        for start in range(0, len(events), size)
        for lead in in_batches.take(events[start : start + size])
    ]
    assert together == singly
    assert one_by_one.lead_of == in_batches.lead_of


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde"), st.booleans()), max_size=20))
def test_membership_at_any_moment_is_that_of_the_merges_that_stood_then(steps):
    """The reference keeps a plain picture of the groups after each step."""
    parents, merges, pictures = {}, [], [({name: {name} for name in "abcde"}, 0)]

    def top(name):
        while name in parents:
            name = parents[name]
        return name

    for at, (part, whole, is_undone) in enumerate(steps, 1):
        if is_undone:
            if part in parents:
                del parents[part]
                index = next(i for i, one in enumerate(merges) if one.stream == part and one.until is None)
                merges[index] = Merge(part, merges[index].into, merges[index].since, at)
        elif part not in parents and top(whole) != part:
            parents[part] = top(whole)
            merges.append(Merge(part, parents[part], at))
        groups = {}
        for name in "abcde":
            groups.setdefault(top(name), set()).add(name)
        pictures.append((groups, at))
    for groups, at in pictures:
        for root, group in groups.items():
            assert set(streams_below(root, merges, at)) == group
            assert {root_of(name, merges, at) for name in group} == {root}
    final, _ = pictures[-1]
    assert {root: set(streams_below(root, merges)) for root in final} == final
