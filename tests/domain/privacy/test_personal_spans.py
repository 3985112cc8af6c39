"""E-mail addresses, telephone numbers and IBANs are found in texts and URLs; what only looks like them is not."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.privacy.personal_spans import personal_spans

FOUND = {
    "ada@example.org": ["ada@example.org"],
    "Ada <ada.lovelace+crm@mail.example.co.uk>, see above": ["ada.lovelace+crm@mail.example.co.uk"],
    "mailto:O'Brien@example.org.": ["O'Brien@example.org"],
    "Jürgen@müller.de": ["Jürgen@müller.de"],
    "ada@xn--mller-kva.de": ["ada@xn--mller-kva.de"],
    "/pricing?email=ada%40example.org&x=1": ["ada%40example.org"],
    "https://x.org/u/ada@example.org/edit": ["ada@example.org"],
    "?next=%2Fx%3Femail%3Dada%2540example.org": ["ada%2540example.org"],
    "two: a@example.org and b@example.org": ["a@example.org", "b@example.org"],
    "call +49 170 1234567 or +49 (0)30 123456": ["+49 170 1234567", "+49 (0)30 123456"],
    "tel:+1-415-555-2671": ["+1-415-555-2671"],
    "00491701234567": ["00491701234567"],
    "/call?to=%2B491701234567&z=1": ["%2B491701234567"],
    "+33 1 23 45 67 89": ["+33 1 23 45 67 89"],
    "+1 555 0100 is of a film": ["+1 555 0100"],
    "DE89 3704 0044 0532 0130 00 is paid": ["DE89 3704 0044 0532 0130 00"],
    "de89370400440532013000": ["de89370400440532013000"],
    "DE89370400440532013000 GB82WEST12345698765432": ["DE89370400440532013000", "GB82WEST12345698765432"],
    "IBAN:GB82WEST12345698765432": ["GB82WEST12345698765432"],
    "FR14 2004 1010 0505 0001 3M02 606": ["FR14 2004 1010 0505 0001 3M02 606"],
}
OTHERS = (
    "", "@ada on twitter", "react@18.2.0", "/img/logo@2x.png", "a@b", "@", "@@@@.@@", "50 % off", "100%", "C++", "1 + 2 = 3",
    "2026-01-01T00:00:00+01:00", "2026-11-22 10:00:00 +0530", "+49 1", "+999123456789", "0000000000", "1000000", "order 0012340000",
    "DE89370400440532013001", "XX89370400440532013000", "DE8937040044053201300", "a00491701234567", "3.00491701234567",
    "550e8400-e29b-41d4-a716-446655440000", "AB12 and CD34 and EF56", "v1.0.0-rc.1+build.5", "/pricing", "email",
)  # fmt: skip


@pytest.mark.parametrize(("text", "found"), FOUND.items(), ids=FOUND.keys())
def test_each_is_found_and_nothing_else_of_the_text(text, found):
    assert [text[start:end] for start, end in personal_spans(text)] == found


@pytest.mark.parametrize("text", OTHERS)
def test_what_only_looks_like_one_is_not(text):
    assert personal_spans(text) == []


@given(st.text(st.sampled_from(list("a@.+%40 0491-()DE2\n\u00e9")), max_size=60))
def test_spans_are_in_order_within_the_text_and_do_not_overlap(text):
    spans = personal_spans(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(start >= 0 and end <= len(text) for start, end in spans)


@pytest.mark.parametrize(
    "piece",
    ["@", "a@", "a" * 63 + "@", "a@b.", "a@a.a.a.a.a.a.a.a.", "%40", "a%40", "%2B1", "+1", "+1 ", "00", "001", "+1(((", "+4917012345",
     "+49 170 1234567 ", "AA00", "DE89 ", "DE89" + " " * 60, "DE89-", "DE89370400440532013000", "DE00", "é", "a@xn--", "%", "%25", "'@"],
)  # fmt: skip
def test_the_time_grows_no_faster_than_the_text(piece):
    """Four times the text may take at most eight times as long; the quickest of several runs counts."""

    def seconds(length):
        text = piece * (length // len(piece))
        runs = []
        for _ in range(5):
            start = time.process_time()
            personal_spans(text)
            runs.append(time.process_time() - start)
        return min(runs)

    seconds(100)
    assert seconds(32_000) < 8 * seconds(8_000) + 0.002


def test_a_list_of_people_is_one_place():
    text = "to: " + "; ".join(f"p{number}@example.com" for number in range(51)) + " (end)"
    assert personal_spans(text) == [(4, len(text) - 6)]
    few = "; ".join(f"p{number}@example.com" for number in range(50))
    assert len(personal_spans(few)) == 50


def test_numbers_beyond_the_first_few_are_not_checked_and_taken_for_numbers():
    text = ", ".join(["+49 170 1234567"] * 20 + ["+999 99 99 99 99"])
    assert len(personal_spans(text)) == 21
    assert personal_spans("+999 99 99 99 99") == []
