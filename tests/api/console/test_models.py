"""Prediction in the console: a model is looked at and activated, the lead and the queue say how likely it is to buy, and why."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace
from playwright.async_api import expect

from domain.decisions.goal import WIN
from domain.prediction.model import LevelTerm, Model, NumberTerm
from domain.prediction.report import Group, HeldOut
from engine.store.mongo import transact
from tests.api.console.axe import faults_of_screen, settled
from tests.api.console.pictures import picture

GROUPS = tuple(
    Group((n + 1) / 20, n / 20 + 0.02, 200, n * 11, max(0.0, n / 18 - 0.03), n / 18 + 0.04) for n in range(10)
)
HELD_OUT = HeldOut(2000, 495, 0.812, 0.731, 0.142, 0.211, 1.04, 0.97, 0.018, 3.1, GROUPS)
MODEL = Model(
    goal=WIN,
    version=1,
    rulebook="classic@2",
    features="features@1",
    known_at=0,
    position=1,
    backfilled=False,
    base=-2.0,
    shift=0.0,
    scale=1.0,
    terms=(
        NumberTerm("quietDays", (1.0, 7.0), (0.62, 0.1, -0.9), 0.05),
        NumberTerm("daysSince.demo_request", (2.0, 9.0), (0.83, 0.2, -0.1), -0.3),
        NumberTerm("times.page_view", (3.0,), (-0.25, 0.3), -0.4),
        LevelTerm("weekday", {"Monday": 0.04}, 0.02, -0.1),
    ),
    labels={"demo_request": "Requested a demo", "page_view": "Viewed a page"},
    held_out=HELD_OUT,
    landmarks=8000,
    wins=1900,
    trained_with={},
)


@pytest.fixture
async def models(api):
    """A model that passed, and one that has failed a test."""

    async def add(model, *failures):
        await transact(
            api.runtime.store.client,
            lambda session: api.runtime.prediction.models.add(model, failures, api.runtime.now(), session),
        )

    await add(MODEL)
    await add(replace(MODEL, version=2), "it expects 2.00 times what happened")
    await api.runtime.prediction.active.refresh()


async def test_a_model_is_activated_shown_with_its_reasons_and_rolled_back(api, ada, models, open_page):
    async with open_page("/rules/models", role="admin") as page:
        await expect(page.get_by_text("No model is active")).to_be_visible()
        await page.get_by_role("button", name="win@2").click()
        await expect(
            page.get_by_text("It fails a test: it expects 2.00 times what happened.")
        ).to_be_visible()
        await page.get_by_role("button", name="Activate win@1").click()
        await page.get_by_role("dialog").get_by_role("button", name="Activate win@1").click()
        await expect(page.get_by_text("Leads show what win@1 says.")).to_be_visible()
        assert await faults_of_screen(page, "/rules/models") == []
        await picture(page, "models")

        await page.goto("/console/leads/ada")
        likely = page.get_by_role("heading", name=re.compile(r"\d+ % likely to buy within 90 days"))
        await expect(likely).to_be_visible()
        win = (await api.get("/api/leads/ada/intelligence"))["win"]
        await expect(likely).to_have_text(re.compile(rf"^{win['probability'] * 100:.0f} %"))
        await expect(page.get_by_role("row").filter(has_text="Requested a demo, within")).to_contain_text(
            "\u00d7"
        )
        assert await faults_of_screen(page, "/leads/ada") == []
        await picture(page, "lead")

        await page.goto("/console/queue")
        await settled(page)
        await expect(page.get_by_text("within 90 days", exact=False).first).to_be_visible()
        await picture(page, "queue")

        await page.goto("/console/rules/models")
        await page.get_by_role("button", name="Roll back").click()
        await page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
        await expect(page.get_by_text("No model is active")).to_be_visible()
