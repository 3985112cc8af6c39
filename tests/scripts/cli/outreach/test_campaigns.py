"""`lead-engine campaigns` against a real store."""

from __future__ import annotations

import pytest

from domain.errors import Conflict, Invalid
from domain.instant import SECOND
from engine.process.clock import now
from scripts.cli.outreach import campaigns
from workflows.work.loops import drain

TEXT = """\
name: After the fair
mode: broadcast
audience: {tag: fair}
startsAt: 2099-01-01T09:00:00Z
message:
  channel: email
  subject: Thank you
  text: |
    Hello {{firstName|there}},

    thank you for coming.
"""


async def test_a_campaign_from_its_file_to_its_end(settings, runtime, clock, tmp_path, capsys):
    file = tmp_path / "fair.yaml"
    file.write_text(TEXT, encoding="utf-8")
    await campaigns.create(settings, campaigns.read_draft(file))
    campaign_id = capsys.readouterr().out.strip()
    await campaigns.begin_estimate(settings, campaign_id)
    with pytest.raises(Conflict, match="not ready"):
        await campaigns.start(settings, campaign_id, "x")
    clock.at = now() + SECOND  # commands read the clock of the machine
    await drain(runtime)
    estimate = (await runtime.campaigns.campaigns.get(campaign_id)).estimate
    await campaigns.start(settings, campaign_id, estimate.digest)
    await campaigns.move(settings, campaign_id, "pause", "a typo")
    await campaigns.list_all(settings, "paused")
    assert campaign_id in capsys.readouterr().out
    await campaigns.move(settings, campaign_id, "finish", "")
    await campaigns.show(settings, campaign_id)
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "After the fair (broadcast): finished, manual"
    assert shown[1] == f"estimate: 0 leads, 0 get nothing; digest {estimate.digest}"
    assert [line.split()[2] for line in shown[3:]] == ["draft", "scheduled", "paused", "finished"]


def test_a_file_that_is_no_campaign_is_refused_with_its_fields(tmp_path):
    file = tmp_path / "bad.yaml"
    for text in ("name: [", "name: x\nmode: broadcast\naudience: {tags: fair}", "- x"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(Invalid):
            campaigns.read_draft(file)
