"""What a key looks like, what is kept of it, and how every process learns of changes."""

from __future__ import annotations

import asyncio
import contextlib
import re

import pytest
from pymongo.errors import PyMongoError

from domain.errors import Conflict, Invalid
from domain.instant import HOUR
from engine.access.keys import keyring as keyring_module
from engine.access.keys.key import SCOPES
from engine.access.keys.key_store import KeyStore
from engine.access.keys.keyring import Keyring
from engine.access.keys.origin import check_origin
from engine.access.keys.token import (
    hash_of,
    is_valid_token,
    matching_secret,
    new_key_id,
    new_token,
    parse_token,
)

AT = 1_795_348_800_000
CREDENTIAL = b"Bearer ..."


@pytest.fixture
def store(runtime):
    return runtime.access.keys


@pytest.fixture
async def keyrings(store):
    """Two processes that have just looked."""
    async with contextlib.AsyncExitStack() as stack:
        keyrings = [Keyring(store), Keyring(store)]
        for keyring in keyrings:
            await stack.enter_async_context(keyring.kept_current())
        yield keyrings


async def issue(store, at=AT, origins=()):
    return await store.add("a test", ["ingest"], origins, at)


# --- The key itself ---


def test_a_key_has_256_random_bits_and_its_own_beginning():
    key_id = new_key_id()
    texts = {new_token(key_id).text for _ in range(100)}
    assert len(texts) == 100
    for text in texts:
        assert re.fullmatch(rf"le_{key_id.removeprefix('key_')}_[0-9a-f]{{64}}", text)
        assert parse_token(text) == (key_id, hash_of(text))


def test_a_key_does_not_show_itself_in_a_log():
    token = new_token(new_key_id())
    assert token.text not in repr(token)
    assert token.hash not in repr(token)


@pytest.mark.parametrize(
    "text", ["", "le_", "x" * 84, "le_" + "0" * 16 + "_" + "g" * 64, "le_\u0661" + "0" * 80]
)
def test_what_does_not_look_like_a_key_is_none(text):
    assert parse_token(text) is None


async def test_a_key_is_valid_token_its_own_secret_alone(store):
    issued, other = await issue(store), await issue(store)
    token = parse_token(issued.token.text)
    assert is_valid_token(issued.key, token, AT)
    assert not is_valid_token(other.key, token, AT)
    assert matching_secret(None, token, AT) is None


async def test_a_wrong_secret_is_compared_as_thoroughly_as_a_right_one(store, monkeypatch):
    """The control for constant time: for any caller, hashes are compared by `compare_digest` and nothing else."""
    compared = []
    monkeypatch.setattr(
        "engine.access.keys.token.hmac.compare_digest", lambda a, b: compared.append((a, b)) or a == b
    )
    issued = await issue(store)
    wrong = parse_token(new_token(issued.key.key_id).text)
    for key in (issued.key, None):
        compared.clear()
        assert matching_secret(key, wrong, AT) is None
        assert len(compared) == 1


# --- The store ---


async def test_of_rotations_at_once_each_gives_a_key_that_works_or_is_a_conflict(store):
    key_id = (await issue(store)).key.key_id
    rotations = await asyncio.gather(
        *(store.rotate(key_id, AT, HOUR) for _ in range(4)), return_exceptions=True
    )
    done = [one for one in rotations if not isinstance(one, Conflict)]
    assert done
    key = await store.get(key_id)
    assert len(key.secrets) == 1 + len(done)
    assert all(is_valid_token(key, parse_token(one.token.text), AT) for one in done)


async def test_a_late_record_of_a_use_never_replaces_a_later_one(store):
    key_id = (await issue(store)).key.key_id
    await store.record_uses({key_id: AT + 5})
    await store.record_uses({key_id: AT + 2})
    assert (await store.get(key_id)).last_used_at == AT + 5


async def test_a_revoked_key_keeps_no_hash(store):
    key_id = (await issue(store)).key.key_id
    assert (await store.revoke(key_id, AT)).secrets == ()


# --- The keyring ---


async def test_a_key_that_was_just_made_elsewhere_is_found_at_once(store, keyrings):
    issued = await issue(store)
    token = parse_token(issued.token.text)
    for keyring in keyrings:
        assert keyring.authenticate(CREDENTIAL, token, AT) is None
        assert (await keyring.refresh_and_authenticate(CREDENTIAL, token, AT)).id == issued.key.key_id
        assert keyring.authenticate(CREDENTIAL, token, AT).id == issued.key.key_id


async def test_a_key_revoked_in_one_process_is_refused_in_all_within_seconds(store, keyrings):
    issued = await issue(store)
    token = parse_token(issued.token.text)
    for keyring in keyrings:
        assert await keyring.refresh_and_authenticate(CREDENTIAL, token, AT)
    await store.revoke(issued.key.key_id, AT)
    async with asyncio.timeout(4):
        while any(keyring.authenticate(CREDENTIAL, token, AT) for keyring in keyrings):
            await asyncio.sleep(0.02)


async def test_an_accepted_credential_is_cached_as_it_was_sent_until_the_next_read(store, keyrings):
    issued = await issue(store)
    token, keyring = parse_token(issued.token.text), keyrings[0]
    assert keyring.cached(CREDENTIAL, AT) is None
    await keyring.refresh_and_authenticate(CREDENTIAL, token, AT)
    assert keyring.cached(CREDENTIAL, AT).id == issued.key.key_id
    assert keyring.cached(CREDENTIAL + b"x", AT) is None
    await keyring.refresh()
    assert keyring.cached(CREDENTIAL, AT) is None


async def test_a_refused_credential_is_not_cached(store, keyrings):
    issued = await issue(store)
    await keyrings[0].refresh()
    wrong = parse_token(new_token(issued.key.key_id).text)
    assert await keyrings[0].refresh_and_authenticate(CREDENTIAL, wrong, AT) is None
    assert keyrings[0].cached(CREDENTIAL, AT) is None


async def test_an_old_secret_is_cached_no_longer_than_it_is_valid(store, keyrings):
    issued = await issue(store)
    await store.rotate(issued.key.key_id, AT, HOUR)
    assert await keyrings[0].refresh_and_authenticate(CREDENTIAL, parse_token(issued.token.text), AT)
    assert keyrings[0].cached(CREDENTIAL, AT + HOUR - 1)
    assert keyrings[0].cached(CREDENTIAL, AT + HOUR) is None


async def test_the_cache_of_credentials_is_bounded(store, keyrings, monkeypatch):
    monkeypatch.setattr(keyring_module, "_MAX_CACHED", 3)
    token, keyring = parse_token((await issue(store)).token.text), keyrings[0]
    await keyring.refresh()
    credentials = [b"Basic %d" % number for number in range(4)]
    for one in credentials:
        assert keyring.authenticate(one, token, AT)
    assert [bool(keyring.cached(one, AT)) for one in credentials] == [False, False, False, True]


async def test_unknown_keys_share_one_look_at_a_time_with_a_pause_between(store, keyrings, monkeypatch):
    looks = []
    active = store.active

    async def counted():
        looks.append(asyncio.get_running_loop().time())
        return await active()

    monkeypatch.setattr(store, "active", counted)
    wrong = [parse_token(new_token(new_key_id()).text) for _ in range(50)]
    await asyncio.gather(*(keyrings[0].refresh_and_authenticate(CREDENTIAL, token, AT) for token in wrong))
    await asyncio.gather(*(keyrings[0].refresh_and_authenticate(CREDENTIAL, token, AT) for token in wrong))
    assert len(looks) == 2
    assert looks[1] - looks[0] >= 0.09


async def test_a_failed_read_raises_for_all_that_wait_and_the_next_one_is_new(store, keyrings, monkeypatch):
    token = parse_token((await issue(store)).token.text)

    async def away():
        raise PyMongoError("away")

    with monkeypatch.context() as patch:
        patch.setattr(store, "active", away)
        with pytest.raises(PyMongoError):
            await keyrings[0].refresh_and_authenticate(CREDENTIAL, token, AT)
    assert await keyrings[0].refresh_and_authenticate(CREDENTIAL, token, AT)


async def test_keys_in_memory_stay_in_use_while_the_store_is_away(store, monkeypatch, caplog):
    token = parse_token((await issue(store)).token.text)
    monkeypatch.setattr(keyring_module, "_REFRESH_SECONDS", 0.01)
    keyring = Keyring(store)
    async with keyring.kept_current():
        failed = asyncio.Event()

        async def away():
            failed.set()
            raise PyMongoError("away")

        monkeypatch.setattr(store, "active", away)
        await failed.wait()
        await asyncio.sleep(0.05)
        assert keyring.authenticate(CREDENTIAL, token, AT)
    assert "those in memory stay in use" in caplog.text


async def test_the_last_uses_are_written_when_the_process_ends(store):
    issued = await issue(store)
    keyring = Keyring(store)
    async with keyring.kept_current():
        keyring.record_use(issued.key.key_id, AT + 1)
        await keyring.store_uses()
        keyring.record_use(issued.key.key_id, AT + 2)
    assert (await store.get(issued.key.key_id)).last_used_at == AT + 2


async def test_a_keyring_knows_the_origins_of_keys_that_are_in_use(store):
    keyring = Keyring(store)
    issued = await issue(store, origins=("https://a.example",))
    await keyring.refresh()
    assert keyring.allows_origin("https://a.example")
    await KeyStore.revoke(store, issued.key.key_id, AT)
    await keyring.refresh()
    assert not keyring.allows_origin("https://a.example")


# --- Origins ---


@pytest.mark.parametrize(
    "origin",
    ["https://a.example", "http://localhost:3000", "https://xn--bcher-kva.example", "http://[::1]:8080"],
)
def test_origins_as_browsers_write_them_are_taken(origin):
    check_origin(origin)


@pytest.mark.parametrize(
    "origin",
    [
        *("", "*", "null", "a.example", "https://", "https://a.example/", "https://a.example/shop"),
        *("https://A.example", "HTTPS://a.example", "https://*.example", "https://a.example:443"),
        *(
            "http://a.example:80",
            "ftp://a.example",
            "https://me@a.example",
            "https://a.example\n",
            "https://a..b",
        ),
    ],
)
def test_what_no_browser_sends_as_its_origin_is_refused(origin):
    with pytest.raises(Invalid):
        check_origin(origin)


def test_there_are_five_scopes():
    assert SCOPES == ("ingest", "read", "work", "manage", "own")


async def test_a_credential_that_blanks_make_long_opens_but_is_not_cached(store, keyrings):
    issued = await store.add("app", ("ingest",), (), AT)
    (keyring,) = keyrings[:1]
    await keyring.refresh()
    token = parse_token(issued.token.text)
    for blanks in range(200, 300):
        long = b"Bearer" + b" " * blanks + issued.token.text.encode()
        assert keyring.authenticate(long, token, AT) is not None
        assert keyring.cached(long, AT) is None
