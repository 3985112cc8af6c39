"""What became of each message, read from the stored events as docs/analytics.md says, as slowly as it is written there."""

from __future__ import annotations

import re
from datetime import timedelta

ENGINE = "lead-engine"
REPLIES = {"message.received", "email.replied", "email_reply", "linkedin_reply"}
MEETINGS = {"meeting.booked", "meeting_booked"}
OPT_OUTS = {"email.unsubscribed", "consent.withdrawn"}
RESPONSES = REPLIES | MEETINGS | OPT_OUTS | {"email.complained", "email.bounced"}
NOT_SENT = {"message.withheld": "withheld", "message.failed": "failed", "message.unknown": "unknown"}
REPORTS = {"email.delivered", "message.delivered", "email.opened", "message.read", "email.clicked"}
ABOUT = REPORTS | RESPONSES | set(NOT_SENT) | {"message.sent"}
SOFT = {"soft", "blocked", "temporary", "transient"}
MONTH = timedelta(days=30)


def message_results(documents, wins, erased=()):
    """The result of every message that stands in these stored events, by its id; not of the `erased` ones."""
    found = {}
    leads = lead_of_streams(documents)
    for lead in {leads(doc["leadId"]) for doc in documents}:
        events = [doc for doc in documents if leads(doc["leadId"]) == lead and stands(doc, documents)]
        events.sort(key=in_time)
        for plan in events:
            if plan["type"] == "message.planned" and plan["source"] == ENGINE:
                found[plan["properties"]["messageId"]] = result_of(plan, events, lead, wins)
    return {message: result for message, result in found.items() if message not in erased}


def counts(results, names, window):
    """The numbers of these results per row: what those of a row have in common under `names`; a win counts within the `window`."""
    rows = {}
    for result in results.values():
        place = tuple(result[name] for name in names)
        if all(place):
            rows.setdefault(place, []).append(result)
    return {place: numbers_of(row, window) for place, row in rows.items()}


def numbers_of(row, window):
    sent = [one for one in row if one["fate"] == "sent"]
    moments = {
        "delivered": "delivered",
        "opened": "opened",
        "clicked": "clicked",
        "replied": "replied",
        "meetings": "meeting",
        "optOuts": "opted_out",
        "complaints": "complained",
        "bounces": "bounced",
    }
    return {
        "messages": len(row),
        "sent": len(sent),
        **{fate: sum(one["fate"] == fate for one in row) for fate in ("withheld", "failed", "unknown")},
        **{name: sum(one[moment] is not None for one in row) for name, moment in moments.items()},
        "leads": len({one["lead"] for one in sent}),
        "conversions": len(
            {one["lead"] for one in sent if one["won"] and one["won"] - one["sent"] <= window}
        ),
        "withheldBy": parts_of(row, "reasons"),
        "repliedBy": parts_of(row, "intents"),
    }


def parts_of(row, name):
    found = [part for one in row for part in one[name]]
    return {part: found.count(part) for part in found}


def in_time(doc):
    return min(doc["occurredAt"], doc["receivedAt"]), doc["receivedAt"], doc["_id"]


def stands(doc, documents):
    """Neither discarded, nor retracted by a retraction that counts."""
    return "discarded" not in doc and not any(
        other["type"] == "event.retracted"
        and other["source"] == ENGINE
        and other["leadId"] == doc["leadId"]
        and other["properties"]["position"] == doc["_id"]
        and stands(other, documents)
        for other in documents
    )


def lead_of_streams(documents):
    parents = {}
    for doc in sorted(documents, key=lambda one: one["_id"]):
        if doc["source"] == ENGINE and doc["type"] == "lead.merged":
            parents[doc["leadId"]] = doc["properties"]["into"]
        elif doc["source"] == ENGINE and doc["type"] == "lead.unmerged":
            parents.pop(doc["leadId"])

    def lead_of(stream):
        while stream in parents:
            stream = parents[stream]
        return stream

    return lead_of


def result_of(plan, events, lead, wins):
    said = plan["properties"]
    mine = [one for one in events if one["type"] in ABOUT and message_of(one, events) == said["messageId"]]
    sent = sent_at(said["messageId"], events)
    not_sent = [one for one in mine if one["type"] in NOT_SENT and one["source"] == ENGINE]
    replies = [one for one in mine if one["type"] in REPLIES and not by_machine(one)]
    intents = {intent_of(reply, events) for reply in replies}
    fate = NOT_SENT[not_sent[-1]["type"]] if not_sent else "planned"
    at = in_time(not_sent[-1] if not_sent else plan)[0]
    reasons = not_sent[-1]["properties"].get("reasons", []) if not_sent and not sent else []
    owners = [one["properties"].get("ownerId") for one in events if one["type"] == "lead.assigned"]
    won = [in_time(one)[0] for one in events if one["type"] in wins and one["source"] != ENGINE]
    return {
        **place_of(plan, events),
        "lead": lead,
        "owner": owners[-1] if owners else None,
        "channel": said["channel"],
        "fate": "sent" if sent else fate,
        "at": sent or at,
        "reasons": sorted({one["code"] for one in reasons}),
        "sent": sent,
        "delivered": first(mine, lambda one: one["type"] in {"email.delivered", "message.delivered"}),
        "opened": first(mine, lambda one: one["type"] in {"email.opened", "message.read"}),
        "clicked": first(mine, lambda one: one["type"] == "email.clicked"),
        "replied": first(replies, lambda _: True),
        "intents": sorted(intents),
        "meeting": first(mine, lambda one: one["type"] in MEETINGS and not one["properties"].get("rescheduled")),
        "opted_out": min(
            (
                in_time(one)[0]
                for one in mine
                if one["type"] in OPT_OUTS or (one in replies and intent_of(one, events) == "unsubscribe")
            ),
            default=None,
        ),
        "complained": first(mine, lambda one: one["type"] == "email.complained"),
        "bounced": min((in_time(one)[0] for one in mine if is_bounce(one)), default=None),
        "won": min((at for at in won if sent and at >= sent), default=None),
    }  # fmt: skip


def message_of(event, events):
    """The message that an event is about: one that it names, else the latest one sent before a response."""
    plans = {
        one["properties"]["messageId"]: one
        for one in events
        if one["type"] == "message.planned" and one["source"] == ENGINE
    }
    names = names_in(event)
    if names:
        return next((name for name in names if name in plans), None)
    if event["type"] not in RESPONSES:
        return None
    at, channel, best = in_time(event)[0], channel_of(event), None
    for message, plan in plans.items():
        sent = sent_at(message, events)
        fits = channel in {None, plan["properties"]["channel"]}
        if sent and fits and sent <= at:
            best = max(best or (sent, message), (sent, message))
    return best[1] if best and at - best[0] <= MONTH else None


def sent_at(message, events):
    naming = [
        one
        for one in events
        if one["type"] in ABOUT
        and not (one["type"] in NOT_SENT and one["source"] == ENGINE)
        and next((name for name in names_in(one) if is_planned(name, events)), None) == message
    ]
    said = [one for one in naming if one["type"] == "message.sent"]
    return min((in_time(one)[0] for one in said or naming), default=None)


def is_planned(message, events):
    return any(
        one["type"] == "message.planned"
        and one["source"] == ENGINE
        and one["properties"]["messageId"] == message
        for one in events
    )


def names_in(event):
    said = event["properties"]
    texts = [said.get("messageId"), said.get("replyToken"), said.get("inReplyTo")]
    texts += reversed(said.get("references") or [])
    found = []
    for text in [*texts, said.get("providerId")]:
        if isinstance(text, str) and re.fullmatch(r"msg_[0-9a-f]{32}", text):
            found.append(text)
        elif isinstance(text, str) and (mail := re.fullmatch(r"<?msg\.([0-9a-f]{32})@\S+?>?", text.strip())):
            found.append(f"msg_{mail[1]}")
    return found


def channel_of(event):
    channel = event["properties"].get("channel")
    if channel and channel != "all":
        return channel
    for name in ("email", "linkedin"):
        if event["type"].startswith((f"{name}.", f"{name}_")):
            return name
    return None


def place_of(plan, events):
    steps = [
        one["properties"]
        for one in events
        if one["type"] == "sequence.step_done"
        and one["source"] == ENGINE
        and one["properties"].get("messageId") == plan["properties"]["messageId"]
    ]
    enrolments = [
        one["properties"]
        for one in events
        if one["type"] == "sequence.enrolled"
        and one["source"] == ENGINE
        and plan["properties"].get("sender") == f"sequence:{one['properties']['enrolmentId']}"
    ]
    step, enrolment = (steps or [{}])[-1], (enrolments or [{}])[-1]
    label = step.get("sequence") or enrolment.get("sequence") or ""
    name, _, version = label.rpartition("@")
    return {
        "sequence": name,
        "version": int(version or 0),
        "step": step.get("step", ""),
        "variant": step.get("variant", ""),
        "campaign": plan["properties"].get("campaign") or enrolment.get("campaign") or "",
    }


def intent_of(reply, events):
    read = [
        one["properties"]["intent"]
        for one in events
        if one["type"] == "reply.classified"
        and one["source"] == ENGINE
        and one["properties"]["replyId"] == reply["eventId"]
    ]
    return read[-1] if read else "unread"


def by_machine(event):
    reason = event["properties"].get("automated")
    return reason is True or (isinstance(reason, str) and reason != "")


def is_bounce(event):
    if event["type"] == "message.failed":
        return event["source"] != ENGINE
    said = event["properties"]
    return event["type"] == "email.bounced" and not SOFT & {said.get("type"), said.get("severity")}


def first(events, passes):
    return min((in_time(one)[0] for one in events if passes(one) and not by_machine(one)), default=None)
