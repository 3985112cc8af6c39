"""The contract of channel adapters: what docs/channels.md promises holds of every one that ships."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

from engine.outreach import channels
from engine.outreach.channels.channel import Accepted, Channel, Rejected, Retry, Unknown
from tests.engine.outreach.adapters import ADAPTERS, MESSAGE_ID, SITUATIONS, letter_to

HELD_BACK = "held back"


class HandOver:
    """Counts its calls and what had arrived before; raises if it is `stopped`."""

    def __init__(self, adapter, *, stopped=False):
        self.adapter, self.stopped, self.arrived_before = adapter, stopped, []

    async def __call__(self):
        self.arrived_before.append(len(self.adapter.references()))
        if self.stopped:
            raise InterruptedError(HELD_BACK)


@pytest.fixture
async def adapter(request, tmp_path):
    name = request.param
    async with ADAPTERS[name](tmp_path) as opened:
        yield opened
        await opened.channel.close()
        if opened.absent is not None:
            await opened.absent.close()


every_adapter = pytest.mark.parametrize("adapter", ADAPTERS, indirect=True)


def that_can(situation):
    """The adapters that can meet a situation."""
    names = [name for name, known in SITUATIONS.items() if situation in known]
    return pytest.mark.parametrize("adapter", names, indirect=True)


def test_every_adapter_that_ships_has_a_row():
    modules = [importlib.import_module(f"{channels.__name__}.{one.name}") for one in _modules()]
    classes = {one for module in modules for _, one in inspect.getmembers(module, inspect.isclass)}
    shipped = {one.name for one in classes if one is not Channel and hasattr(one, "recipient_fault")}
    assert shipped == {name.partition(" ")[0] for name in ADAPTERS}
    assert SITUATIONS.keys() == ADAPTERS.keys()


def _modules():
    return pkgutil.iter_modules(channels.__path__)


@every_adapter
async def test_a_message_is_taken_under_its_own_id_and_not_before_the_hand_over(adapter):
    hand_over = HandOver(adapter)
    sent = await adapter.channel.send(letter_to(adapter.to), hand_over)
    assert isinstance(sent, Accepted)
    assert sent.provider_id
    assert hand_over.arrived_before == [0]
    assert adapter.references() == [MESSAGE_ID]


@every_adapter
async def test_what_the_hand_over_raises_passes_and_nothing_goes_out(adapter):
    with pytest.raises(InterruptedError, match=HELD_BACK):
        await adapter.channel.send(letter_to(adapter.to), HandOver(adapter, stopped=True))
    assert adapter.references() == []
    assert isinstance(await adapter.channel.send(letter_to(adapter.to), HandOver(adapter)), Accepted)
    assert adapter.references() == [MESSAGE_ID]


@every_adapter
async def test_the_same_message_is_given_under_the_same_id_in_every_attempt(adapter):
    for _ in range(2):
        assert isinstance(await adapter.channel.send(letter_to(adapter.to), HandOver(adapter)), Accepted)
    assert adapter.references() == [MESSAGE_ID] * (1 if adapter.is_once else 2)


@every_adapter
async def test_two_messages_are_two(adapter):
    ids = [MESSAGE_ID, "msg_" + "2" * 32]
    for one in ids:
        await adapter.channel.send(letter_to(adapter.to, one), HandOver(adapter))
    assert sorted(adapter.references()) == ids


@that_can("refuses now")
async def test_a_message_that_is_refused_for_now_did_not_go_out_and_may_later(adapter):
    adapter.put["refuses now"]()
    hand_over = HandOver(adapter)
    sent = await adapter.channel.send(letter_to(adapter.to), hand_over)
    assert isinstance(sent, Retry)
    assert sent.reason
    assert len(hand_over.arrived_before) <= 1
    assert adapter.references() == []


@that_can("refuses for good")
async def test_a_message_that_is_refused_for_good_is_dead_and_its_recipient_is_not_suppressed(adapter):
    adapter.put["refuses for good"]()
    sent = await adapter.channel.send(letter_to(adapter.to), HandOver(adapter))
    assert isinstance(sent, Rejected)
    assert sent.reason
    assert not sent.suppress
    assert adapter.references() == []


@that_can("has no such recipient")
async def test_a_recipient_that_does_not_exist_is_suppressed(adapter):
    adapter.put["has no such recipient"]()
    sent = await adapter.channel.send(letter_to(adapter.to), HandOver(adapter))
    assert isinstance(sent, Rejected)
    assert sent.suppress
    assert adapter.references() == []


@that_can("is silent")
async def test_a_message_that_was_given_away_and_not_answered_is_in_question(adapter):
    adapter.put["is silent"]()
    hand_over = HandOver(adapter)
    sent = await adapter.channel.send(letter_to(adapter.to), hand_over)
    assert isinstance(sent, Unknown)
    assert sent.reason
    assert len(hand_over.arrived_before) == 1
    assert len(adapter.references()) == 1


@that_can("is not there")
async def test_nobody_on_the_other_side_took_nothing_and_pauses_the_channel(adapter):
    sent = await adapter.absent.send(letter_to(adapter.to), HandOver(adapter))
    assert isinstance(sent, Retry)
    assert sent.pauses_channel


@every_adapter
async def test_the_next_message_goes_out_whatever_became_of_the_last(adapter):
    for name, put in adapter.put.items():
        if name == "is silent" or adapter.is_once:
            continue
        put()
        await adapter.channel.send(letter_to(adapter.to), HandOver(adapter))
    assert isinstance(await adapter.channel.send(letter_to(adapter.to), HandOver(adapter)), Accepted)


@every_adapter
async def test_addresses_of_the_channel_pass_and_others_are_refused_in_words(adapter):
    assert adapter.channel.recipient_fault(adapter.to) is None
    for wrong in adapter.wrong:
        fault = adapter.channel.recipient_fault(wrong)
        assert fault is not None, wrong
        assert fault.startswith("is not "), wrong


@every_adapter
async def test_it_is_closed_as_often_as_one_likes(adapter):
    await adapter.channel.close()
    await adapter.channel.close()
