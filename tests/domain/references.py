"""Slow references that follow the specification word by word; they import nothing of what they check."""

from __future__ import annotations

from fractions import Fraction
from math import fsum, inf

HOUR = 3_600_000
DAY = 24 * HOUR
CLASSIC_POINTS = {"page_view": 1, "email_open": 3, "download": 10, "signup": 20, "demo_request": 30}
BOOKKEEPING = ("lead.updated", "stage.set", "stage.cleared", "tag.added", "tag.removed")
ENGINE = "lead-engine"


class Reference:
    """A reference for `classic`, worked out event by event in the order of time, with exact fractions and no state."""

    @staticmethod
    def activities(events):
        return [event for event in events if event.source != ENGINE and event.type not in BOOKKEEPING]

    @staticmethod
    def share(idle):
        """Idle longer than 7 days: times 0.8, again for each further whole day idle."""
        share, further = Fraction(1), 1
        if idle > 7 * DAY:
            share *= Fraction(4, 5)
            while idle >= (7 + further) * DAY:
                share *= Fraction(4, 5)
                further += 1
        return share

    def score(self, events, as_of):
        """Each activity's points, times the share that every silence after it has left of them."""
        activities = sorted(self.activities(events), key=lambda event: event.occurred_at)
        total = Fraction(0)
        for number, activity in enumerate(activities):
            points = Fraction(CLASSIC_POINTS.get(activity.type, 0))
            for later in range(number + 1, len(activities) + 1):
                newest = activities[later - 1].occurred_at
                until = activities[later].occurred_at if later < len(activities) else as_of
                points *= self.share(until - newest)
            total += points
        return float(total)

    def stage(self, events, as_of):
        score = self.score(events, as_of)
        return next(
            name
            for name, least in (("qualified", 60), ("hot", 31), ("warm", 11), ("cold", float("-inf")))
            if score >= least - 1e-9
        )

    def velocity(self, events, as_of):
        """Three points for each activity in the last 24 hours."""
        return 3.0 * sum(as_of - 24 * HOUR < event.occurred_at <= as_of for event in self.activities(events))

    def risk(self, events, as_of):
        moments = [event.occurred_at for event in self.activities(events)]
        if not moments or as_of - max(moments) > 7 * DAY:
            return "high"
        return "medium" if as_of - max(moments) > 3 * DAY else "low"


class HalfLifeReference:
    """A reference for half-life scores, worked out from the file's data and all the events: no state, no registers."""

    def __init__(self, section):
        self.section = section

    @staticmethod
    def same(value, wanted):
        if isinstance(value, str) and isinstance(wanted, str):
            return value.lower() == wanted.lower()
        if isinstance(wanted, bool):
            return value in ((True, 1) if wanted else (False, 0))
        return value == wanted and not isinstance(value, bool)

    def holds(self, test, value):
        if not isinstance(test, dict):
            return value is not None and self.same(value, test)
        if "in" in test:
            return value is not None and any(self.same(value, one) for one in test["in"])
        if "prefix" in test:
            return isinstance(value, str) and value.lower().startswith(test["prefix"].lower())
        low, high = (end if one is None else one for one, end in zip(test["range"], (-inf, inf), strict=True))
        return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high

    def counted(self, rule, events):
        """The moments of the events that count: the earliest ones of each key."""
        moments = {}
        for event in sorted(events, key=lambda one: one.occurred_at):
            properties = event.properties
            if event.source == ENGINE or event.type not in rule["event"]:
                continue
            if not all(
                self.holds(test, properties.get(name)) for name, test in rule.get("where", {}).items()
            ):
                continue
            policy, key, most = rule.get("repeat", "always"), event.position, 1
            if policy == "once":
                key = ""
            elif policy != "always" and "oncePer" in policy:
                key = properties.get(policy["oncePer"]) or ""
            elif policy != "always":
                key, most = event.occurred_at // DAY, policy["atMost"]
            if len(moments.setdefault(key, [])) < most:
                moments[key].append(event.occurred_at)
        return [moment for some in moments.values() for moment in some]

    def rule_points(self, rule, events, as_of):
        half_life = rule.get("halfLifeDays")
        points = fsum(
            rule["points"] * (2 ** (-(as_of - at) / DAY / half_life) if half_life else 1)
            for at in self.counted(rule, events)
        )
        cap = rule.get("cap", {"low": -inf, "high": inf})
        return min(max(points, cap["low"]), cap["high"])

    def engagement(self, events, as_of):
        total = 0
        for group in self.section["groups"]:
            rules = [rule for rule in self.section["rules"] if rule["group"] == group["id"]]
            points = fsum(self.rule_points(rule, events, as_of) for rule in rules)
            cap = group.get("cap", {"low": -100, "high": 100})
            total += min(max(points, cap["low"]), cap["high"])
        return min(max(total, 0), 100)

    def known(self, events):
        """The latest value of each attribute, those that were taken back left out."""
        said = {}
        for event in sorted(events, key=lambda one: one.occurred_at):
            if event.type == "lead.updated":
                said |= event.properties
        asked = {one["attribute"] for one in self.section.get("fit", {}).get("attributes", ())}
        return {name: value for name, value in said.items() if name in asked and value not in (None, "")}

    def fit(self, events):
        known = self.known(events)
        if "fit" not in self.section or not known:
            return None
        total = 0
        for one in self.section["fit"]["attributes"]:
            if one["attribute"] not in known:
                total += one["unknown"]
                continue
            value = known[one["attribute"]]
            fitting = [case["points"] for case in one["cases"] if self.holds(case["when"], value)]
            total += [*fitting, one["otherwise"]][0]
        return min(max(total, 0), 100)

    def score(self, events, as_of):
        fit, engagement = self.fit(events), self.engagement(events, as_of)
        return engagement if fit is None else 0.35 * fit + 0.65 * engagement
