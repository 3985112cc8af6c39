"""Stories of imports: a file is inspected, mapped column by column, tried on every row, imported, and its rejects taken home."""

from __future__ import annotations

from playwright.async_api import expect

from engine.work.loop import WorkLoop
from tests.api.console.axe import PHONE_SIZE, faults_as_it_stands, violations
from workflows.imports.background.perform import import_kind

ROWS = (
    "Id;E-mail;Created;Company\n"
    "1;ada@example.com;2026-11-01T10:00:00Z;ACME\n"
    "2;bob@example.com;2026-11-02T10:00:00Z;Bees\n"
    "3;no address;2026-11-03T10:00:00Z;Ants\n"
)
FILE = {"name": "spring.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}


async def work(api):
    await WorkLoop(import_kind(api.runtime), api.runtime.now).drain()


async def test_a_file_is_inspected_mapped_tried_and_imported_and_its_rejects_are_downloaded(api, open_page):
    async with open_page("/imports", role="admin", viewport=PHONE_SIZE) as page:
        await expect(page.get_by_text("No file yet.")).to_be_visible()
        await page.get_by_role("link", name="Import a file").click()
        await page.locator("#file").set_input_files(FILE)
        await expect(page.get_by_text("3 rows, 4 columns")).to_be_visible()
        await expect(page.get_by_text("semicolon")).to_be_visible()
        await expect(page.get_by_label("What E-mail is")).to_have_value("email")
        await expect(page.get_by_label("What Created is")).to_have_value("occurredAt")
        await page.get_by_label("What Id is").select_option("email")
        await expect(page.get_by_label("What E-mail is")).to_have_value("ignored")
        await page.get_by_label("What E-mail is").select_option("email")
        await page.get_by_label("Property of Company").fill("company")
        await page.get_by_label("Each row is an event").fill("signup")
        assert await faults_as_it_stands(page) == []
        await page.get_by_label("Keep this mapping").fill("crm")
        await page.get_by_role("button", name="Keep it").click()
        await expect(page.locator(".toast")).to_contain_text("kept as crm")

        await page.get_by_role("button", name="Try it on every row").click()
        await expect(page.get_by_text("waits for a worker")).to_be_visible()
        await work(api)
        await expect(page.get_by_text("3 rows would make 2 events, 1 row rejected.")).to_be_visible()
        assert await api.runtime.capture.log.count() == 0
        await page.get_by_role("button", name="Import it").click()
        await expect(page.get_by_role("progressbar")).to_be_visible()
        await work(api)
        await expect(page.get_by_text("3 rows made 2 events, 1 row rejected.")).to_be_visible()
        assert await faults_as_it_stands(page) == []
        link = page.get_by_role("link", name="Download the rejected row")
        assert await link.get_attribute("download") is not None
        rejects = await (await page.request.get(await link.get_attribute("href"))).text()
        assert "no address" in rejects
        assert "ada@" not in rejects
        await api.work()
        assert len((await api.get("/api/leads?email=ada@example.com"))["items"]) == 1

        await page.get_by_role("link", name="Imports", exact=True).first.click()
        await expect(page.get_by_role("row")).to_have_count(3)
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("link", name="spring.csv").first.click()
        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("button", name="Delete it").click()
        await expect(page.get_by_role("row")).to_have_count(2)


async def test_a_file_that_is_no_table_and_a_wrong_mapping_are_refused_with_the_reason(api, open_page):
    await api.http.put("/api/import-mappings/crm", json={"text": "source: crm\nleadId: Id\nevents: []\n"})
    async with open_page("/imports/new") as page:
        await page.locator("#file").set_input_files({**FILE, "buffer": b"Id,E-mail\n"})
        await expect(page.get_by_role("alert")).to_contain_text("no rows")
        assert await violations(page) == []
        await page.locator("#file").set_input_files(FILE)
        await page.get_by_role("button", name="As text").click()
        await page.get_by_label("Mapping in YAML").fill("source: crm\nleadId: Nothing\nevents: []\n")
        await page.get_by_role("button", name="Try it").click()
        await expect(page.get_by_role("alert")).to_contain_text("events")
        await page.get_by_role("button", name="A kept mapping").click()
        await expect(page.get_by_role("button", name="Try it")).to_be_disabled()
    async with open_page("/imports", role="rep") as page:
        await expect(page.get_by_text("Files are imported by admins.")).to_be_visible()
