"""Passkeys with the virtual authenticator of a real browser: add one, sign in by it, and prove again by it who one is."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from engine.people.proofs import open_proofs
from tests.api.console.test_screens import PASSWORD
from workflows.people.invites import invite_first_owner

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def at_this_port(api, monkeypatch):
    """Passkeys are for the address that the browser opens."""
    origin = f"http://localhost:{api.port}"
    settings = api.runtime.settings.model_copy(update={"console_origin": origin})
    monkeypatch.setattr(
        api.framework.state, "proofs", open_proofs(settings, api.runtime.store.database), raising=False
    )


@pytest.fixture
async def owner(api, at_this_port, unknown_page):
    """The browser of an owner who joined by password, with an authenticator."""
    link = await invite_first_owner(api.runtime)
    async with unknown_page(f"/join#{link.token}") as page:
        session = await page.context.new_cdp_session(page)
        await session.send("WebAuthn.enable")
        await session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        await page.get_by_label("E-mail").fill("ada@example.com")
        await page.get_by_label("Name").fill("Ada Probe")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Join").click()
        await expect(page.get_by_text("Nobody waits.")).to_be_visible()
        yield page


async def add_passkey(page):
    await page.get_by_role("link", name="Ada Probe").click()
    await page.get_by_label("New passkey").fill("laptop")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_text("Passkey laptop")).to_be_visible()


async def test_a_passkey_is_added_and_signs_in(owner):
    await add_passkey(owner)
    await owner.get_by_role("button", name="Sign out", exact=True).click()
    await expect(owner.get_by_role("heading", name="Sign in")).to_be_visible()
    await owner.get_by_role("button", name="Use a passkey").click()
    await expect(owner.get_by_text("Nobody waits.")).to_be_visible()
    await owner.get_by_role("link", name="Ada Probe").click()
    await expect(owner.get_by_text("Passkey laptop used")).to_be_visible()


@pytest.mark.parametrize("proof", ["passkey", "password"])
async def test_what_needs_a_recent_proof_asks_for_it_and_goes_on_by_itself(api, owner, proof):
    await add_passkey(owner)
    api.wait(minutes=11)
    await owner.get_by_role("button", name="New recovery codes").click()
    question = owner.get_by_role("dialog", name="Is it still you?")
    await expect(question).to_be_visible()
    if proof == "passkey":
        await question.get_by_role("button", name="Use a passkey").click()
    else:
        await question.get_by_label("Password").fill("wrong horse battery")
        await question.get_by_role("button", name="Go on").click()
        await expect(question.get_by_role("alert")).to_contain_text("not right")
        await question.get_by_label("Password").fill(PASSWORD)
        await question.get_by_role("button", name="Go on").click()
    await expect(owner.locator(".codes li")).to_have_count(10)
    await expect(question).to_have_count(0)
    await expect(owner.get_by_text("Live", exact=True)).to_be_visible()


async def test_a_proof_that_is_not_given_changes_nothing(api, owner):
    await add_passkey(owner)
    api.wait(minutes=11)
    await owner.get_by_role("button", name="Remove laptop").click()
    await expect(owner.get_by_role("dialog", name="Is it still you?")).to_be_visible()
    await owner.keyboard.press("Escape")
    await expect(owner.locator(".toast.failed")).to_contain_text("Sign in again first")
    await expect(owner.get_by_text("Passkey laptop")).to_be_visible()
