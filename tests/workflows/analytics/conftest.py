"""Words of tests about the results of messages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.events.event import ENGINE_SOURCE, NewEvent
from domain.instant import HOUR, to_datetime
from engine.outreach.message import Author
from tests.reference.calculation.message_results import message_results
from workflows.analytics.wins import win_types
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.outreach.plan import NewMessage, plan_message
from workflows.privacy.encrypt import append_sealed

ME = Author("person", "person_1")
MOMENTS = (
    "sent",
    "delivered",
    "opened",
    "clicked",
    "replied",
    "meeting",
    "opted_out",
    "complained",
    "bounced",
    "won",
)


class Leads:
    """What happens to leads, said in one line each."""

    def __init__(self, runtime, name="engine"):
        self.runtime, self.name, self.number = runtime, name, 0

    async def hears(self, lead, type_, hours_ago=0.0, event_id=None, **properties):
        """Somebody reports an event of the lead; its id."""
        at = to_datetime(self.runtime.now()) - timedelta(hours=hours_ago)
        event = EventInput(lead_id=lead, type=type_, event_id=event_id, occurred_at=at, properties=properties)
        (stored,) = await ingest(self.runtime, [event])
        return stored.event_id

    async def says(self, lead, type_, hours_ago=0.0, **properties):
        """The engine appends an event of the lead."""
        self.number += 1
        at = self.runtime.now()
        event = NewEvent(
            event_id=f"{self.name}-{self.number}",
            lead_id=lead,
            type=type_,
            occurred_at=at - round(hours_ago * HOUR),
            received_at=at,
            body_hash=str(self.number),
            source=ENGINE_SOURCE,
            properties=properties,
        )
        await append_sealed(self.runtime, [event])
        return event.event_id

    async def plans(self, lead, *, author=ME, channel="email"):
        """A message to the lead is planned; its id."""
        to = {"email": "ada@example.com", "whatsapp": "+16502530000"}[channel]
        message, _ = await plan_message(
            self.runtime, author, lead, NewMessage(channel=channel, to=to, text="Hello"), None
        )
        return message.unit_id

    async def writes_to(self, lead, hours_ago=1.0, step=None, **more):
        """A message goes out to the lead, of a step of a sequence such as `welcome@1/1/short`; its id."""
        message = await self.plans(lead, **more)
        await self.says(lead, "message.sent", hours_ago, messageId=message)
        if step is not None:
            sequence, key, variant = step.split("/")
            said = {"sequence": sequence, "step": key, "does": "send", "messageId": message}
            await self.says(
                lead, "sequence.step_done", hours_ago, **said, **({"variant": variant} if variant else {})
            )
        return message


@pytest.fixture
def leads(runtime):
    return Leads(runtime)


async def by_the_log(runtime, erased=()):
    """The results of all messages, by an outside reader of the stored events."""
    documents = [doc async for doc in runtime.store.database["events"].find().sort("_id", 1)]
    return message_results(documents, win_types(runtime), erased)


async def by_the_store(runtime):
    """The stored results, as the outside reader names things."""
    found = {}
    async for doc in runtime.store.database["messageResults"].find():
        found[doc["_id"]] = {
            "sequence": doc.get("sequence", ""),
            "version": doc.get("version", 0),
            "step": doc.get("step", ""),
            "variant": doc.get("variant", ""),
            "campaign": doc.get("campaign", ""),
            "lead": doc["leadId"],
            "owner": doc.get("ownerId"),
            "channel": doc["channel"],
            "fate": doc["fate"],
            "at": doc["at"],
            "reasons": doc.get("reasons", []),
            "intents": doc.get("intents", []),
            **{name: doc.get(f"{_camel(name)}At") for name in MOMENTS},
        }
    return found


def _camel(name):
    return "optedOut" if name == "opted_out" else name
