"""The velocity model `rhythm`: sessions per day against the lead's own rhythm, with momentum and surge."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, log, log2
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from pydantic import Field

from domain.events.event import Event
from domain.instant import DAY, MINUTE, Millis
from domain.rule_language.description import Block
from domain.rule_language.section import Number, Section
from domain.rule_language.words import days_in_words, percent
from domain.scoring.decayed_sum import DecayedSum, decayed
from domain.velocity.incomplete_beta import incomplete_beta
from domain.velocity.reading import VelocityReading

__all__ = ["SessionState", "SessionVelocity", "SessionVelocitySection"]

_MAX_SESSIONS = 20
"""Sessions whose bounds are kept per lead. A late event before all of them says nothing about the pace of now."""

_LEAST_SESSIONS = 3
_LEAST_SHARE = 20
"""Fewer sessions before a long silence than these, or than one in so many of all, are no history but stray ones."""

_MIN_MOMENTUM = -10.0
_LOG_2 = log(2)

Session = tuple[Millis, Millis]


class Stretch(Struct, frozen=True, gc=False, rename="camel"):
    """Sessions without a long silence between them: when the first began, and how many there are."""

    at: Millis
    count: int

    def holds_against(self, later: Stretch) -> bool:
        """Whether these sessions are a history of the lead, and not a few stray ones with wrong times."""
        return self.count >= _LEAST_SESSIONS and self.count * _LEAST_SHARE >= self.count + later.count

    def joined(self, later: Stretch) -> Stretch:
        """Both as one."""
        return Stretch(self.at, self.count + later.count)


class SessionState(Struct, frozen=True, gc=False, rename="camel", tag_field="model", tag="rhythm"):
    """Decayed counts of sessions, a fast and a slow one, and the bounds of the newest sessions, oldest first.

    `first_at` is when the first session of all began, `recent` the sessions since the last long silence, and `earlier` those
    before it that may be a history.
    """

    fast: DecayedSum = DecayedSum()
    slow: DecayedSum = DecayedSum()
    sessions: tuple[Session, ...] = ()
    first_at: Millis | None = None
    forgotten: bool = False
    recent: Stretch = Stretch(0, 0)
    earlier: Stretch | None = None

    @property
    def observed(self) -> Stretch:
        """The sessions that the lead's age is counted from."""
        if self.earlier is not None and self.earlier.holds_against(self.recent):
            return self.earlier.joined(self.recent)
        return self.recent


class SessionVelocity(Struct, frozen=True):
    """Sessions per day now, against the lead's own slow average.

    Events at most `gap` milliseconds apart are one session, counted when it begins. With N the decayed counts, E the
    effective observed days (1 - e^(-beta T))/beta of a lead of age T, and a Gamma prior for the baseline:

        velocity v = N_f / E_f          baseline b = (a0 + 2 (N_s - N_f)) / (b0 + 2 (E_s - E_f))
        momentum m = log2(v / b)        surge: p = I_q(2 N', a0 + 2 (N_s - N_f)) < surge_p and at least 2 sessions
                                        q = 2 E_f / (b0 + 2 (E_s - E_f) + 2 E_f)

    The factor 2 matches the variance of an exponentially weighted Poisson count (Campbell's theorem). I is the
    regularised incomplete beta function. N' is N_f without the latest session: that one is why anybody looks, and
    what is left is distributed as at any other moment (Slivnyak's theorem). A lead younger than `youngest_days` is
    measured as if it were that old, because it exists only since it was first active, and one session in its first
    minute is no pace at all: momentum is never above 0 on one session.

    The age T runs from the first session, but not from single ones long before the others, which come from clocks that are
    wrong and from old records: after a silence of more than `slow_days`, what lies before it counts only if it is at least
    3 sessions and a twentieth of all.
    """

    gap: Millis
    fast_days: float
    slow_days: float
    prior_sessions: float
    prior_days: float
    youngest_days: float
    surge_p: float

    def initial(self) -> SessionState:
        return SessionState()

    def evolve(self, state: SessionState, event: Event) -> SessionState:
        """The state with the event in a session: a new one, or one that it lengthens or joins to another."""
        at = event.occurred_at
        if state.sessions and at >= state.sessions[-1][0]:
            return self._evolve_newest(state, at)
        gap = self.gap
        if state.forgotten and at < state.sessions[0][0] - gap:
            return state
        touching = [session for session in state.sessions if session[0] - gap <= at <= session[1] + gap]
        start = min([at, *(session[0] for session in touching)])
        merged = (start, max([at, *(session[1] for session in touching)]))
        others = [session for session in state.sessions if session not in touching]
        fast, slow = state.fast, state.slow
        begins = [session[0] for session in touching]
        if start not in begins:
            fast, slow = fast.add(1.0, start, self.fast_days), slow.add(1.0, start, self.slow_days)
        for begin in begins:
            if begin != start:
                fast, slow = fast.add(-1.0, begin, self.fast_days), slow.add(-1.0, begin, self.slow_days)
        sessions = tuple(sorted([*others, merged]))
        first = start if state.first_at is None else min(state.first_at, start)
        too_many = len(sessions) > _MAX_SESSIONS
        return SessionState(
            fast,
            slow,
            sessions[-_MAX_SESSIONS:],
            first,
            state.forgotten or too_many,
            Stretch(first, state.recent.count + 1 - len(touching)),
            state.earlier,
        )

    def _evolve_newest(self, state: SessionState, at: Millis) -> SessionState:
        """The state with an event after the newest session began, as nearly all are: it joins that or is a new one."""
        sessions = state.sessions
        begin, last = sessions[-1]
        if at <= last:
            return state
        if at <= last + self.gap:
            return replace(state, sessions=(*sessions[:-1], (begin, at)))
        return SessionState(
            state.fast.add(1.0, at, self.fast_days),
            state.slow.add(1.0, at, self.slow_days),
            (*sessions, (at, at))[-_MAX_SESSIONS:],
            state.first_at,
            state.forgotten or len(sessions) == _MAX_SESSIONS,
            *self._stretches(state, at),
        )

    def _stretches(self, state: SessionState, at: Millis) -> tuple[Stretch, Stretch | None]:
        """The recent and the earlier stretch when another session begins."""
        recent, earlier = state.recent, state.earlier
        if at - state.sessions[-1][1] <= self.slow_days * DAY:
            return Stretch(recent.at, recent.count + 1), earlier
        is_history = earlier is not None and earlier.holds_against(recent)
        return Stretch(at, 1), earlier.joined(recent) if earlier and is_history else recent

    def measure(self, state: SessionState, as_of: Millis) -> VelocityReading:
        """Velocity in sessions per day, momentum in doublings, and whether this is a surge."""
        if state.first_at is None:
            return VelocityReading(0.0, 0.0)
        observed = state.observed
        now, usual, seen_now, seen_usual = self._counts(state, observed.at, as_of)
        velocity = now / seen_now
        baseline = (self.prior_sessions + 2 * usual) / (self.prior_days + 2 * seen_usual)
        momentum = log2(velocity / baseline) if velocity > 0 else _MIN_MOMENTUM
        if momentum < _MIN_MOMENTUM:
            momentum = _MIN_MOMENTUM
        if observed.count == 1:  # never a surge, nor more than usual
            return VelocityReading(velocity, momentum if momentum < 0 else 0.0)
        return VelocityReading(
            velocity, momentum, self._is_surge(state, as_of, now, usual, seen_now, seen_usual)
        )

    def explain(self, state: SessionState, as_of: Millis) -> str:
        """The pace in words."""
        pace = self.measure(state, as_of)
        if state.first_at is None or pace.momentum is None:
            return "never active"
        if pace.velocity < 0.05:  # noqa: PLR2004 - it would be shown as 0.0
            return "no sessions lately"
        now = f"{pace.velocity:.1f} sessions a day now"
        if pace.surge:
            return f"{now}, a surge: {2**pace.momentum:.0f} times its usual pace"
        if pace.momentum >= 1:
            return f"{now}, {2**pace.momentum:.0f} times its usual pace"
        return f"{now}, {'as usual' if pace.momentum > -1 else 'less than usual'}"

    def _counts(
        self, state: SessionState, first_at: Millis, as_of: Millis
    ) -> tuple[float, float, float, float]:
        """N_f, N_s - N_f, E_f and E_s - E_f, none below 0."""
        fast_days, slow_days, youngest = self.fast_days, self.slow_days, self.youngest_days
        age = (as_of - first_at) / DAY
        if age < youngest:
            age = youngest
        now = state.fast.read(as_of, fast_days)
        if now < 0:
            now = 0.0
        usual = state.slow.read(as_of, slow_days) - now
        seen_now = _seen_days(age, fast_days)
        seen_usual = _seen_days(age, slow_days) - seen_now
        return now, usual if usual > 0 else 0.0, seen_now, seen_usual if seen_usual > 0 else 0.0

    def _is_surge(  # noqa: PLR0917 - the four numbers of the formula
        self, state: SessionState, as_of: Millis, now: float, usual: float, seen_now: float, seen_usual: float
    ) -> bool:
        if as_of - state.sessions[-2][0] > 2 * self.fast_days * DAY:
            return False
        others = now - decayed(1.0, as_of - state.sessions[-1][0], self.fast_days)
        q = 2 * seen_now / (self.prior_days + 2 * seen_usual + 2 * seen_now)
        limit = self.surge_p
        return incomplete_beta(2 * others, self.prior_sessions + 2 * usual, q, enough=limit) < limit


class SessionVelocitySection(Section):
    """Sessions per day now, against the lead's own slow average.

    Events at most `session_minutes` apart are one session, counted when it begins. The half-life of the present pace
    is `fast_days`, that of the usual one `slow_days`; `prior_sessions` in `prior_days` are taken for the usual pace
    before much is known. A surge is a pace that chance would give with a probability below `surge_p`.
    """

    model: Literal["rhythm"]
    session_minutes: Number = Field(30, gt=0, le=24 * 60)
    fast_days: Number = Field(1, gt=0)
    slow_days: Number = Field(30, gt=0)
    prior_sessions: Number = Field(0.5, gt=0, description="a0 of the Gamma prior.")
    prior_days: Number = Field(1, gt=0, description="b0 of the Gamma prior; a0 / b0 is the usual pace.")
    youngest_days: Number = Field(1, gt=0)
    surge_p: Number = Field(0.02, gt=0, lt=1)

    def compile(self) -> SessionVelocity:
        """The model in executable form."""
        return SessionVelocity(
            gap=round(self.session_minutes * MINUTE),
            fast_days=self.fast_days,
            slow_days=self.slow_days,
            prior_sessions=self.prior_sessions,
            prior_days=self.prior_days,
            youngest_days=self.youngest_days,
            surge_p=self.surge_p,
        )

    def describe(self) -> Iterator[Block]:
        """The meaning of the number, and of a surge."""
        usual = self.prior_sessions / self.prior_days
        yield (
            f"Sessions a day, now (half-life {days_in_words(self.fast_days)}). Events at most "
            f"{self.session_minutes:g} minutes apart are one session. The lead's own usual pace is measured over "
            f"months (half-life {days_in_words(self.slow_days)}) and taken for {usual:g} a day before much is known. "
            "Momentum compares the two: +1 is twice the usual pace, +2 four times, -1 half of it. A surge is a pace "
            f"that chance would give less than {percent(self.surge_p)} of the time, in at least 2 sessions."
        )


def _seen_days(age_days: float, half_life_days: float) -> float:
    """The integral of the weights over the lead's age: the days that a decayed count stands for."""
    beta = _LOG_2 / half_life_days
    return (1 - exp(-beta * age_days)) / beta
