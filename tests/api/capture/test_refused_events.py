"""POST /api/events: invalid events are refused with a pointer to every fault, and nothing is stored."""

from __future__ import annotations

import json

import pytest

VIEW = {"leadId": "ada", "type": "page_view"}
RESERVED = "the engine's own"


def with_number(literal):
    """An event with a number written like this in its properties."""
    return b'{"leadId":"ada","type":"page_view","properties":{"n":%s}}' % literal.encode()


FITTING = {
    "leadId": str,
    "type": str,
    "eventId": str | None,
    "source": str | None,
    "occurredAt": str | None,
    "properties": dict | None,
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (field, value)
        for field, fits in FITTING.items()
        for value in (5, 5.5, True, [], ["ada"], "text", {"a": 1}, None)
        if not isinstance(value, fits)
    ],
)
async def test_a_field_of_the_wrong_type_is_named(api, field, value):
    await api.refuses({**VIEW, field: value}, f"/{field}")


@pytest.mark.parametrize("field", ["leadId", "type", "eventId", "source"])
@pytest.mark.parametrize(
    "text",
    [
        " ",
        "\t",
        "a\r\nb",
        "a\0",
        "\0",
        "a\x1b[31m",
        "a\x7f",
        "a\x85b",
        "\u2003",
        "\u200b",
        "\ufeff\u00ad ",
        "\u202e",
        "\u200d",
        "\u3164",
        "\u0301",
    ],
    ids=ascii,
)
async def test_text_that_cannot_be_seen_is_refused(api, field, text):
    await api.refuses({**VIEW, field: text}, f"/{field}")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("leadId", ""),
        ("leadId", "x" * 201),
        ("leadId", "a/b"),
        ("leadId", "/"),
        ("leadId", "."),
        ("leadId", ".."),
        ("type", ""),
        ("type", "t" * 101),
        ("type", "  \u2060"),
        ("eventId", ""),
        ("eventId", "x" * 201),
        ("eventId", "decay:ada:2026-11-22"),
        ("eventId", "execution:1"),
        ("source", "s" * 101),
        ("source", "lead-engine"),
    ],
)
async def test_text_that_breaks_the_rules_of_its_field_is_refused(api, field, text):
    await api.refuses({**VIEW, field: text}, f"/{field}")


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-22T12:00:00",
        "2026-11-22",
        "12:00:00Z",
        "yesterday",
        "",
        "1795348800",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "1969-12-31T23:59:59.999Z",
        "2026-02-30T00:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T12:00:00+99:00",
        "+12026-01-01T00:00:00Z",
        "2026-11-22T12:00Z",
        "2026-11-22T12:00:00Z ",
        1795348800,
        1795348800000,
        1e18,
        {"$date": "2026-11-22T12:00:00Z"},
    ],
)
async def test_a_time_that_is_not_rfc_3339_with_an_offset_from_1970_on_is_refused(api, said):
    await api.refuses({**VIEW, "occurredAt": said}, "/occurredAt")


@pytest.mark.parametrize(
    "literal",
    [
        str(2**63),
        str(-(2**63) - 1),
        str(2**64 - 1),
        str(2**64),
        "9" * 300,
        "1e309",
        "-1e309",
        "1e400",
        "1" + "0" * 400 + ".5",
    ],
    ids=lambda text: text[:30],
)
async def test_a_number_that_no_64_bits_can_hold_is_named_wherever_it_is(api, literal):
    await api.refuses(with_number(literal), "/properties/n")
    await api.refuses(with_number('{"a":[0,' + literal + "]}"), "/properties/n/a/1")
    await api.refuses(b"[%s,%s]" % (json.dumps(VIEW).encode(), with_number(literal)), "/1/properties/n")


async def test_a_whole_number_of_thousands_of_digits_is_refused_at_its_field(api):
    await api.refuses(with_number("9" * 5000), "/properties")
    await api.refuses(b"[" + with_number("1") + b"," + with_number("-" + "9" * 5000) + b"]", "/1/properties")
    await api.refuses(b'{"leadId":%s,"type":"t"}' % (b"9" * 5000), "/leadId")
    await api.refuses(b"9" * 5000, "")


@pytest.mark.parametrize("literal", ["1e400", "9" * 5000, "9" * 30])
@pytest.mark.parametrize("field", ["leadId", "type", "eventId", "source", "occurredAt", "properties"])
async def test_a_huge_number_in_place_of_any_field_is_named(api, field, literal):
    body = json.dumps({**VIEW, field: "?"}).replace('"?"', literal).encode()
    await api.refuses(body, f"/{field}")


@pytest.mark.parametrize("key", ["", "a\0", "\0"], ids=ascii)
async def test_a_name_that_mongodb_cannot_hold_is_refused_at_any_depth(api, key):
    await api.refuses({**VIEW, "properties": {key: 1}}, f"/properties/{key}")
    await api.refuses({**VIEW, "properties": {"a": {key: {}}}}, f"/properties/a/{key}")
    await api.refuses({**VIEW, "properties": {"a": [1, [{key: "x"}]]}}, f"/properties/a/1/0/{key}")


async def test_pointers_escape_slash_and_tilde(api):
    await api.refuses(
        [VIEW, VIEW, VIEW, {**VIEW, "properties": {"a/b": {"~c": {"d/e~f\0": 1}}}}],
        "/3/properties/a~1b/~0c/d~1e~0f\0",
    )
    await api.refuses({**VIEW, "a/b": 1, "c~d": 2}, "/a~1b", "/c~0d")


async def test_fields_that_events_do_not_have_are_refused(api):
    await api.refuses({**VIEW, "lead_id": "x", "position": 1, "": 2}, "/lead_id", "/position", "/")


@pytest.mark.parametrize("item", [None, 5, "x", [], [VIEW], True])
async def test_what_is_not_an_object_is_not_an_event(api, item):
    await api.refuses([VIEW, item, VIEW], "/1")


async def test_every_fault_of_every_event_is_reported_at_once(api):
    await api.refuses(
        [
            {"leadId": 5, "type": 5, "eventId": "", "source": [], "occurredAt": "x", "extra": 1},
            VIEW,
            {"properties": {"": 1, "b": {"c.d": 2**70}}},
            {**VIEW, "leadId": "a\n/b", "source": "lead-engine", "occurredAt": "1960-01-01T00:00:00Z"},
            "x",
        ],
        "/0/leadId",
        "/0/type",
        "/0/eventId",
        "/0/occurredAt",
        "/0/source",
        "/0/extra",
        "/2/type",
        "/2/leadId",
        "/2/properties/",
        "/2/properties/b/c.d",
        "/3/leadId",
        "/3/leadId",
        "/3/source",
        "/3/occurredAt",
        "/4",
    )


async def test_of_very_many_faults_a_hundred_are_listed_with_a_note(api):
    item = {"leadId": 5, "type": 5, "eventId": 5, "source": 5, "properties": 5}
    problem = await api.refuses([item] * 1000)
    pointers = [fault["pointer"] for fault in problem["errors"]]
    assert pointers[:6] == [
        "/0/leadId",
        "/0/type",
        "/0/eventId",
        "/0/properties",
        "/0/source",
        "/1/leadId",
    ]
    assert len(pointers) == 101
    assert pointers[100] == ""
    assert "first 100" in problem["errors"][100]["detail"]


async def test_exactly_a_hundred_faults_are_listed_without_a_note(api):
    problem = await api.refuses([{**VIEW, "leadId": 5}] * 100)
    assert [fault["pointer"] for fault in problem["errors"]] == [f"/{n}/leadId" for n in range(100)]


@pytest.mark.parametrize(
    "body",
    [
        {**VIEW, **{f"k{n}": 1 for n in range(100_000 // 2)}},
        {**VIEW, "properties": {f"\0k{n:x}": 1 for n in range(2500)}},
        [{**VIEW, "properties": {"k" * 20_000: {f"\0k{n:x}": 1 for n in range(1000)}}}],
        [{**VIEW, "properties": {"k" * 500_000: {f"\0k{n:x}": 1 for n in range(1000)}}}],
    ],
    ids=["unknown fields", "wrong names", "behind a long name", "behind a very long name"],
)
async def test_a_refusal_is_bounded_whatever_is_wrong(api, body):
    answer = await api.send(json.dumps(body, separators=(",", ":")).encode())
    assert len(api.problem(answer, 400)["errors"]) <= 101
    assert len(answer.content) < 4 * 1024 * 1024
    assert await api.stored() == 0


async def test_a_hundred_thousand_names_in_properties_are_refused_as_too_large(api):
    names = ",".join(f'"{n:x}":1' for n in range(100_000)).encode()
    body = b'{"leadId":"ada","type":"page_view","properties":{%s}}' % names
    assert len(body) < 1024 * 1024
    await api.refuses(body, "/properties")


async def test_reserved_ids_and_source_are_told_apart_from_similar_ones(api):
    for field, text in (("eventId", "decay:"), ("eventId", "execution:"), ("source", "lead-engine")):
        assert RESERVED in (await api.refuses({**VIEW, field: text}))["errors"][0]["detail"]
    await api.store(
        {**VIEW, "eventId": "decay"}, {**VIEW, "eventId": "my-decay:1", "source": "my-lead-engine"}
    )


async def test_a_name_that_stands_twice_is_refused_when_its_first_value_is_wrong(api):
    answer = await api.send(b'[{"leadId":"ada","type":"","type":"page_view"}]')
    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/0/type"]
    assert await api.stored() == 0
