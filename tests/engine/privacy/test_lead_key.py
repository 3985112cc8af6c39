"""What a lead's key seals, only that key opens, and only in its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.privacy.personal_fields import ERASED, SEAL, UNREADABLE, PersonalFields, is_sealed
from engine.privacy.lead_key import LeadKey, key_id_of, new_key
from engine.privacy.sealed_properties import holds_sealed, open_properties, seal_properties

KEY = new_key("ada")
FIELDS = PersonalFields.named("email,name,items")

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["email", "name", "path", "items", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)
PROPERTIES = st.dictionaries(st.sampled_from(["email", "name", "path", "items", "x"]), JSON, max_size=5)


@given(JSON)
def test_a_value_of_any_kind_comes_back_as_it_was(value):
    assert KEY.open("email", KEY.seal("email", value)) == value
    assert type(KEY.open("email", KEY.seal("email", value))) is type(value)


def test_nothing_of_the_value_shows_and_the_same_value_looks_different_each_time():
    first, second = (KEY.seal("email", "lovelace@example.com") for _ in range(2))
    assert is_sealed(first)
    assert "lovelace" not in first
    assert first != second
    assert first.startswith(f"{SEAL}1:{KEY.key_id}:")


def test_a_sealed_value_cannot_be_moved_to_another_field_or_lead():
    sealed = KEY.seal("email", "ada@example.com")
    assert KEY.open("name", sealed) == UNREADABLE
    assert LeadKey("bob", KEY.key_id, KEY.secret).open("email", sealed) == UNREADABLE


def test_what_another_key_has_sealed_reads_erased():
    assert new_key("ada").open("email", KEY.seal("email", "ada@example.com")) == ERASED


@pytest.mark.parametrize(
    "text",
    [
        "sealed:",
        "sealed:1",
        "sealed:2:{id}:AAAA",
        "sealed:1:{id}:",
        "sealed:1:{id}:!",
        "sealed:1:{id}:AAAA",
        "sealed:1:{id}:é",
    ],
)
def test_a_damaged_text_is_unreadable_and_breaks_nothing(text):
    assert KEY.open("email", text.format(id=KEY.key_id)) == UNREADABLE


def test_every_single_flipped_letter_is_noticed():
    sealed = KEY.seal("email", "ada@example.com")
    for place in range(len(sealed) - 60, len(sealed)):
        other = "A" if sealed[place] != "A" else "B"
        changed = f"{sealed[:place]}{other}{sealed[place + 1 :]}"
        assert KEY.open("email", changed) == UNREADABLE


def test_the_hash_of_a_body_says_nothing_without_the_key():
    stamped = KEY.body_hash("plain")
    assert key_id_of(stamped) == KEY.key_id
    assert stamped == KEY.body_hash("plain")
    assert stamped != LeadKey("ada", KEY.key_id, new_key("ada").secret).body_hash("plain")
    assert key_id_of("0123abcd") == ""


def test_a_key_does_not_show_its_secret():
    assert KEY.secret.hex() not in repr(KEY)
    assert str(KEY.secret) not in repr(KEY)


# --- Properties ---


def test_personal_fields_are_sealed_at_any_depth_and_all_others_stay():
    properties = {
        "path": "/pricing",
        "email": "ada@example.com",
        "form": {"fields": [{"name": "Ada", "value": 1}, {"name": None}]},
        "items": [1, {"x": 2}],
    }
    sealed = seal_properties(properties, FIELDS, KEY)
    assert sealed["path"] == "/pricing"
    assert is_sealed(sealed["email"])
    assert is_sealed(sealed["items"])
    first, second = sealed["form"]["fields"]
    assert is_sealed(first["name"])
    assert first["value"] == 1
    assert second == {"name": None}
    assert open_properties(sealed, KEY) == properties


@given(PROPERTIES)
def test_whatever_is_sealed_opens_to_what_was_sent_and_what_needs_sealing_is_what_is_sealed(properties):
    sealed = seal_properties(properties, FIELDS, KEY)
    assert open_properties(sealed, KEY) == properties
    assert holds_sealed(sealed) == FIELDS.are_in(properties)


@given(PROPERTIES)
def test_without_the_key_every_personal_value_reads_erased_and_all_else_is_there(properties):
    shown = open_properties(seal_properties(properties, FIELDS, KEY), None)
    assert not holds_sealed(shown)
    for name, value in properties.items():
        if name in FIELDS and value is not None:
            assert shown[name] == ERASED
        elif not isinstance(value, (dict, list)):
            assert shown[name] == value


def test_what_a_sender_wrote_to_look_sealed_is_shown_as_it_was_written():
    stolen = KEY.seal("email", "ada@example.com")
    properties = {"path": stolen, "email": stolen, "list": [f"{SEAL}1:x:y"]}
    sealed = seal_properties(properties, FIELDS, KEY)
    assert sealed["path"] != stolen
    assert open_properties(sealed, KEY) == properties


# --- What was sealed once can be opened for ever ---


def test_the_first_form_of_a_sealed_value_opens_in_every_later_version():
    key = LeadKey("ada", "00112233aabbccdd", bytes(range(32)))
    sealed = (
        "sealed:1:00112233aabbccdd:-Ky9ICXIb_tDSRDwHPtdQyu5OXDhxCuPR5qCeWR-0d6U95Fck6gGKIImi_QIskjZNPOsl4bj"
    )
    assert key.open("email", sealed) == {"home": "ada@example.com"}


def test_the_first_form_of_a_body_hash_is_made_by_every_later_version():
    key = LeadKey("ada", "00112233aabbccdd", bytes(range(32)))
    assert key.body_hash("plain") == "00112233aabbccdd:d0ba50ea82d285b7708d531fd4a0444b"


# --- Parts of texts ---

RECOGNISED = PersonalFields.named("email", recognises=True, open_names="channel")
URL = "/pricing?email=ada%40example.org&plan=gold"


def test_only_the_personal_part_of_a_text_is_sealed():
    sealed = seal_properties({"path": URL, "list": ["call +49 170 1234567", 1]}, RECOGNISED, KEY)
    assert sealed["path"].startswith("/pricing?email=[sealed:2:")
    assert sealed["path"].endswith("]&plan=gold")
    assert sealed["list"][0].startswith("call [sealed:")
    assert "example" not in sealed["path"]
    assert open_properties(sealed, KEY)["path"] == URL


def test_the_same_part_is_the_same_text_again_for_one_lead_alone():
    (first, again, other) = (
        seal_properties({"path": URL}, RECOGNISED, key)["path"]
        for key in (KEY, LeadKey(KEY.lead_id, KEY.key_id, KEY.secret), new_key("eve"))
    )
    assert first == again != other


def test_a_part_reads_erased_without_its_key_and_unreadable_when_it_is_damaged():
    sealed = seal_properties({"path": URL}, RECOGNISED, KEY)
    assert open_properties(sealed, None)["path"] == "/pricing?email=[erased]&plan=gold"
    assert open_properties(sealed, new_key(KEY.lead_id))["path"] == "/pricing?email=[erased]&plan=gold"
    damaged = {"path": sealed["path"][:-15] + "AAAA" + sealed["path"][-11:]}
    assert "[unreadable]" in open_properties(damaged, KEY)["path"]
    for broken in ("[sealed:2:]", "[sealed:1:a:b]", f"[sealed:2:{KEY.key_id}:A]"):
        shown = open_properties({"path": f"x {broken}"}, KEY)["path"]
        assert shown in {f"x {UNREADABLE}", f"x {ERASED}"}


def test_a_part_cannot_be_opened_as_that_of_another_lead():
    sealed = seal_properties({"path": URL}, RECOGNISED, KEY)
    assert "[unreadable]" in open_properties(sealed, LeadKey("eve", KEY.key_id, KEY.secret))["path"]


def test_a_text_that_looks_as_if_a_part_of_it_were_sealed_is_sealed_as_a_whole():
    sealed = seal_properties({"path": "x [sealed:2:a:b] y", "tag": "[sealed:"}, RECOGNISED, KEY)
    assert is_sealed(sealed["path"])
    assert is_sealed(sealed["tag"])
    assert open_properties(sealed, KEY) == {"path": "x [sealed:2:a:b] y", "tag": "[sealed:"}


def test_recognised_names_are_sealed_but_for_yes_and_no_and_open_names_are_left_alone():
    properties = {
        "workEmail": True,
        "work_email": "x",
        "Mailing Zip": 10115,
        "mobilephone": None,
        "tag": "ada@example.org",
        "channel": ["ada@example.org"],
    }
    sealed = seal_properties(properties, RECOGNISED, KEY)
    assert {name for name, value in sealed.items() if holds_sealed(value)} == {"work_email", "Mailing Zip"}
    assert open_properties(sealed, KEY) == properties


@given(
    st.dictionaries(
        st.sampled_from(["path", "work_email", "list", "tag"]),
        st.text(st.sampled_from(list("a@.+%40 0491sealed:[]")), max_size=40)
        | st.lists(st.sampled_from([URL, "ada@example.org", "[sealed:", 1, None, True]), max_size=3),
    )
)
def test_what_needs_sealing_with_recognition_is_what_is_sealed_and_opens_again(properties):
    sealed = seal_properties(properties, RECOGNISED, KEY)
    assert open_properties(sealed, KEY) == properties
    assert holds_sealed(sealed) == RECOGNISED.are_in(properties)
