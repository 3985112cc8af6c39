"""Token buckets in memory and in Redis, and what a process makes of them."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from domain.errors import Unavailable
from engine.access.rate_limits import limiter as limiter_module
from engine.access.rate_limits import open_rate_limits
from engine.access.rate_limits.limiter import Limiter
from engine.access.rate_limits.local_buckets import MAX_BUCKETS, LocalBuckets
from engine.access.rate_limits.policy import Lease, Policy
from engine.access.rate_limits.shared_buckets import SharedBuckets, connect_redis

SLOW = Policy("slow", rate=0.01, burst=5)
FAST = Policy("fast", rate=1000, burst=2000)
NOBODY = "redis://127.0.0.1:1/0"


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def patient(monkeypatch):
    """Redis is waited for as long as this machine takes: what a process does without it is another test."""
    monkeypatch.setattr("engine.access.rate_limits.shared_buckets._ANSWER_SECONDS", 60)


@pytest.fixture
async def redis(services, patient):
    client = connect_redis(services[1])
    yield client
    await client.aclose()


@pytest.fixture
def shared(redis):
    """Buckets that any number of processes share: `shared(policy)` twice gives the same ones."""
    namespace = f"test:{secrets.token_hex(4)}"
    return lambda policy: SharedBuckets(redis, namespace, policy)


class Counted:
    """Buckets that count how often they are asked, and that can be away."""

    def __init__(self, buckets) -> None:
        self.buckets = buckets
        self.asked = 0
        self.away = False

    async def lease(self, name: str, want: int = 1) -> Lease:
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable("Redis is away")
        return await self.buckets.lease(name, want)


async def spend(limiter, name, times):
    """How many of so many requests are let through."""
    allowed = 0
    for _ in range(times):
        if limiter.try_acquire_local(name) is not None or (await limiter.acquire(name)).allowed:
            allowed += 1
    return allowed


# --- Buckets ---


async def test_a_bucket_gives_what_it_holds_and_says_when_there_is_more(shared, time):
    local, of_all = LocalBuckets(SLOW, time), shared(SLOW)
    for leases in (
        [local.lease("a", want) for want in (2, 2, 2, 1)],
        [await of_all.lease("a", want) for want in (2, 2, 2, 1)],
    ):
        assert [one.granted for one in leases] == [2, 2, 1, 0]
        assert [round(one.left, 1) for one in leases] == [3, 1, 0, 0]
        assert leases[-1].wait == pytest.approx(100, abs=1)


async def test_each_name_has_a_bucket_of_its_own(shared, time):
    local, of_all = LocalBuckets(SLOW, time), shared(SLOW)
    assert [local.lease(name, 5).granted for name in "aab"] == [5, 0, 5]
    assert [(await of_all.lease(name, 5)).granted for name in "aab"] == [5, 0, 5]


def test_a_bucket_is_filled_by_time_and_never_above_its_brim(time):
    buckets = LocalBuckets(Policy("x", rate=2, burst=4), time)
    assert buckets.lease("a", 4).granted == 4
    time.now += 0.75
    assert buckets.lease("a", 4) == Lease(1, 0.5, 0.25)
    time.now += 1000
    assert buckets.lease("a", 99).granted == 4


async def test_a_bucket_in_redis_is_filled_by_the_clock_of_redis(shared):
    buckets = shared(Policy("x", rate=20, burst=1))
    assert (await buckets.lease("a")).granted == 1
    async with asyncio.timeout(60):
        while (refused := await buckets.lease("a")).granted:
            pass  # so much time has gone by in between
        assert 0 < refused.wait <= 0.05
        while not (await buckets.lease("a")).granted:
            await asyncio.sleep(0.005)


async def test_a_bucket_in_redis_is_forgotten_once_it_is_full_again(shared, redis):
    await shared(Policy("forgotten", rate=10, burst=20)).lease("a")
    (key,) = await redis.keys("test:*:limit:forgotten:a")
    assert 0 < await redis.pttl(key) <= 3000


def test_of_too_many_buckets_in_memory_the_one_that_was_used_longest_ago_is_forgotten(time):
    buckets = LocalBuckets(SLOW, time)
    for number in range(MAX_BUCKETS):
        buckets.lease(str(number), 5)
    buckets.lease("0")
    buckets.lease("new", 5)
    assert buckets.lease("0").granted == 0
    assert buckets.lease("1").granted == 1


async def test_redis_that_is_not_there_is_said_to_be_so():
    client = connect_redis(NOBODY)
    with pytest.raises(Unavailable):
        await SharedBuckets(client, "test", SLOW).lease("a")
    await client.aclose()


async def test_redis_that_hangs_is_given_up_on(unused_tcp_server):
    client = connect_redis(f"redis://127.0.0.1:{unused_tcp_server}/0")
    async with asyncio.timeout(60):  # it would never answer
        with pytest.raises(Unavailable):
            await SharedBuckets(client, "test", SLOW).lease("a")
    await client.aclose()


@pytest.fixture
async def unused_tcp_server():
    """The port of a server that takes connections and says nothing."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


# --- The limiter of a process ---


async def test_small_limits_are_exact_over_all_processes(shared):
    processes = [Limiter(SLOW, shared(SLOW)) for _ in range(3)]
    allowed = [(await process.acquire("a")).allowed for _ in range(4) for process in processes]
    assert allowed == [True] * 5 + [False] * 7


async def test_small_limits_are_exact_when_all_come_at_once(shared):
    limiter = Limiter(SLOW, shared(SLOW))
    spent = await asyncio.gather(*(limiter.acquire("a") for _ in range(50)))
    assert sum(one.allowed for one in spent) == 5
    refused = next(one for one in spent if not one.allowed)
    assert refused.wait == pytest.approx(100, abs=2)


async def test_many_requests_ask_redis_rarely(shared):
    buckets = Counted(shared(FAST))
    limiter = Limiter(FAST, buckets)
    assert await spend(limiter, "a", 1500) == 1500
    assert buckets.asked <= 1 + 1500 // 50


async def test_the_next_tokens_are_asked_for_while_nearly_half_of_the_last_are_in_hand(shared):
    buckets = Counted(shared(FAST))
    limiter = Limiter(FAST, buckets)
    await limiter.acquire("a")
    for _ in range(10):
        asked = buckets.asked
        while buckets.asked == asked:
            assert limiter.try_acquire_local("a") is not None
            await asyncio.sleep(0)
        in_hand = 45  # of 50 that a twentieth of a second takes
        assert None not in [limiter.try_acquire_local("a") for _ in range(in_hand)]
        while limiter.try_acquire_local("a") is not None:
            pass
        await limiter.acquire("a")  # which waits for those that were asked for


async def test_large_limits_are_kept_over_all_processes_as_precisely_as_is_said(shared):
    policy = Policy("x", rate=100, burst=200)
    processes = [Limiter(policy, shared(policy)) for _ in range(3)]
    clock = asyncio.get_running_loop()
    began = clock.time()
    allowed = sum([await spend(process, "a", 100) for _ in range(5) for process in processes])
    most = policy.burst + (clock.time() - began) * policy.rate
    held = len(processes) * 0.15 * policy.rate
    assert policy.burst - held <= allowed <= most + held


async def test_while_refused_redis_is_not_asked_again(shared, time):
    buckets = Counted(shared(SLOW))
    limiter = Limiter(SLOW, buckets, time)
    assert await spend(limiter, "a", 100) == 5
    assert buckets.asked == 6


async def test_without_redis_each_process_counts_by_itself_and_is_never_open(shared, time, caplog):
    buckets = Counted(shared(SLOW))
    buckets.away = True
    limiter = Limiter(SLOW, buckets, time)
    assert await spend(limiter, "a", 100) == 5
    assert await spend(limiter, "b", 100) == 5
    assert buckets.asked == 1
    assert "limited per process" in caplog.text
    time.now += 100
    assert await spend(limiter, "a", 100) == 1


async def test_redis_is_asked_again_every_other_second(shared, time):
    buckets = Counted(shared(SLOW))
    buckets.away = True
    limiter = Limiter(SLOW, buckets, time)
    for seconds, asked in ((0, 1), (1.9, 1), (0.2, 2)):
        time.now += seconds
        await limiter.acquire("a")
        assert buckets.asked == asked
    buckets.away = False
    time.now += 2.1
    await limiter.acquire("b")
    await limiter.acquire("b")
    assert buckets.asked == 4


async def test_a_request_that_is_given_up_takes_nothing_from_those_that_wait_with_it(shared):
    limiter = Limiter(FAST, Counted(shared(FAST)))
    first, second = asyncio.create_task(limiter.acquire("a")), asyncio.create_task(limiter.acquire("a"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).allowed
    assert first.cancelled() or first.done()


async def test_callers_that_a_process_remembers_have_a_bound(shared, monkeypatch):
    monkeypatch.setattr(limiter_module, "MAX_CALLERS", 3)
    limiter = Limiter(SLOW, shared(SLOW))
    for number in range(10):
        assert (await limiter.acquire(str(number))).allowed
    assert len(limiter._held) == 3


async def test_limits_open_and_close_whether_redis_answers_or_not(settings):
    for url in (settings.redis_url, NOBODY):
        async with open_rate_limits(settings.model_copy(update={"redis_url": url})) as limits:
            assert (await limits.key.acquire("key_1")).allowed
            assert (await limits.failures.acquire("127.0.0.1")).allowed
            limits.address._fetch("x", limits.address._add("x"))  # still under way at the end
