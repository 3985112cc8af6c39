"""Opt-outs by reply: what a lead wrote counts for its contact state like an unsubscription, until contact is allowed again."""

from __future__ import annotations

import pytest

from domain.decisions.contact import ContactSection, ContactState
from domain.events.event import ENGINE_SOURCE
from domain.replies.opt_out import find_opt_outs
from domain.replies.opt_out_scope import opt_out_scope
from domain.replies.sentences import sentences

DAY = 86_400_000
START = 20_000 * DAY
RULES = ContactSection.model_validate(
    {
        "suppresses": "unsubscribed",
        "releases": "resubscribed",
        "channels": {"email": {"releases": "email.allowed", "attribute": "doNotEmail"}},
    }
).compile()
NO = {"intent": "unsubscribe"}


@pytest.fixture
def after(event):
    def make(*facts):
        state = ContactState()
        for later, (type_, properties, source) in enumerate(facts):
            state = RULES.evolve(state, event(type_, START + later, properties=properties, source=source))
        return state

    return make


def read(**properties):
    return "reply.classified", {**NO, **properties}, ENGINE_SOURCE


def said(type_, **properties):
    return type_, properties, "web"


@pytest.mark.parametrize(
    ("facts", "suppressed", "closed"),
    [
        ([read()], True, ()),
        ([read(channels=[])], True, ()),
        ([read(channels=["call"])], False, ("call",)),
        ([read(channels=["email"]), read()], True, ("email",)),
        ([read(intent="interested")], False, ()),
        ([read(suspected=True)], False, ()),
        ([read(intent="interested", suspectedOptOut=0.9)], False, ()),
        ([read(suspected=False)], True, ()),
        ([("reply.classified", NO, "web")], False, ()),  # a sender says so: nothing was read
        ([read(), said("resubscribed")], False, ()),
        ([said("resubscribed"), read()], True, ()),
        ([read(channels=["email"]), said("resubscribed")], False, ()),
        ([read(channels=["email"]), said("email.allowed")], False, ()),
        ([read(), said("email.allowed")], True, ()),
        (
            [read(channels=["email"]), said("lead.updated", doNotEmail=True), said("resubscribed")],
            False,
            ("email",),
        ),
    ],
)
def test_an_opt_out_holds_until_contact_is_allowed_again(after, facts, suppressed, closed):
    state = after(*facts)
    assert (state.suppressed, state.closed_channels) == (suppressed, closed)


def test_the_order_of_arrival_makes_no_difference(event):
    no = event("reply.classified", START + 1, properties=NO, source=ENGINE_SOURCE)
    earlier = event("reply.classified", START, properties=NO, source=ENGINE_SOURCE)
    first = RULES.evolve(RULES.evolve(ContactState(), no), earlier)
    assert first == RULES.evolve(RULES.evolve(ContactState(), earlier), no)


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        ("Stop emailing me. You can call me on Mondays.", ("email",)),
        ("No more e-mails please. WhatsApp is fine.", ("email",)),
        ("Please stop calling me! E-mail is fine.", ("call",)),
        ("Bitte keine weiteren E-Mails mehr. Telefonisch bin ich gerne erreichbar.", ("email",)),
        ("Ne m'envoyez plus de mails. Vous pouvez m'appeler.", ("email",)),
        ("No me envíen más correos. Mejor por WhatsApp.", ("email",)),
        # in doubt everything
        ("Stop emailing me.", ()),
        ("Stop emailing me and take me off your list. Calls are fine.", ("email",)),
        ("Stop emailing me. Do not call me either.", ()),
        ("Leave me alone. You can call my lawyer.", ()),
        ("Stop emailing me. Never contact me again. WhatsApp is fine.", ()),
        ("Stop emailing me. I prefer email from people I know, not you.", ()),
        ("No more mails or calls. E-mail is fine.", ()),
    ],
)
def test_one_channel_is_closed_alone_only_if_another_is_welcome(text, channels):
    found = list(sentences(text))
    refusals = find_opt_outs(found)
    assert refusals
    assert opt_out_scope(refusals, [one for one in found if one not in refusals]) == channels
