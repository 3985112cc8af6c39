"""The company of a lead, folded from its events."""

from __future__ import annotations

from domain.accounts.company import Company
from domain.events.event import Event
from domain.events.vocabulary import ACCOUNT_JOINED


def company_after(*events):
    company = Company()
    for at, (type_, properties) in enumerate(events, start=1):
        event = Event(
            position=at,
            event_id=str(at),
            lead_id="ada",
            type=type_,
            occurred_at=at,
            received_at=at,
            properties=properties,
        )
        company = company.evolve(event)
    return company


def joined(group, **said):
    return ACCOUNT_JOINED, {"groupId": group, **said}


def address_at(domain):
    return "signup", {"companyDomain": domain}


def test_a_group_comes_before_a_domain_and_the_latest_of_each_counts():
    assert company_after(address_at("old.com"), address_at("ACME.com")).account == "domain:acme.com"
    assert company_after(joined("a"), address_at("acme.com"), joined(7.0)).account == "group:7"


def test_null_takes_back():
    assert company_after(joined("a"), address_at("acme.com"), joined(None)).account == "domain:acme.com"
    assert company_after(address_at("acme.com"), address_at(None)).account == ""
    assert company_after(joined(None, companyName="Nobody")) == Company()


def test_what_names_a_group_is_remembered_until_another_group_is_joined():
    named = company_after(joined("a", companyName="Acme", companyDomain="Acme.com"), joined("a"))
    assert (named.name, named.group_domain, named.named_at) == ("Acme", "acme.com", 1)

    renamed = company_after(
        joined("a", companyName="Acme", companyDomain="acme.com"), joined("a", companyName="Ajax")
    )
    assert (renamed.name, renamed.group_domain, renamed.named_at) == ("Ajax", "acme.com", 2)

    assert company_after(joined("a", companyName="Acme"), joined("b")) == Company(group="b")


def test_what_is_no_id_or_is_encrypted_joins_nothing():
    for group in ("", " ", True, {}, [], "a" * 201, "sealed:2:abc", "[sealed:2:abc]"):
        assert company_after(joined(group)) == Company()
    assert company_after((ACCOUNT_JOINED, {"companyName": "Acme"})) == Company()
    assert company_after(address_at("x [sealed:2:abc]")) == Company()
    assert company_after(joined("a", companyName="[sealed:2:abc]")) == Company(group="a")


def test_any_event_may_say_for_which_group_the_lead_acts():
    acts = ("page_view", {"companyGroup": "b"})
    assert company_after(joined("a", companyName="A"), acts).account == "group:b"
    assert company_after(joined("a", companyName="A"), acts).name == ""
    assert company_after(acts, joined("b", companyName="B"), acts).name == "B"
    assert company_after(acts, ("signup", {"companyGroup": None, "companyDomain": "acme.com"})).account == (
        "domain:acme.com"
    )
    assert company_after(acts, ("signup", {"companyGroup": {"a": 1}})).account == "group:b"
    assert company_after(acts, ("account.joined", {"companyGroup": "c"})).account == "group:b"
