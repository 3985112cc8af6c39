"""Submissions of forms: who it is, what is said, where from, and which ones machines send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.errors import Invalid
from domain.forms.form import Form
from domain.forms.form_body import form_fields
from domain.forms.submission import read_submission, redirect_url

FORM = Form(
    form_key="f1",
    name="Contact",
    origins=("https://www.example.com",),
    thank_you_url="https://www.example.com/thanks",
    event_type="form.submitted",
    attributes={"company": "companyName"},
    honeypot="company_website",
    min_seconds=2.0,
    enabled=True,
    created_at=0,
)
EMAIL = ("email", "Ada@Example.com")


def read(*fields, referer="", region=""):
    return read_submission(FORM, fields, referer, region)


def test_fields_are_properties_and_some_of_them_attributes_and_consent():
    found = read(
        EMAIL, ("company", "ACME"), ("topic", "a"), ("topic", "b"), ("consent", "on"), ("empty", " ")
    )
    assert found.identifiers == {"email": "ada@example.com"}
    assert found.properties == {
        "email": "Ada@Example.com",
        "company": "ACME",
        "topic": ["a", "b"],
        "consent": "on",
        "form": "Contact",
    }
    assert (found.attributes, found.consent, found.automated) == ({"companyName": "ACME"}, True, "")


def test_campaigns_and_click_ids_come_from_the_page():
    page = "https://www.example.com/offer?utm_source=mail&gclid=G1&token=secret#top"
    for found in (read(EMAIL, ("_page", page)), read(EMAIL, referer=page)):
        assert found.properties == {
            "email": "Ada@Example.com",
            "utm_source": "mail",
            "gclid": "G1",
            "form": "Contact",
            "page": "https://www.example.com/offer",
        }
    assert (
        read(EMAIL, ("utm_source", "hidden field"), ("_page", page)).properties["utm_source"]
        == "hidden field"
    )


@pytest.mark.parametrize(
    ("field", "is_machine"),
    [
        (("company_website", "http://spam"), True),
        (("company_website", ""), False),
        (("_elapsed", "1999"), True),
        (("_elapsed", "2000"), False),
        (("_elapsed", "soon"), False),
    ],
)
def test_machines_fill_the_honeypot_or_are_too_quick(field, is_machine):
    assert bool(read(EMAIL, field).automated) is is_machine


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ((), "/email"),
        ((("email", "nobody"),), "/email"),
        ((("Mail", "x"),), "/Mail"),
        ((("phone", "1"),), "/email"),
    ],
)
def test_a_form_that_names_nobody_is_refused_by_the_field(fields, pointer):
    with pytest.raises(Invalid) as refused:
        read(*fields)
    assert refused.value.faults[0].pointer == pointer


def test_a_telephone_number_is_enough_and_a_wrong_one_stays_a_property():
    assert read(("phone", "030 123456"), region="DE").identifiers == {"phone": "+4930123456"}
    found = read(EMAIL, ("phone", "after six"))
    assert (found.identifiers, found.properties["phone"]) == ({"email": "ada@example.com"}, "after six")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "https://www.example.com.evil.example/",
        "https://www.example.com@evil.example/",
        "//evil.example",
        "/relative",
        "javascript:alert(1)",
        "https://www.example.com\\@evil.example",
        "https://www.example.com\r\nX: y",
        "http://www.example.com/",
        "https://WWW.example.com:444/",
        "https://[",
    ],
)
def test_people_are_led_to_the_origins_of_the_form_only(url):
    assert redirect_url(FORM, [("_redirect", url)]) == FORM.thank_you_url


def test_people_are_led_where_the_page_says():
    url = "https://www.example.com/offer/thanks?a=b"
    assert redirect_url(FORM, [("_redirect", url)]) == url
    assert redirect_url(replace(FORM, thank_you_url=""), []) == ""


def test_urlencoded_and_multipart_forms_say_the_same():
    multipart = (
        b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nada@example.com\r\n'
        b'--b\r\nContent-Disposition: form-data; name="say"\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n--b--\r\n'
    )
    plain = b"email=ada%40example.com&say=Gr%C3%BC%C3%9Fe"
    assert form_fields("multipart/form-data; boundary=b", multipart) == form_fields(
        "application/x-www-form-urlencoded", plain
    )


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=30)), max_size=8), st.text(max_size=40))
def test_whatever_is_filled_in_is_read_or_refused(fields, referer):
    try:
        found = read(*fields, referer=referer)
    except Invalid:
        return
    assert found.automated or found.identifiers
