"""Eight people with a name and months of history, for the demo: those whom a rep finds in the console. Pure.

Names, companies, addresses and numbers are invented: domains and numbers are those reserved for examples.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from domain.events.event import Json
from domain.events.vocabulary import CALL_ATTEMPTED, LEAD_UPDATED
from domain.outreach.vocabulary import EMAIL_CLICKED, EMAIL_OPENED, EMAIL_UNSUBSCRIBED, MESSAGE_RECEIVED
from scripts.demo.simulated_week import SOURCE
from workflows.capture.event_input import EventInput

__all__ = ["ANSWER", "CONTACTS", "Contact", "answer_of", "simulate_contacts"]


class Contact(Struct, frozen=True):
    """A person and what happened to it: `plot` has days before midnight, the type of an event, and its properties."""

    lead_id: str
    name: str
    company: str
    email: str
    phone: str
    zone: str
    plot: tuple[tuple[float, str, dict[str, Json]], ...]


def _page(page: str) -> dict[str, Json]:
    return {"page": page}


def _mail(text: str, subject: str = "Your trial") -> dict[str, Json]:
    return {"channel": "email", "messageSubject": subject, "messageBody": text}


_PRICING = _page("/pricing")

CONTACTS = (
    Contact(
        "nora-lindqvist",
        "Nora Lindqvist",
        "Fjord Logistics",
        "nora.lindqvist@fjord.example",
        "+44 20 7946 0112",
        "Europe/Stockholm",
        (
            (148, "page.viewed", _page("/blog/lead-scoring")),
            (147.9, EMAIL_OPENED, {"campaign": "newsletter"}),
            (131, "content.downloaded", {"file": "buyers-guide.pdf"}),
            (96, "page.viewed", _page("/customers")),
            (95.98, "page.viewed", _PRICING),
            (74, "trial.started", {"plan": "trial"}),
            (73, "product.used", {}),
            (70, "product.used", {}),
            (61, "call.held", {"outcome": "connected", "minutes": 14}),
            (33, EMAIL_OPENED, {"campaign": "case-study"}),
            (12, "page.viewed", _PRICING),
            (11.9, "page.viewed", _page("/integrations")),
            (3.2, "demo_request", {"seats": "51-200"}),
            (1.1, "page.viewed", _PRICING),
        ),
    ),
    Contact(
        "tomas-herrera",
        "Tomás Herrera",
        "Herrera Ceramics",
        "tomas@herrera.example",
        "+44 20 7946 0165",
        "Europe/Madrid",
        (
            (63, "page.viewed", _page("/")),
            (62, "form.submitted", {"form": "contact"}),
            (60, CALL_ATTEMPTED, {"outcome": "voicemail"}),
            (40, EMAIL_CLICKED, {"campaign": "webinar"}),
            (21, "content.downloaded", {"file": "roi-calculator.xlsx"}),
            (6, "page.viewed", _PRICING),
            (0.9, MESSAGE_RECEIVED, _mail("Can we start with five seats and add more in spring?", "Seats")),
        ),
    ),
    Contact(
        "grace-adeyemi",
        "Grace Adeyemi",
        "Lagoon Health",
        "grace.adeyemi@lagoon.example",
        "+44 20 7946 0188",
        "Africa/Lagos",
        (
            (110, "trial.started", {"plan": "trial"}),
            (109, "product.used", {}),
            (107, "product.used", {}),
            (104, "product.used", {}),
            (90, "meeting.booked", {}),
            (
                58,
                MESSAGE_RECEIVED,
                _mail("We need the data to stay in our own data centre. Is that possible?"),
            ),
            (57.8, "rep_reply", {"channel": "email"}),
            (29, "product.used", {}),
            (14, "product.used", {}),
            (2.4, "product.used", {}),
            (2.3, "page.viewed", _PRICING),
        ),
    ),
    Contact(
        "jonas-weber",
        "Jonas Weber",
        "Weber & Söhne",
        "j.weber@weber-soehne.example",
        "+44 20 7946 0131",
        "Europe/Berlin",
        (
            (85, EMAIL_OPENED, {"campaign": "welcome"}),
            (84, EMAIL_CLICKED, {"campaign": "welcome"}),
            (50, "demo_request", {"seats": "11-50"}),
            (48, "call.held", {"outcome": "connected", "minutes": 22}),
            (20, CALL_ATTEMPTED, {"outcome": "no-answer"}),
            (9, EMAIL_OPENED, {"campaign": "case-study"}),
        ),
    ),
    Contact(
        "mei-tanaka",
        "Mei Tanaka",
        "Tanaka Robotics",
        "mei@tanaka.example",
        "+44 20 7946 0173",
        "Asia/Tokyo",
        (
            (26, "page.viewed", _page("/docs")),
            (25.9, "page.viewed", _page("/integrations")),
            (19, "trial.started", {"plan": "trial"}),
            (18, "product.used", {}),
            (10, "product.used", {}),
            (0.2, "product.used", {}),
            (0.19, "demo_request", {"seats": "200+"}),
        ),
    ),
    Contact(
        "paul-marchand",
        "Paul Marchand",
        "Atelier Marchand",
        "paul@marchand.example",
        "+44 20 7946 0154",
        "Europe/Paris",
        (
            (140, "form.submitted", {"form": "newsletter"}),
            (100, EMAIL_OPENED, {"campaign": "newsletter"}),
            (66, EMAIL_OPENED, {"campaign": "newsletter"}),
            (31, EMAIL_UNSUBSCRIBED, {}),
        ),
    ),
    Contact(
        "aisha-rahman",
        "Aisha Rahman",
        "Delta Mills",
        "aisha.rahman@delta.example",
        "+44 20 7946 0196",
        "Asia/Dhaka",
        (
            (122, "demo_request", {"seats": "51-200"}),
            (120, "call.held", {"outcome": "connected", "minutes": 31}),
            (98, "meeting.booked", {}),
            (77, "deal.won", {"value": 18400}),
        ),
    ),
    Contact(
        "liam-okonkwo",
        "Liam Okonkwo",
        "Harbour Studio",
        "liam@harbour.example",
        "+44 20 7946 0127",
        "America/New_York",
        (
            (45, "page.viewed", _page("/features")),
            (44, "content.downloaded", {"file": "architecture.pdf"}),
            (16, EMAIL_CLICKED, {"campaign": "case-study"}),
            (4, "page.viewed", _PRICING),
            (1.6, "chat.started", {}),
        ),
    ),
)

ANSWER = (
    "Yes, Thursday at ten suits us. Two of my colleagues will join; please send the invitation to all three."
)
"""What the first contact writes while somebody looks."""


def simulate_contacts(until: datetime) -> list[EventInput]:
    """The events of all contacts up to the midnight (UTC) before `until`, oldest first.

    Their ids name the day: sent twice on one day they are repeats.
    """
    until = until.astimezone(UTC).replace(microsecond=0)
    events = [event for contact in CONTACTS for event in _history(contact, until)]
    return sorted(events, key=lambda event: (event.occurred_at, event.event_id))


def answer_of(until: datetime) -> EventInput:
    """The reply of the first contact, at the moment it is sent."""
    return EventInput(
        lead_id=CONTACTS[0].lead_id,
        type=MESSAGE_RECEIVED,
        event_id=f"demo:answer:{until.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        properties=_mail(ANSWER, "Re: Your demo"),
        source=SOURCE,
    )


def _history(contact: Contact, until: datetime) -> list[EventInput]:
    facts: dict[str, Json] = {
        "name": contact.name,
        "company": contact.company,
        "email": contact.email,
        "phone": contact.phone,
        "timezone": contact.zone,
    }
    midnight = until.replace(hour=0, minute=0, second=0)
    first = contact.plot[0][0]
    plot = ((first, LEAD_UPDATED, facts), *contact.plot)
    return [
        EventInput(
            lead_id=contact.lead_id,
            type=kind,
            event_id=f"demo:{until:%Y%m%d}:{contact.lead_id}:{number}",
            occurred_at=midnight - timedelta(days=days),
            properties=properties,
            source=SOURCE,
        )
        for number, (days, kind, properties) in enumerate(plot)
    ]
