"""Random leads: their events at moments of their own, as a strategy of Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.reference.calculation import Fact
from tests.reference.calculation.facts import DAY, ENGINE, HOUR, MINUTE

START = 20_650 * DAY + 7 * HOUR  # 2026-07-16T07:00Z, a Thursday

SCORED = (
    *("page_view", "page.viewed", "download", "content.downloaded", "form_submitted", "chat", "email_open"),
    *("email_clicked", "email_bounced", "unsubscribed", "email.complained", "signup", "product_login"),
    *("demo_request", "email_reply", "phone_call", "meeting_booked", "call_unanswered", "deal.lost"),
)
WARM = ("demo_request", "signup", "form_submitted", "meeting_booked", "page_view", "download")
OTHERS = ("webinar.attended", "resubscribed", "do_not_contact", "rep_reply", "email.sent", "sms_sent")
ENDING = ("deal.won", "deal.lost", "lead.disqualified", "deal.reopened", "lead.reopened")
SAYING = ("lead.updated", "lead.updated", "stage.set", "stage.cleared", "tag.added", "tag.removed")
OF_THE_ENGINE = ("score.decayed", "task.created", "reply.classified", "reply.judged")
TYPES = SCORED + WARM + OTHERS + ENDING + SAYING + OF_THE_ENGINE
NEGATIVE = ("email_bounced", "unsubscribed", "email.complained", "call_unanswered", "deal.lost")
"""Types whose points are negative: as they fade, a score may rise."""

VALUES = {
    "companySize": (9, 10, 49, "50", 1000, " 1000.00 ", "0250", 5001, None, "many"),
    "seniority": ("VP", "manager", "intern", None),
    "leadSource": ("Reference", "Google", "elsewhere", None),
    "occupation": ("Working Professional", "student", None),
    "doNotEmail": (True, False, "Yes", 1, "1.0", "on", "no", None),
    "doNotCall": (True, "yes", False, "No", None),
    "secondsOnSite": (59, "60", 300, "900.5", None),
}
STAGES = ("cold", "warm", "hot", "qualified", "no-such-stage")
GAPS = (
    *(1, MINUTE, 29 * MINUTE, 30 * MINUTE, 30 * MINUTE + 1, HOUR, 7 * HOUR, DAY - 1, DAY, DAY + 1),
    *(3 * DAY, 3 * DAY + 1, 7 * DAY, 7 * DAY + 1, 8 * DAY, 14 * DAY, 29 * DAY, 30 * DAY, 61 * DAY),
)


_READINGS = st.fixed_dictionaries(
    {
        "intent": st.sampled_from(("unsubscribe", "unsubscribe", "interested", "not_now", "bounce")),
        "confidence": st.sampled_from((0.4, 0.5, 1.0)),
        "automatic": st.booleans(),
    },
    optional={
        "channels": st.sampled_from((["call"], ["email"], ["call", "email"], [])),
        "suspected": st.booleans(),
        "suspectedOptOut": st.just(0.25),
    },
)


@st.composite
def leads(draw, *, types=TYPES, most=60):
    """The facts of a lead in order of time, each received as it occurred; no two of one millisecond."""
    gaps = st.sampled_from(GAPS) | st.integers(1, 20 * DAY) | st.integers(1, 3 * HOUR)
    at, facts = START, []
    for position in range(1, draw(st.integers(1, most)) + 1):
        at += draw(gaps)
        name = draw(st.sampled_from(types))
        source = ENGINE if name in OF_THE_ENGINE else "web"
        facts.append(Fact(name, at, at, position, source, draw(_properties(name))))
    return facts


def _properties(name):
    if name == "stage.set":
        return st.fixed_dictionaries(
            {"stage": st.sampled_from(STAGES)},
            optional={"by": st.just("ann"), "why": st.just("she said so")},
        )
    if name in ("tag.added", "tag.removed"):
        return st.fixed_dictionaries({"tag": st.sampled_from("abc")})
    if name == "lead.updated":
        return st.fixed_dictionaries(
            {}, optional={key: st.sampled_from(values) for key, values in VALUES.items()}
        )
    if name in ("page_view", "page.viewed"):
        return st.fixed_dictionaries({}, optional={"path": st.sampled_from(("/", "/pricing", "/PRICING/eu"))})
    if name == "reply.judged":
        return st.fixed_dictionaries({"optOut": st.booleans()}, optional={"replyId": st.just("r1")})
    return _READINGS if name == "reply.classified" else _of_a_download(name)


def _of_a_download(name):
    if name in ("download", "content.downloaded"):
        return st.fixed_dictionaries(
            {},
            optional={
                "asset": st.sampled_from(
                    ("guide", "Guide ", "report", "prices", 7, "7.0", ["guide", 8], None, " ")
                )
            },
        )
    return st.just({})


def moments(facts):
    """Moments to ask about: at events, just before them, between and long after."""
    ends = [fact.at for fact in facts]
    first, last = ends[0], ends[-1]
    return st.one_of(
        st.sampled_from(ends),
        st.sampled_from(ends).map(lambda at: max(first, at - 1)),
        st.integers(first, last),
        st.integers(0, 400 * DAY).map(lambda later: last + later),
        st.sampled_from((DAY, 7 * DAY, 30 * DAY, 90 * DAY, 1200 * DAY)).map(lambda later: last + later),
    )


@st.composite
def rising_leads(draw):
    """Leads whose score rises between events: more than the caps count, then negative points that fade."""
    at, facts = START, []
    for day in range(draw(st.integers(12, 18))):
        at += DAY + draw(st.integers(-HOUR, HOUR))
        for name in ("demo_request", "form_submitted", "download"):
            at += draw(st.integers(1, MINUTE))
            facts.append(Fact(name, at, at, len(facts) + 1, properties={"asset": f"guide-{day}"}))
    for name in draw(
        st.lists(st.sampled_from(("deal.lost", "call_unanswered", "email_bounced")), min_size=1, max_size=5)
    ):
        at += draw(st.integers(1, 2 * DAY))
        facts.append(Fact(name, at, at, len(facts) + 1))
    for name in draw(
        st.lists(st.sampled_from(("page_view", "email_open", "sms_sent", "call_unanswered")), max_size=4)
    ):
        at += draw(st.integers(1, 40 * DAY))
        facts.append(Fact(name, at, at, len(facts) + 1))
    return facts
