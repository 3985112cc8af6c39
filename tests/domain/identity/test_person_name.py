"""Which properties hold the name of a person, and the words by which it is found."""

from __future__ import annotations

import itertools

import pytest

from domain.identity.known_names import FieldName, KnownNames, with_names
from domain.identity.person_name import name_properties, name_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ada Lovelace", ["ada", "lovelace"]),
        ("LOVELACE, Ada", ["lovelace", "ada"]),
        ("José Müller-Łoś", ["jose", "muller", "los"]),
        ("Zoe\u0308 Strauß", ["zoe", "strauss"]),
        ("Conan O'Brien", ["conan", "obrien"]),
        ("Conan O\u2019Brien", ["conan", "obrien"]),
        ("Dr. Anne-Marie  Ada ada", ["dr", "anne", "marie", "ada"]),
        ("山田 太郎", ["山田", "太郎"]),
        ("अमित शर्मा", ["अमित", "शरमा"]),
        ("Ørsted Æsop", ["orsted", "aesop"]),
        (" . - ", []),
    ],
)
def test_words_are_equal_however_a_name_is_written(text, words):
    assert list(name_words(text)) == words


@pytest.mark.parametrize(
    ("kind", "properties", "fields"),
    [
        ("lead.updated", {"name": "Ada", "companySize": 3}, {"name": "name"}),
        (
            "demo_request",
            {"name": "Ada", "First-Name": "Ada"},
            {"name": "nameInEvent", "First-Name": "firstname"},
        ),
        (
            "signup",
            {"last_name": "L", "full name": "A L"},
            {"last_name": "lastname", "full name": "fullname"},
        ),
        ("page_view", {"name": "Pricing"}, {}),
        ("account.joined", {"name": "Acme"}, {}),
        ("Product Viewed", {"name": "Monopoly", "price": 19}, {}),
        ("signup", {"companyName": "Acme", "username": "ada9"}, {}),
    ],
)
def test_names_of_people_are_told_from_those_of_pages_companies_and_products(kind, properties, fields):
    assert name_properties(kind, properties) == fields


def test_of_each_field_the_latest_name_counts_in_whatever_order_events_arrive():
    said = [
        ("lastname", FieldName(("lovelace",), (2, 5, 9))),
        ("lastname", FieldName(("byron",), (1, 9, 10))),
        ("firstname", FieldName(("ada",), (1, 1, 1))),
        ("name", FieldName(("countess",), (3, 3, 3))),
        ("name", FieldName((), (4, 4, 4))),
    ]
    for order in itertools.permutations(said):
        assert with_names(KnownNames(), order).words == ["ada", "lovelace"]
