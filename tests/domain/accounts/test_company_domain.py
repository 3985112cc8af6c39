"""The domain of a company in addresses, and what an event says of a company."""

from __future__ import annotations

import pytest

from domain.accounts.company_domain import domain_of_email, domain_of_website, registered_domain
from domain.accounts.company_facts import company_facts
from domain.events.vocabulary import ACCOUNT_JOINED


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ada@acme.com", "acme.com"),
        ("Ada Lovelace <ADA@Mail.ACME.co.uk>", "acme.co.uk"),
        ("ada@acme.com.", "acme.com"),
        ("ada@bücher.de", "xn--bcher-kva.de"),
        ("ada@a.b.acme.com.au", "acme.com.au"),
        *((f"ada@{free}", "") for free in ("gmail.com", "GMX.de", "googlemail.com", "qq.com", "yahoo.co.jp")),
        *((text, "") for text in ("", "ada", "ada@", "@", "ada@localhost", "ada@10.0.0.1", "ada@[10.0.0.1]")),
        *(
            (text, "")
            for text in ("ada@co.uk", "ada@acme..com", "ada@ac me.com", "ada@" + "a" * 300 + ".com")
        ),
        ("ada@example.com", ""),
        ("ada@acme.com and eve@evil.com", "evil.com"),
    ],
)
def test_an_address_says_the_registered_domain_of_a_company(address, domain):
    assert domain_of_email(address) == domain


def test_further_domains_are_free_mail_as_hosts_and_as_registered_domains():
    further = frozenset({"mailbox.org", "relay.apple.com"})

    assert domain_of_email("ada@mailbox.org", further) == ""
    assert domain_of_email("ada@team.mailbox.org", further) == ""
    assert domain_of_email("ada@relay.apple.com", further) == ""
    assert domain_of_email("ada@apple.com", further) == "apple.com"


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.acme.com/about?x=1", "acme.com"),
        ("acme.com", "acme.com"),
        ("//acme.com:8080/", "acme.com"),
        ("http://[::1", ""),
        ("gmail.com", ""),
        (" ", ""),
    ],
)
def test_a_website_says_a_domain_too(address, domain):
    assert domain_of_website(address) == domain


def test_a_filter_takes_any_domain_that_can_be_registered():
    assert registered_domain("www.gmail.com") == "gmail.com"
    assert registered_domain("acme") == ""


@pytest.mark.parametrize(
    ("type_", "identifiers", "properties", "facts"),
    [
        ("signup", {"email": "ada@acme.com"}, None, {"companyDomain": "acme.com"}),
        ("signup", {"email": "ada@gmail.com"}, {"workEmail": "ada@acme.com"}, {}),
        ("signup", None, {"work_email": "ada@acme.com"}, {"companyDomain": "acme.com"}),
        ("signup", None, {"email": 7}, {}),
        ("signup", None, {"email": "ada@acme.com", "companyDomain": "own.com"}, {}),
        ("signup", {"userId": "7"}, {"path": "/"}, {}),
        ("signup", None, None, {}),
        (ACCOUNT_JOINED, {"email": "ada@acme.com"}, {"groupId": "g"}, {}),
        (
            ACCOUNT_JOINED,
            None,
            {"groupId": "g", "name": " Acme ", "url": "https://acme.com"},
            {"companyName": "Acme", "companyDomain": "acme.com"},
        ),
        (ACCOUNT_JOINED, None, {"groupId": "g", "name": "a" * 201, "domain": "gmail.com"}, {}),
    ],
)
def test_an_event_says_what_it_knows_of_a_company(type_, identifiers, properties, facts):
    assert company_facts(type_, identifiers, properties) == facts
