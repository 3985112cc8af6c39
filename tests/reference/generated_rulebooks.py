"""Random rulebooks of every model, as the plain data that a person would write."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.reference.leads import ENDING, OTHERS, SCORED, STAGES

GROUPS = ("web", "mail", "people")
EVENTS = (*SCORED, *OTHERS)
POINTS = st.sampled_from((1, 2, 5, 8, 12.5, 20, 35, 60, -5, -10, -25.5, -50))
HALF_LIVES = st.sampled_from((0.5, 3, 7, 14, 21, 90, 365))
CAPS = st.fixed_dictionaries(
    {}, optional={"low": st.sampled_from((-60, -20, 0)), "high": st.sampled_from((0, 12, 30, 80))}
)
REPEATS = st.sampled_from(
    (
        *("always", "once", {"once": True}, {"oncePer": "asset"}, {"oncePer": "path"}),
        *({"atMost": 1, "per": "day"}, {"atMost": 3, "per": "day"}),
    )
)
WHERES = st.sampled_from(
    (
        {"path": {"prefix": "/pricing"}},
        {"path": "/"},
        {"asset": {"in": ["guide", "PRICES"]}},
        {"asset": {"exists": True}},
        {"path": {"exists": False}},
        {"asset": 7},
        {"asset": {"has": "Guide"}},
        {"asset": {"hasAny": ["prices", "7.00"]}},
        {"anyOf": [{"path": "/"}, {"allOf": [{"asset": {"exists": True}}, {"asset": {"range": [7, 7]}}]}]},
    )
)
ATTRIBUTES = {
    "companySize": ({"range": [10, 50]}, {"range": [None, 9]}, {"range": [50, None]}, 5001, "MANY", "0250"),
    "seniority": ({"in": ["vp", "manager"]}, "intern", {"prefix": "man"}),
    "doNotEmail": (True, False, "yes", 1, {"in": [False, "on"]}),
    "secondsOnSite": ({"range": [60, 300]}, 900.5, {"has": 59}, {"hasAny": [60, "300.0"]}),
    "leadSource": ("google", {"exists": True}),
}

BOUNDS = (-0.03, 0.03, 0.51, 1.07, 3.3, 12.3, 30.7)
"""Numbers that no sum of points is but for its last bits, which floating point and fractions round in different ways."""


def _names(types, most=3):
    some = st.lists(st.sampled_from(types), min_size=1, max_size=most, unique=True)
    return st.sampled_from(types) | some


@st.composite
def _half_life_rule(draw, number, groups):
    rule = {
        "id": f"rule-{number}",
        "group": draw(st.sampled_from(groups)),
        "event": draw(_names(EVENTS)),
        "points": draw(POINTS),
    }
    parts = {
        "halfLifeDays": HALF_LIVES,
        "cap": CAPS,
        "repeat": REPEATS,
        "where": WHERES,
        "label": st.just("A rule"),
    }
    if rule["points"] < 0:  # its cap must reach below 0
        parts["cap"] = CAPS.filter(lambda cap: cap.get("low", 0) < 0)
    return rule | draw(st.fixed_dictionaries({}, optional=parts))


@st.composite
def _fit(draw):
    attributes = []
    for name in draw(st.lists(st.sampled_from(sorted(ATTRIBUTES)), min_size=1, max_size=4, unique=True)):
        whens = draw(st.lists(st.sampled_from(ATTRIBUTES[name]), max_size=3))
        cases = [{"when": when, "points": draw(st.integers(-30, 60))} for when in whens]
        rest = {"otherwise": st.integers(-20, 20), "unknown": st.integers(0, 20), "label": st.just("Known")}
        attributes.append(
            {"attribute": name, "id": name, "cases": cases, **draw(st.fixed_dictionaries({}, optional=rest))}
        )
    weight = draw(st.fixed_dictionaries({}, optional={"weight": st.sampled_from((0, 0.2, 0.35, 0.5, 1))}))
    return {"attributes": attributes, **weight}


@st.composite
def _half_life(draw):
    names = draw(st.lists(st.sampled_from(GROUPS), min_size=1, unique=True))
    groups = [{"id": name, **draw(st.fixed_dictionaries({}, optional={"cap": CAPS}))} for name in names]
    rules = [draw(_half_life_rule(number, names)) for number in range(draw(st.integers(1, 8)))]
    grades = st.just({"fit": [60, 40, 20], "engagement": [50, 30, 10]})
    rest = draw(st.fixed_dictionaries({}, optional={"fit": _fit(), "grades": grades}))
    return {"model": "half-life", "groups": groups, "rules": rules, **rest}


@st.composite
def _points(draw):
    rules = [
        {"id": f"rule-{number}", "event": draw(_names(EVENTS)), "points": draw(POINTS)}
        for number in range(draw(st.integers(1, 6)))
    ]
    decay = st.fixed_dictionaries(
        {},
        optional={
            "afterDays": st.sampled_from((0, 1, 2, 7, 30)),
            "factor": st.sampled_from((0.25, 0.5, 0.8, 0.9, 1)),
        },
    )
    return {
        "model": "points",
        "rules": rules,
        **draw(st.fixed_dictionaries({}, optional={"idleDecay": decay})),
    }


@st.composite
def _stages(draw):
    """A ladder of some of the names that leads are set to by hand, the lines rising."""
    names = draw(st.lists(st.sampled_from(STAGES[:-1]), min_size=1, unique=True))
    lines = sorted(
        draw(
            st.sets(
                st.sampled_from((1, 5.5, 10, 15, 25, 40, 60)),
                min_size=len(names) - 1,
                max_size=len(names) - 1,
            )
        )
    )
    steps = [
        {"name": names[0]},
        *({"name": name, "from": line} for name, line in zip(names[1:], lines, strict=True)),
    ]
    rest = {"hysteresis": st.sampled_from((0, 0.1, 0.15, 0.5)), "overrideDays": st.sampled_from((1, 7, 30))}
    return {"steps": steps, **draw(st.fixed_dictionaries({}, optional=rest))}


def _velocities():
    window = {"hours": st.sampled_from((1, 24, 240)), "points": st.sampled_from((1, 2.5, 3))}
    rhythm = {
        "sessionMinutes": st.sampled_from((10, 30, 120)),
        "fastDays": st.sampled_from((0.5, 1, 3)),
        "slowDays": st.sampled_from((20, 30)),
        "priorSessions": st.sampled_from((0.5, 1)),
        "priorDays": st.sampled_from((1, 2)),
        "youngestDays": st.sampled_from((1, 2)),
        "surgeP": st.sampled_from((0.01, 0.2)),
    }
    return st.fixed_dictionaries({"model": st.just("window")}, optional=window) | st.fixed_dictionaries(
        {"model": st.just("rhythm")}, optional=rhythm
    )


def _risks():
    silence = st.fixed_dictionaries(
        {"model": st.just("silence")},
        optional={
            "mediumAfterDays": st.sampled_from((0, 1, 3)),
            "highAfterDays": st.sampled_from((4, 7, 30)),
        },
    )
    dropout = st.fixed_dictionaries(
        {"model": st.just("dropout")},
        optional={
            "r": st.sampled_from((0.5, 1, 2)),
            "alpha": st.sampled_from((3, 7)),
            "a": st.sampled_from((0.5, 1)),
            "b": st.sampled_from((2, 3)),
            "mediumFrom": st.sampled_from((0.2, 0.3)),
            "highFrom": st.just(0.7),
        },
    )
    return silence | dropout


@st.composite
def _contact(draw):
    parts = ("opensConversation", "closesConversation", "suppresses", "releases", "ourActions")
    types = draw(st.lists(st.sampled_from(EVENTS), min_size=5, max_size=10, unique=True))
    lists = {part: types[number::5] for number, part in enumerate(parts)}
    chosen = draw(st.sets(st.sampled_from(parts)))
    return {part: lists[part] for part in parts if part in chosen} | draw(
        st.fixed_dictionaries({}, optional={"channels": st.just({"call": {"attribute": "doNotCall"}})})
    )


@st.composite
def _outcome(draw):
    parts = ("won", "lost", "disqualified", "reopened")
    types = draw(st.permutations(ENDING))
    return {part: [types[number]] for number, part in enumerate(parts) if draw(st.booleans())}


@st.composite
def _condition(draw, stages, *, deep=True):
    """A condition on what is measured; `momentum`, `surge` and `grade` may be asked where there is none."""
    numbers = st.dictionaries(
        st.sampled_from(("above", "atLeast", "below", "atMost")),
        st.sampled_from(BOUNDS),
        min_size=1,
        max_size=2,
    )
    parts = {
        "stage": _names(stages),
        "risk": _names(("low", "medium", "high")),
        "grade": _names(("A1", "B2", "D4", "?4", "D3", "?1")),
        "score": numbers,
        "velocity": numbers,
        "momentum": numbers,
        "surge": st.just(True),
        "openConversation": st.booleans(),
        "outcome": _names(("open", "won", "lost", "disqualified")),
    }
    condition = draw(st.fixed_dictionaries({}, optional=parts))
    if deep and draw(st.booleans()):
        inner = st.lists(_condition(stages, deep=False).filter(bool), min_size=1, max_size=2)
        condition[draw(st.sampled_from(("anyOf", "allOf")))] = draw(inner)
    return condition


@st.composite
def rulebooks(draw):
    """A whole rulebook."""
    stages = draw(_stages())
    names = [step["name"] for step in stages["steps"]]
    conditions = draw(st.lists(_condition(names).filter(bool), max_size=5))
    rows = [
        {"when": when, "action": f"action-{number}", "because": f"row {number}"}
        for number, when in enumerate(conditions)
    ]
    return {
        "name": "generated",
        "version": 1,
        "score": draw(_half_life() | _points()),
        "stages": stages,
        "velocity": draw(_velocities()),
        "risk": draw(_risks()),
        "contact": draw(_contact()),
        "outcome": draw(_outcome()),
        "nextAction": [*rows, {"action": "monitor"}],
    }
