"""Whatever a form is like, reading it takes time that grows as its length does: anybody can send one."""

from __future__ import annotations

import pytest

from domain.errors import Invalid
from domain.forms.form import Form
from domain.forms.form_body import MAX_FIELDS, form_fields
from domain.forms.submission import read_submission
from tests.growth import assert_linear

FORM = Form(
    form_key="f",
    name="Contact",
    origins=(),
    thank_you_url="",
    event_type="form.submitted",
    attributes={"name": "name"},
    honeypot="company_website",
    min_seconds=0,
    enabled=True,
    created_at=0,
)
MULTIPART = "multipart/form-data; boundary=b"
PART = '--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


def submit(content_type):
    def call(text):
        try:
            fields = form_fields(content_type, text.encode())
            read_submission(FORM, fields, "https://www.example.com/?utm_source=x", "")
        except Invalid:
            return

    return call


@pytest.mark.parametrize("piece", ["a=1&", "a", "%41", "&", "=", "+", "%", "email=a@b.cc&", "utm_source=&"])
def test_an_urlencoded_form(piece):
    assert_linear(submit("application/x-www-form-urlencoded"), lambda length: piece * length)


@pytest.mark.parametrize(
    "piece",
    [
        PART.format(name="a", value="1"),
        PART.format(name="email", value="a@b.cc"),
        "--b\r\n",
        "--b\r\nA: b\r\n\r\n",
        "\r\n",
        "x: y\r\n",
    ],
)
def test_a_multipart_form(piece):
    assert_linear(submit(MULTIPART), lambda length: piece * (length // 4) + "--b--")


@pytest.mark.parametrize("piece", ["; a=1", "; a*0=1", "(", '"', "; ", "=?utf-8?q?a?= ", "a ", "%41", "\t"])
def test_a_part_with_a_long_header(piece):
    def text_of(length):
        return f'--b\r\nContent-Disposition: form-data; name="a{piece * length}\r\n\r\n1\r\n--b--'

    assert_linear(submit(MULTIPART), text_of, n=2000)


@pytest.mark.parametrize("piece", ["; a=1", "; boundary=b", "; a*0=1", "(", '"'])
def test_a_long_content_type(piece):
    def call(text):
        submit(text)("--b\r\n\r\n1\r\n--b--")

    assert_linear(call, lambda length: f"multipart/form-data{piece * length}")


def test_a_form_of_too_many_fields_is_refused():
    with pytest.raises(Invalid):
        form_fields("application/x-www-form-urlencoded", b"a=1&" * (MAX_FIELDS + 1))
