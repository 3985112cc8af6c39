"""The HTTP client of the demo, with retries as a loaded engine asks for them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

import httpx
import msgspec
from msgspec import Struct

from domain.errors import Invalid, Unavailable
from workflows.capture.event_input import EventInput

__all__ = [
    "CalendarEntry",
    "DemoClient",
    "EnrolmentOfLead",
    "Member",
    "Reason",
    "Receipt",
    "ScoreBreakdown",
    "SentMessage",
    "open_http",
]

PATIENCE_SECONDS = 60.0
BUSY = (429, 503)


class _Result(Struct, frozen=True, rename="camel"):
    lead_id: str
    position: int


class Receipt(Struct, frozen=True, rename="camel"):
    """The results of some events, and the position of each."""

    accepted: int
    duplicates: int
    conflicts: int
    results: list[_Result]


class Reason(Struct, frozen=True):
    """A part of a score."""

    label: str
    points: float


class ScoreBreakdown(Struct, frozen=True, rename="camel"):
    """A lead at this moment."""

    lead_id: str
    score: float
    stage: str
    velocity: float
    risk: str
    next_action: str
    reasons: list[Reason]


class Withheld(Struct, frozen=True):
    """A reason for which a message is not sent."""

    detail: str


class SentMessage(Struct, frozen=True):
    """A message and what became of it."""

    id: str
    status: str
    reasons: list[Withheld]


class CalendarEntry(Struct, frozen=True):
    """What a sequence will do at a moment."""

    at: datetime
    does: str
    detail: str


class _Calendar(Struct, frozen=True):
    items: list[CalendarEntry]


class EnrolmentOfLead(Struct, frozen=True, rename="camel"):
    """A lead in a sequence; `ended` says why it is over."""

    enrolment_id: str
    ended: str | None


class _Enrolments(Struct, frozen=True):
    items: list[EnrolmentOfLead]


class _Activation(Struct, frozen=True):
    label: str


class _Item(Struct, frozen=True, rename="camel"):
    lead_id: str


class _Page(Struct, frozen=True):
    items: list[_Item]


class _Problem(Struct, frozen=True):
    message: str = ""
    detail: str = ""


class Member(Struct, frozen=True):
    """A person of the workspace."""

    id: str
    name: str
    email: str


class _Members(Struct, frozen=True):
    items: list[Member]


class _Invite(Struct, frozen=True):
    link: str


def open_http(url: str, key: str) -> httpx.AsyncClient:
    """A connection to the engine at a URL that shows this key. Raises `Invalid` for what is no URL."""
    shown = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        if httpx.URL(url).scheme in {"http", "https"}:
            return httpx.AsyncClient(base_url=url, headers=shown, timeout=20, trust_env=False)
    except httpx.InvalidURL:
        pass
    raise Invalid(f"'{url}' is not where an engine can be: write a URL such as http://127.0.0.1:8000")


class DemoClient:
    """An engine behind HTTP. Every call raises `Unavailable` after a minute of trying, `Invalid` when refused."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def greet(self) -> None:
        """Raise `Unavailable` at once unless an engine is there."""
        where = self._http.base_url
        try:
            answer = await self._http.get("health/live")
        except httpx.TransportError as error:
            raise Unavailable(
                f"No lead engine answers at {where}. Start one with `make up` in another terminal, "
                "or say where it is with --url."
            ) from error
        if not answer.is_success:
            raise Unavailable(f"What answers at {where} is no lead engine: say where it is with --url.")

    async def send(self, events: Sequence[EventInput]) -> Receipt:
        """Post the events. They carry ids, so that a repeat is harmless."""
        headers = {"Content-Type": "application/json"}
        raw = await self._ask("POST", "api/events", content=msgspec.json.encode(events), headers=headers)
        return msgspec.json.decode(raw, type=Receipt)

    async def wait_for(self, lead_id: str, position: int) -> None:
        """Return when the lead's events up to this position are applied."""
        await self._ask("GET", _intelligence_of(lead_id), params={"after": str(position)})

    async def best(self, limit: int) -> list[str]:
        """The leads with the highest scores as of their last events."""
        raw = await self._ask("GET", "api/leads", params={"sort": "-score", "limit": str(limit)})
        return [item.lead_id for item in msgspec.json.decode(raw, type=_Page).items]

    async def standing(self, lead_id: str) -> ScoreBreakdown:
        """The lead as it is now."""
        return msgspec.json.decode(await self._ask("GET", _intelligence_of(lead_id)), type=ScoreBreakdown)

    async def merge(self, lead_id: str, into: str, why: str) -> None:
        """Make the lead part of another one."""
        await self._post(f"{_lead(lead_id)}/merge", {"into": into, "why": why})

    async def unmerge(self, lead_id: str, why: str) -> None:
        """Undo the merge of the lead that had this id."""
        await self._post(f"{_lead(lead_id)}/unmerge", {"why": why})

    async def write(  # noqa: PLR0917 - a message
        self,
        lead_id: str,
        to: str,
        subject: str,
        text: str,
        reply_to: str | None = None,
        send_at: datetime | None = None,
    ) -> SentMessage:
        """Plan an e-mail to the lead."""
        body: dict[str, object] = {"channel": "email", "to": to, "subject": subject, "text": text}
        body |= {} if reply_to is None else {"replyTo": reply_to}
        body |= {} if send_at is None else {"sendAt": send_at}
        return msgspec.json.decode(await self._post(f"{_lead(lead_id)}/messages", body), type=SentMessage)

    async def message(self, message_id: str) -> SentMessage:
        """The message as it is now."""
        return msgspec.json.decode(await self._ask("GET", f"api/messages/{message_id}"), type=SentMessage)

    async def reply(self, lead_id: str, message_id: str | None, text: str) -> None:
        """Record a reply of the lead, to a message or to none in particular."""
        to = {} if message_id is None else {"inReplyTo": message_id}
        await self._post(f"{_lead(lead_id)}/replies", {"text": text, **to})

    async def activate(self, sequence: str) -> str:
        """Make the sequence of this text the active one of its name. Returns its label."""
        return msgspec.json.decode(
            await self._post("api/sequences/activate", {"text": sequence}), type=_Activation
        ).label

    async def enrol(self, lead_id: str, sequence: str, why: str) -> str:
        """Enrol the lead in the active version. Returns the id of the enrolment."""
        raw = await self._post(f"{_lead(lead_id)}/enrolments", {"sequence": sequence, "why": why})
        return msgspec.json.decode(raw, type=EnrolmentOfLead).enrolment_id

    async def calendar(self, lead_id: str) -> list[CalendarEntry]:
        """What the sequences of the lead will do if nothing happens meanwhile."""
        return msgspec.json.decode(await self._ask("GET", f"{_lead(lead_id)}/calendar"), type=_Calendar).items

    async def enrolment(self, lead_id: str, enrolment_id: str) -> EnrolmentOfLead:
        """An enrolment of the lead as it is now."""
        raw = await self._ask("GET", f"{_lead(lead_id)}/enrolments")
        found = msgspec.json.decode(raw, type=_Enrolments).items
        return next(one for one in found if one.enrolment_id == enrolment_id)

    async def _post(self, path: str, body: Mapping[str, object]) -> bytes:
        headers = {"Content-Type": "application/json"}
        return await self._ask("POST", path, content=msgspec.json.encode(body), headers=headers)

    async def people(self) -> list[Member]:
        """The people of the workspace, 200 at most."""
        return msgspec.json.decode(
            await self._ask("GET", "api/people", params={"limit": "200"}), type=_Members
        ).items

    async def invite(self, email: str, role: str) -> str:
        """The link of an invitation, which stands in the console."""
        raw = await self._ask("POST", "api/invites", json={"email": email, "role": role})
        return msgspec.json.decode(raw, type=_Invite).link

    async def join(self, link: str, name: str, password: str) -> None:
        """Accept an invitation as the page behind its link does; the session is not kept."""
        origin, _, token = link.partition("/console/join#")
        body = {"token": token, "name": name, "password": password}
        await self._ask("POST", "api/invites/accept", json=body, headers={"Origin": origin})
        self._http.cookies.clear()

    async def assign(self, lead_ids: Sequence[str], owner_id: str, why: str) -> None:
        """Give leads an owner, those that have this one already included."""
        body = {"leads": list(lead_ids), "assign": {"ownerId": owner_id, "why": why}}
        await self._ask("POST", "api/lead-changes", json=body)

    async def _ask(self, method: str, path: str, **said: object) -> bytes:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                answer = await self._http.request(method, path, **said)  # type: ignore[arg-type]
                if answer.is_success:
                    return answer.content
                trouble, pause = _message(answer), _retry_after(answer)
                if answer.status_code not in BUSY:
                    raise Invalid(f"The engine answered {answer.status_code} to {method} /{path}: {trouble}")
            except httpx.TransportError as error:
                trouble, pause = f"the connection failed ({error or type(error).__name__})", 1.0
            if asyncio.get_running_loop().time() + pause > deadline:
                raise Unavailable(f"The engine did not take {method} /{path} within a minute: {trouble}")
            await asyncio.sleep(pause)


def _intelligence_of(lead_id: str) -> str:
    return f"{_lead(lead_id)}/intelligence"


def _lead(lead_id: str) -> str:
    return f"api/leads/{quote(lead_id, safe='')}"


def _message(answer: httpx.Response) -> str:
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = _Problem()
    return problem.message or problem.detail or "it said no more"


def _retry_after(answer: httpx.Response) -> float:
    """Seconds to wait, as the engine asks."""
    said = answer.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 1.0
