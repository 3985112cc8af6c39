"""`lead-engine shard`: the plan without a cluster, and clear words where there is none; tests/cluster has one."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from domain.errors import Invalid
from scripts.cli.operations.shard import _apply, _check, shard


def run(*arguments):
    return CliRunner().invoke(shard, arguments)


def test_a_plan_is_printed_for_mongosh():
    lines = run("plan", "--partitions", "4", "--shard", "a", "--shard", "b").output.splitlines()
    assert lines[:2] == ["// partitions 0 to 1 on a", "// partitions 2 to 3 on b"]
    assert (
        'db.adminCommand({"updateZoneKeyRange": "lead_engine.leads", "min": {"p": MinKey()}, "max": {"p": 2}, "zone": "a"})'
        in lines
    )
    assert 'db.adminCommand({"shardCollection": "lead_engine.identities", "key": {"_id": "hashed"}})' in lines


def test_moves_to_later_shards_are_printed_as_commands():
    then = ("--then", "a", "--then", "b", "--then", "c")
    result = run("plan", "--partitions", "8", "--shard", "a", "--shard", "b", *then)
    assert result.stdout.splitlines() == [
        "lead-engine shard move --partitions 8 3 c",
        "lead-engine shard move --partitions 8 7 c",
    ]
    assert "2 of 8 partitions move." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--shard", "a", "--shard", "a"), "shard: a is named twice."),
        (("--partitions", "2", "--shard", "a", "--shard", "b", "--shard", "c"), "not enough for 3 shards"),
        (("--partitions", "1", "--shard", "a"), "1 is not in the range 2<=x<=256"),
        ((), "Missing option '--shard'"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_the_reason(arguments, said):
    result = run("plan", *arguments)
    assert result.exit_code != 0
    assert said in result.stderr


async def test_a_replica_set_is_no_cluster(settings):
    with pytest.raises(Invalid, match="leads to no router"):
        await _check(settings, 1024)
    with pytest.raises(Invalid, match="leads to no router"):
        await _apply(settings, 256, 1024, ())
