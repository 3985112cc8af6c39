"""Rules before the classifier, an opt-out before everything, and only what the author wrote counts."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.replies.classify import Reply, classify, written_body
from domain.replies.training import Labelled, train
from domain.replies.written_text import MAX_CHARACTERS

TODAY = date(2026, 11, 30)
QUOTE = "\n\nOn Mon, Nov 2, 2026 at 9:00 AM Sam <sam@acme.example> wrote:\n> Hello,\n> unsubscribe here: https://acme.example/u/1\n"
OUTLOOK = "\n\n-----Original Message-----\nFrom: Sam\nSent: Monday, November 2, 2026 9:00 AM\nTo: Ada\nSubject: Hello\n\nUnsubscribe here."


def read(text, **more):
    return classify(Reply(text=text, received=TODAY, **more))


def evidence(text, **more):
    found = read(text, **more)
    return found.intent, text[found.evidence.start : found.evidence.end] if found.evidence else None


@pytest.mark.parametrize("quote", [QUOTE, OUTLOOK, "\n> Unsubscribe here.\n"])
def test_what_is_quoted_is_not_what_the_author_wrote(quote):
    assert read(f"Thursday at 3 suits me for a call.{quote}").intent == "meeting_request"
    assert read(f"Please stop writing to me.{quote}").intent == "unsubscribe"


@pytest.mark.parametrize(
    "text",
    [
        "I like it. Can we talk on Thursday? But please remove me from this list.",
        "I am out of the office until 5 December. Also, unsubscribe me.",
        "I'm not the right person. Take me off your list.",
        "Thanks,\nbut stop emailing me",
        f"{QUOTE.strip()}\n\nPlease stop writing to me.",
        "Bonjour, merci. Por favor, no me escriban más. Best, Ada",
        "please unsubscribe\n-- \nAda Byron",
        "x " * 200 + "\nPlease unsubscribe me",
        "line\n" * 150 + "Please unsubscribe me",
        "unsub\u200bscribe me",
        "UNSUBSCRIBE ME NOW",
        "Don\u2019t contact me again",
    ],
)
def test_an_opt_out_anywhere_in_what_was_written_wins(text):
    assert read(text).intent == "unsubscribe"
    assert read(text).confidence == 1


@pytest.mark.parametrize(
    "text",
    [
        "Can our customers unsubscribe from single topics?",
        "What is the unsubscribe rate of your customers?",
        "Don't stop now, I want to hear the rest!",
        "Don't call me before Monday, I am travelling; then a call is fine.",
        "Please don't hesitate to contact me.",
        "Können sich unsere Kunden selbst vom Newsletter abmelden?",
        "Estoy de baja por maternidad hasta el 3 de marzo.",
        "Je voudrais en savoir plus.",
        "Tell me more\n-- \nAda\nTo unsubscribe from our newsletter click here",
    ],
)
def test_words_of_an_opt_out_that_are_none(text):
    assert read(text).intent != "unsubscribe"


def test_the_evidence_is_the_sentence_in_the_text_as_it_came_in():
    text = "Hello Sam,\n\nthanks for the mail. Please stop writing to me. Bye\n\nAda"
    assert evidence(text) == ("unsubscribe", "Please stop writing to me.")
    text = "Hi,\r\n\r\ncan we have a call on Thursday? I am in the office.\r\n"
    assert evidence(text) == ("meeting_request", "can we have a call on Thursday?")
    assert evidence("", subject="unsubscribe") == ("unsubscribe", None)


@pytest.mark.parametrize("subject", ["unsubscribe", "STOP", "Remove me"])
def test_a_short_subject_can_be_the_opt_out(subject):
    assert read("", subject=subject).intent == "unsubscribe"


def test_the_subject_of_an_answer_is_ours():
    assert read("Sounds great, tell me more", subject="Re: unsubscribe").intent == "interested"


@pytest.mark.parametrize(
    ("headers", "intent"),
    [
        ({"Auto-Submitted": "auto-replied"}, "out_of_office"),
        ({"auto-submitted": "no"}, "interested"),
        ({"Precedence": "auto_reply"}, "out_of_office"),
        ({"X-Autoreply": "yes"}, "out_of_office"),
        ({"X-Failed-Recipients": "ada@example.com"}, "bounce"),
        ({"Content-Type": "multipart/report; report-type=delivery-status"}, "bounce"),
    ],
)
def test_headers_say_that_no_person_wrote_it(headers, intent):
    assert read("Sounds great, tell me more", headers=headers).intent == intent


@pytest.mark.parametrize(
    ("text", "returns"),
    [
        ("I am out of the office until 12 January 2027.", date(2027, 1, 12)),
        ("I am out of the office until January 12th.", date(2027, 1, 12)),
        ("I'm on vacation and back on 2026-12-07", date(2026, 12, 7)),
        ("Ich bin bis zum 11.12.2026 nicht im Büro.", date(2026, 12, 11)),
        ("Vom 1. bis 15. Dezember bin ich im Urlaub.", date(2026, 12, 15)),
        ("Je suis absent jusqu'au 15 décembre 2026.", date(2026, 12, 15)),
        ("Estoy de vacaciones hasta el 7 de enero.", date(2027, 1, 7)),
        ("I'm away on vacation, back 12/14.", date(2026, 12, 14)),
        ("I'm away on vacation, back 3/4.", None),
        ("I'm on vacation until 31 February 2027.", None),
        ("I'm on vacation.", None),
        ("I am on vacation until 1 March 2026.", None),
    ],
)
def test_an_absence_has_the_day_it_names(text, returns):
    found = read(text)
    assert (found.intent, found.returns) == ("out_of_office", returns)


@pytest.mark.parametrize(
    "text", ["", " \n ", "Thanks!", "Danke, angekommen.", "👍", "qwxz vbnm", "> all quoted"]
)
def test_what_says_nothing_is_unknown(text):
    assert read(text).intent == "unknown"


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_the_same_twice_and_its_evidence_lies_within(text):
    found = read(text)
    assert found == read(text)
    assert 0 <= found.confidence <= 1
    if found.evidence:
        assert 0 <= found.evidence.start < found.evidence.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "\n",
        "On ",
        "> ",
        "--\n",
        "--\nx\n",
        "From: a\n",
        "On x\n",
        "Am x schrieb ",
        "remove ",
        "a@",
        "Disclaimer: mail ",
    ],
)
def test_hostile_texts_are_read(text):
    assert read(text * (2 * MAX_CHARACTERS // len(text))).intent


def test_the_body_has_neither_quotation_nor_signature():
    assert written_body(f"Tell me more.\n\nBest regards\nAda{QUOTE}") == "Tell me more."


def test_training_names_an_intent_without_a_line():
    with pytest.raises(Invalid, match="referral"):
        train([Labelled("question", "Why?")], ["Why?"])


NESTED = "\n".join(f"{'>' * (1 + n % 60)} line {n}, to unsubscribe click here" for n in range(10_000))
FOOTER = "Would Tuesday suit you?\n\nSam\n\nYou do not want to hear from us? Unsubscribe: https://acme.example/u/abc"
MARKED = "\n".join(f"> {line}" for line in FOOTER.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        f"Please remove me from your list.\n\n{NESTED}",
        f"{NESTED}\n\nPlease remove me from your list.",
        f"Hello,\n\nOn Mon, Nov 30, 2026 at 9:00 AM Sam <sam@acme.example> wrote:\n{NESTED}\n\nPlease remove me from your list.",
    ],
    ids=["above", "below", "around"],
)
def test_an_opt_out_is_found_beside_a_quotation_of_10_000_lines(text):
    reading = read(text)
    assert (reading.intent, reading.by) == ("unsubscribe", "rules")
    assert text[reading.evidence.start : reading.evidence.end] == "Please remove me from your list."


@pytest.mark.parametrize(
    "text",
    [
        f"Sounds good, how about Tuesday at 3?\n\n{NESTED}",
        f"Tuesday at 3 works, call me.\n\nOn Mon, Nov 30, 2026 at 9:00 AM Sam <sam@acme.example> wrote:\n{MARKED}",
        (
            "Tuesday at 3 works, call me.\n\n-----Original Message-----\nFrom: Sam <sam@acme.example>\n"
            f"Sent: Monday, November 30, 2026 9:00 AM\nTo: Ada <ada@example.com>\nSubject: Your demo\n\n{FOOTER}"
        ),
        (
            "Dienstag um 15 Uhr passt, rufen Sie an.\n\nVon: Sam <sam@acme.example>\n"
            f"Gesendet: Montag, 30. November 2026 09:00\nAn: Ada <ada@example.com>\nBetreff: Demo\n\n{FOOTER}"
        ),
        f"Mardi à 15 h, appelez-moi.\n\nLe lun. 30 nov. 2026 à 09:00, Sam <sam@acme.example> a écrit :\n{MARKED}",
    ],
)
def test_the_footer_of_our_own_mail_in_a_quotation_is_no_opt_out(text):
    assert read(text).intent == "meeting_request"


@pytest.mark.parametrize(
    "text",
    [
        "Bitte l\u00c3\u00b6schen Sie meine Adresse aus dem Verteiler",  # UTF-8 that was read as Latin-1
        "L\ufffdschen Sie mich bitte aus der Liste",
        "\u202eun\u200bsub\u200dscribe me",
        "\uff35\uff2e\uff33\uff35\uff22\uff33\uff23\uff32\uff29\uff22\uff25",  # full-width letters
        "<html><body><div>Please <b>remove</b> me from your list</div></body></html>",
        "S T O P",
        "usubscribe pls",
    ],
)
def test_an_opt_out_is_found_in_damaged_text(text):
    assert read(text).intent == "unsubscribe"


def test_a_suspected_opt_out_stands_beside_the_intent(monkeypatch):
    text = "Sounds great, tell me more about the prices"
    sure = read(text)
    assert (sure.intent, sure.suspected_opt_out) == ("interested", None), "the control: nothing is suspected"
    monkeypatch.setattr("domain.replies.classify._COST", 1e9)
    found = read(text)
    assert (found.intent, found.by) == ("interested", "classifier")
    assert found.confidence == sure.confidence
    assert 0 <= found.suspected_opt_out < 0.2
    assert found.refuses
    assert not sure.refuses


@pytest.mark.parametrize("text", ["Sure", "No", "No thanks", "Sure!", "Your demo", "Nope."])
def test_a_word_or_two_are_no_opt_out_unless_they_say_so(text):
    assert read(text).intent != "unsubscribe"
