"""The plan of a cluster and its check, as pure functions; tests/cluster runs both on real shards."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bson import MaxKey, MinKey

from domain.errors import Invalid
from engine.schema import COLLECTIONS
from engine.store.collection import CollectionSpec, Distribution
from engine.store.sharding.check import layout_after, layout_of, problems, zones_by_lead
from engine.store.sharding.cluster import FIRST, LAST, ClusterState, CollectionState
from engine.store.sharding.layout import Range, even_layout, ranges
from engine.store.sharding.plan import move_steps, set_up_steps

SPECS = (
    CollectionSpec("log", Distribution.BY_LEAD),
    CollectionSpec("leads", Distribution.BY_LEAD),
    CollectionSpec("identities", Distribution.BY_ID),
    CollectionSpec("rules", Distribution.UNSHARDED),
)
LAYOUT = even_layout(4, ["a", "b"])


def commands(steps):
    return [step.command for step in steps]


def test_zones_come_before_keys_and_all_collections_by_lead_are_alike():
    of_log, of_leads = (
        [
            {"updateZoneKeyRange": f"db.{name}", "min": {"p": MinKey()}, "max": {"p": 2}, "zone": "a"},
            {"updateZoneKeyRange": f"db.{name}", "min": {"p": 2}, "max": {"p": MaxKey()}, "zone": "b"},
            {"shardCollection": f"db.{name}", "key": {"p": 1}},
            {"configureCollectionBalancing": f"db.{name}", "chunkSize": 512},
        ]
        for name in ("log", "leads")
    )
    assert commands(set_up_steps("db", SPECS, LAYOUT, chunk_mib=512)) == [
        {"enableSharding": "db"},
        {"addShardToZone": "a", "zone": "a"},
        {"addShardToZone": "b", "zone": "b"},
        *of_log,
        *of_leads,
        {"shardCollection": "db.identities", "key": {"_id": "hashed"}},
    ]


def zones_after(steps, zones):
    """What the zones of the collection `db.log` are once the steps were run; refuses what MongoDB refuses."""
    zones = dict(zones)
    for command in commands(steps):
        if command.get("updateZoneKeyRange") == "db.log":
            low, high = (
                -1 if isinstance(k, MinKey) else 99 if isinstance(k, MaxKey) else k
                for k in (command["min"]["p"], command["max"]["p"])
            )
            if command["zone"] is None:
                del zones[low, high]
            else:
                assert not any(low < end and first < high for first, end in zones), "overlaps"
                zones[low, high] = command["zone"]
    return zones


@pytest.mark.parametrize(
    ("partition", "target", "after"),
    [
        (0, "c", {(-1, 1): "c", (1, 2): "a", (2, 99): "b"}),
        (1, "b", {(-1, 1): "a", (1, 99): "b"}),
        (1, "c", {(-1, 1): "a", (1, 2): "c", (2, 99): "b"}),
        (3, "c", {(-1, 2): "a", (2, 3): "b", (3, 99): "c"}),
        (1, "a", {(-1, 2): "a", (2, 99): "b"}),
    ],
)
def test_a_move_replaces_the_zones_it_touches_while_the_balancer_stands_still(partition, target, after):
    new = (*LAYOUT[:partition], target, *LAYOUT[partition + 1 :])
    zones = dict.fromkeys(("log", "leads"), tuple(ranges(LAYOUT)))
    steps = move_steps("db", zones, new, (partition, target))
    assert zones_after(steps, {(-1, 2): "a", (2, 99): "b"}) == after
    names = [next(iter(command)) for command in commands(steps)]
    assert (names[0], names[-1], names.count("moveRange")) == ("balancerStop", "balancerStart", 2)


ZONES = (Range(FIRST, 2, "a"), Range(2, LAST, "b"))
BY_LEAD = CollectionState({"p": 1}, ZONES, ZONES, 1024)
RIGHT = ClusterState(
    ("a", "b"),
    {"a": frozenset("a"), "b": frozenset("b")},
    {"log": BY_LEAD, "leads": BY_LEAD, "identities": CollectionState({"_id": "hashed"})},
)


def but(**changes):
    return replace(RIGHT, collections={**RIGHT.collections, **changes})


def test_a_cluster_as_planned_has_no_problem_and_says_its_layout():
    assert problems(RIGHT, SPECS) == []
    assert layout_of(RIGHT, SPECS, 4) == LAYOUT


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (but(leads=CollectionState({"_id": 1})), ["leads is sharded by {'_id': 1}, and must be by {'p': 1}"]),
        (but(rules=CollectionState({"_id": 1})), ["rules is sharded by {'_id': 1}, and must not be sharded"]),
        (
            replace(RIGHT, collections={"log": BY_LEAD, "identities": RIGHT.collections["identities"]}),
            ["leads is not sharded, and must be by {'p': 1}"],
        ),
        (
            but(leads=replace(BY_LEAD, zones=(Range(FIRST, 2, "a"),))),
            [
                "leads has other zones than log",
                "leads has partitions in no zone",
                "leads has partition 2 on b, its",
            ],
        ),
        (
            but(leads=replace(BY_LEAD, places=(Range(FIRST, LAST, "a"),))),
            [
                "leads has partition 2 on a, log has it on b: its leads",
                "leads has partition 2 on a, its zone is b",
            ],
        ),
        (but(leads=replace(BY_LEAD, chunk_mib=None)), ["leads has chunks of the default MiB"]),
        (
            replace(RIGHT, zones={"a": frozenset("a")}),
            ["the zone b of log is of no shard", "the zone b of leads is of no shard"],
        ),
    ],
)
def test_every_way_to_part_a_lead_is_told(state, said):
    found = problems(state, SPECS)
    assert len(found) == len(said)
    assert all(problem.startswith(start) for problem, start in zip(found, said, strict=True))


def test_zones_of_another_number_of_partitions_make_no_layout():
    with pytest.raises(Invalid, match="not those of 2 partitions"):
        layout_of(RIGHT, SPECS, 2)
    with pytest.raises(Invalid, match="missing or not alike"):
        layout_of(but(leads=replace(BY_LEAD, zones=())), SPECS, 4)


@pytest.mark.parametrize(
    "cut_off_at",
    [
        (Range(FIRST, 2, "a"), Range(2, LAST, "b")),
        (Range(2, LAST, "b"),),
        (Range(FIRST, 1, "a"), Range(2, LAST, "b")),
    ],
)
def test_a_move_that_was_cut_off_is_finished_when_it_is_repeated(cut_off_at):
    done = replace(BY_LEAD, zones=(Range(FIRST, 1, "a"), Range(1, 2, "c"), Range(2, LAST, "b")))
    state = but(log=done, leads=replace(BY_LEAD, zones=cut_off_at))
    after = layout_after(state, SPECS, 4, (1, "c"))
    assert after == ("a", "c", "b", "b")
    steps = move_steps("db", {"log": zones_by_lead(state, SPECS, 4)["leads"]}, after, (1, "c"))
    before = {(one.first, min(one.end, 99)): one.shard for one in cut_off_at}
    assert zones_after(steps, before) == {(-1, 1): "a", (1, 2): "c", (2, 99): "b"}
    with pytest.raises(Invalid, match="not alike"):
        layout_of(state, SPECS, 4)
    with pytest.raises(Invalid, match="not alike"):
        layout_after(but(log=done), SPECS, 4, (3, "c"))


def test_every_collection_of_the_engine_is_in_the_plan_or_declared_unsharded():
    sharded = {
        command["shardCollection"].removeprefix("db.")
        for command in commands(set_up_steps("db", COLLECTIONS, LAYOUT))
        if "shardCollection" in command
    }
    unsharded = {spec.name for spec in COLLECTIONS if spec.distribution is Distribution.UNSHARDED}
    assert sharded ^ unsharded == {spec.name for spec in COLLECTIONS}
