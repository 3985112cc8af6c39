"""Words of tests about campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from domain.campaigns.definition import AudienceFilter, CampaignDefinition, Wording
from domain.instant import HOUR, SECOND
from engine.operations.audit_log import Actor
from workflows.analytics.project import project_results
from workflows.campaigns.changes import change_state, start_campaign
from workflows.campaigns.drafts import create_campaign
from workflows.campaigns.estimate import request_estimate
from workflows.work.loops import drain

ME = Actor("person", "Ada", "person_1")
FAIR = AudienceFilter(tag="fair")
MAIL = Wording(channel="email", subject="Hi {{firstName|there}}", text="Thank you for coming")


@dataclass
class Trial:
    """Everything that a test about campaigns does."""

    runtime: Any
    clock: Any
    send: Any
    apply: Any

    async def lead(self, lead_id, *, tag="fair", email=True):
        """A lead with a tag, and with an address if it has one."""
        address = {"email": f"{lead_id}@example.com"} if email else {}
        await self.send(lead_id, "lead.updated", firstName=lead_id.title(), **address)
        await self.send(lead_id, "tag.added", tag=tag)
        await self.apply(lead_id)

    async def untag(self, lead_id):
        await self.send(lead_id, "tag.removed", tag="fair")
        await self.apply(lead_id)

    async def draft(self, mode="broadcast", audience=FAIR, **different):
        """A draft, to those with the tag."""
        content = {"message": MAIL} if mode == "broadcast" else {"sequence": "welcome"}
        definition = CampaignDefinition(mode=mode, audience=audience, **{**content, **different})
        return await create_campaign(self.runtime, ME, "After the fair", definition)

    async def estimate(self, campaign):
        """The campaign, its estimate ready."""
        await request_estimate(self.runtime, campaign.campaign_id)
        await self.work()
        return await self.read(campaign)

    async def started(self, mode="broadcast", **different):
        """A campaign that was started and has done nothing."""
        campaign = await self.estimate(await self.draft(mode, **different))
        return await start_campaign(self.runtime, ME, campaign.campaign_id, campaign.estimate.digest)

    async def half_sent(self):
        """A campaign of two leads, of which one has its message and the other waits for the next day: and that one."""
        for lead in ("ada", "bob"):
            await self.lead(lead)
        campaign, whole = await self.started(), self.runtime
        self.runtime = whole.with_settings(send_per_day=1)
        await self.work()
        self.runtime = whole
        assert (await self.tally(campaign))[0] == {"done": 1, "underWay": 1}
        (waiting,) = await whole.campaigns.members.page(campaign.campaign_id, "underWay", None, 9)
        return campaign, waiting.lead_id

    async def change(self, campaign, action):
        return await change_state(self.runtime, ME, campaign.campaign_id, action)

    async def work(self, *, after_hours=0.0):
        """Do what is due after so many hours, and what is due soon after that."""
        self.clock.at += round(after_hours * HOUR)
        await drain(self.runtime)
        self.clock.at += 3 * SECOND
        await drain(self.runtime)

    async def read(self, campaign):
        return await self.runtime.campaigns.campaigns.get(campaign.campaign_id)

    async def tally(self, campaign):
        """The results that some lead has, and the reasons."""
        found = await self.runtime.campaigns.members.tally(campaign.campaign_id)
        return found.results, found.reasons

    async def counted(self, lead_id):
        """The campaigns that analytics counts the messages of a lead under."""
        await project_results(self.runtime, [lead_id])
        found = await self.runtime.analytics.results.of_streams([lead_id])
        return [one.campaign for one in found.values()]

    async def sent_to(self, lead_id):
        """The subjects of the messages to a lead that have gone out, and the reasons of those that have not."""
        found = await self.runtime.outreach.messages.page(lead_id=lead_id, after=None, limit=9)
        return [[one.code for one in message.withheld] or message.state for message in found]


@pytest.fixture
def trial(runtime, clock, send, apply):
    """The words of these tests in one."""
    return Trial(runtime, clock, send, apply)
