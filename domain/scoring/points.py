"""The score model `points`: plain points per event, worth less after a silence."""

from __future__ import annotations

from msgspec import Struct

from domain.events.event import Event
from domain.instant import DAY, Millis
from domain.scoring.breakdown import Contribution, Reason, Score, ScoreBreakdown, ScoreChange

__all__ = ["IdleDecay", "PointsScore", "PointsState", "Register"]


class Register(Struct, frozen=True, gc=False, rename="camel"):
    """The points that one rule has given: with decay up to the last activity, without, and how often."""

    points: float
    raw_points: float
    count: int
    last_event_at: Millis


class PointsState(Struct, frozen=True, gc=False, rename="camel", tag_field="model", tag="points"):
    """One register per rule, the last activity that idle time counts from, and the decay since then.

    `idle_steps` is how often the registers have been multiplied by the factor since that activity.
    """

    registers: dict[str, Register] = {}
    last_activity_at: Millis | None = None
    idle_steps: int = 0


class IdleDecay(Struct, frozen=True):
    """Points are worth less the longer a lead is silent.

    Idle for longer than `after_days`: times `factor`, and again for each further whole day.
    """

    after_days: int
    factor: float

    def steps(self, idle: Millis) -> int:
        """How often the points are multiplied by the factor after `idle` milliseconds without activity."""
        return idle // DAY - self.after_days + 1 if idle > self.after_days * DAY else 0


class PointsScore(Struct, frozen=True):
    """The sum of the registers, of which a silence leaves a share.

    The registers are brought up to date at each event that gives points. Our own actions may give points, but do not
    end a silence.
    """

    contributions: dict[str, tuple[Contribution, ...]]
    """The points of each rule for an event, by its type."""
    labels: dict[str, str]
    idle_decay: IdleDecay | None
    grace: float
    """The silence, in milliseconds, that costs nothing; infinite without decay."""
    our_actions: frozenset[str] = frozenset()
    """The types of events that are no activity of the lead."""
    takes_points: bool = False
    """Whether any rule gives negative points."""

    def initial(self) -> PointsState:
        return PointsState()

    def evolve(self, state: PointsState, event: Event) -> PointsState:
        """The registers after one more event; bookkeeping changes nothing."""
        active = event.is_activity
        if not active and not event.is_reading:
            return state
        at, last = event.occurred_at, state.last_activity_at
        ours = not active or event.type in self.our_actions
        given = self.contributions.get(event.type, ())
        if ours and not given:
            return state
        steps = 0 if last is None or at - last <= self.grace else self._steps(state, at)
        registers = _scaled(state.registers, self._share(steps)) if steps else state.registers.copy()
        for one in given:
            points, old = one.points, registers.get(one.rule_id)
            registers[one.rule_id] = (
                Register(points, points, 1, at)
                if old is None
                else Register(old.points + points, old.raw_points + points, old.count + 1, at)
            )
        if ours:
            return PointsState(registers, last, state.idle_steps + steps)
        return PointsState(registers, at)

    def change(self, event: Event, before: PointsState, after: PointsState, as_of: Millis) -> ScoreChange:
        """The effect of the event between the two states. It gave its face value, however much decay gave back."""
        without = self._score(before, as_of)
        if after is before:
            return ScoreChange(without, without, ())
        return ScoreChange(without, self._score(after, as_of), self.contributions.get(event.type, ()))

    def total(self, state: PointsState, as_of: Millis) -> Score:
        """The score at `as_of`."""
        return Score(self._score(state, as_of))

    def breakdown(self, state: PointsState, as_of: Millis) -> ScoreBreakdown:
        """The score at `as_of` and what each rule gives to it."""
        share = self._share_at(state, as_of)
        points = {rule_id: register.points * share for rule_id, register in state.registers.items()}
        return ScoreBreakdown(self._score(state, as_of), points)

    def _score(self, state: PointsState, as_of: Millis) -> float:
        # Summed before decay: whole points then give the same bits in whatever order the rules came in.
        total = 0.0
        for register in state.registers.values():
            total += register.points
        last = state.last_activity_at
        silent = last is not None and as_of - last > self.grace
        return total * self._share_at(state, as_of) if silent else total

    def grade(self, total: Score) -> str:  # noqa: ARG002 - plain points have no second scale
        """No grade."""
        return ""

    def group_points(self, state: PointsState, as_of: Millis) -> dict[str, float]:  # noqa: ARG002 - it has none
        """No groups."""
        return {}

    def group_label(self, group: str) -> str:
        """The group itself, as there are none."""
        return group

    def never_rises(self, state: PointsState) -> bool:
        """Whether time alone can only take points away."""
        if not self.takes_points:
            return True
        total = 0.0
        for register in state.registers.values():
            total += register.points
        return total >= 0

    def bounds(self, state: PointsState, left: Millis, right: Millis) -> tuple[float, float]:
        """The least and the most that the score can be from `left` to `right`: it only falls or only rises."""
        at_left, at_right = self._score(state, left), self._score(state, right)
        return min(at_left, at_right), max(at_left, at_right)

    def explain(self, state: PointsState, as_of: Millis) -> tuple[Reason, ...]:
        """The score rule by rule, largest effect first; the points sum to the score."""
        share = self._share_at(state, as_of)
        reasons = [
            Reason(
                rule_id=rule_id,
                label=self.labels.get(rule_id, rule_id),
                points=register.points * share,
                raw_points=register.raw_points,
                count=register.count,
                last_event_at=register.last_event_at,
                faded=register.points * share - register.raw_points,
            )
            for rule_id, register in state.registers.items()
        ]
        return tuple(sorted(reasons, key=lambda reason: (-abs(reason.points), reason.rule_id)))

    def _share_at(self, state: PointsState, at: Millis) -> float:
        """The share that is left of the registers at a moment."""
        return self._share(self._steps(state, at))

    def _steps(self, state: PointsState, at: Millis) -> int:
        """How often the registers are still to be multiplied by the factor."""
        if state.last_activity_at is None or self.idle_decay is None:
            return 0
        return self.idle_decay.steps(at - state.last_activity_at) - state.idle_steps

    def _share(self, steps: int) -> float:
        return 1.0 if self.idle_decay is None or steps <= 0 else _power(self.idle_decay.factor, steps)


def _power(factor: float, exponent: int) -> float:
    """By squaring, in plain multiplications: the same bits on every machine, which pow does not promise."""
    result = 1.0
    while exponent:
        if exponent & 1:
            result *= factor
        factor *= factor
        exponent >>= 1
    return result


def _scaled(registers: dict[str, Register], share: float) -> dict[str, Register]:
    return {
        rule_id: Register(old.points * share, old.raw_points, old.count, old.last_event_at)
        for rule_id, old in registers.items()
    }
