"""A rulebook stays active when a field that it reads becomes personal; none of that kind is activated."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from domain.errors import Invalid
from engine.runtime import open_runtime
from scripts.cli.operations.setup import run_setup
from scripts.cli.rulebooks.rulebook import run_activate

STANDARD = Path(__file__).parents[4] / "domain" / "rulebooks" / "builtin" / "standard.yaml"
ASKS_PLAN = {"id": "form", "group": "web", "event": "form", "points": 5, "where": {"plan": "gold"}}


@pytest.fixture
def asking(settings, tmp_path):
    """Settings with a rulebook of this version that looks into `plan`, and with these personal fields."""

    def make(version=1, fields="email"):
        rulebook = yaml.safe_load(STANDARD.read_text(encoding="utf-8"))
        rulebook |= {"name": "asks", "version": version}
        rulebook["score"]["rules"] = [ASKS_PLAN]
        file = tmp_path / "asks.yaml"
        file.write_text(yaml.safe_dump(rulebook), encoding="utf-8")
        return settings.model_copy(update={"rulebook": str(file), "personal_fields": fields})

    return make


@pytest.fixture
async def activated(asking, runtime):
    """The rulebook was activated when `plan` was not personal yet."""
    await run_setup(asking(), None)


@pytest.mark.usefixtures("activated")
async def test_every_process_continues_with_the_active_rulebook_and_warns(asking, caplog):
    for settings, warned in ((asking(fields="email"), False), (asking(fields="email,plan"), True)):
        caplog.clear()
        async with open_runtime(settings) as opened:
            assert opened.rulebook.label == "asks@1"
        assert ("'plan' is a personal field" in caplog.text) is warned


@pytest.mark.usefixtures("activated")
async def test_setup_leaves_it_active(asking, capsys):
    await run_setup(asking(fields="email,plan"), None)
    assert "asks@1 is active" in capsys.readouterr().out


@pytest.mark.usefixtures("activated")
async def test_setup_and_activate_refuse_another_of_that_kind(asking, runtime):
    settings = asking(version=2, fields="email,plan")
    with pytest.raises(Invalid, match="plan"):
        await run_setup(settings, None)
    with pytest.raises(Invalid, match="plan"):
        await run_activate(settings, settings.rulebook, wait=False)
    mark = await runtime.store.database["checkpoints"].find_one({"_id": "rulebook"})
    assert mark["label"] == "asks@1"


@pytest.mark.usefixtures("runtime")
async def test_the_first_setup_refuses_one_of_that_kind(asking):
    with pytest.raises(Invalid, match="plan"):
        await run_setup(asking(fields="plan"), None)
