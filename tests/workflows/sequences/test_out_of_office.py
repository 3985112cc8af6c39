"""A lead that answers that it is away: its sequence pauses until the day after the return, and says why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.instant import to_datetime
from workflows.replies.follow import enqueue_replies
from workflows.sequences.calendar import calendar_of_lead


@pytest.mark.parametrize("kind", ["email.auto_replied", "message.received"])
async def test_a_note_of_absence_pauses_the_sequence_until_the_day_after_the_return(trial, kind):
    await trial.activate()
    enrolment = await trial.enrol()
    await trial.work()
    await trial.work(after_hours=1)
    back = to_datetime(trial.clock.at).date() + timedelta(days=5)
    await trial.send("ada", kind, messageBody=f"I am out of the office until {back.isoformat()}.")
    await enqueue_replies(trial.runtime)
    await trial.work()  # the reply is read
    await trial.apply("ada")
    await trial.work()
    assert (await trial.story_of())[-1] == ("sequence.paused", None)
    stored = await trial.runtime.sequences.enrolments.get(enrolment.unit_id)
    assert stored.waits_because == f"out of office until {back.isoformat()}"
    assert to_datetime(stored.due_at).date() == back + timedelta(days=1)
    pause, following, *_ = [entry for _, entry in await calendar_of_lead(trial.runtime, "ada")]
    assert pause.paused is not None
    assert (pause.at, following.at, following.effect.step) == (stored.due_at, stored.due_at, "two")
    await trial.work(after_hours=5 * 24)  # its next step would be due after two days
    assert [step for _, step in await trial.story_of()].count("two") == 0
    await trial.work(after_hours=24)
    story = await trial.story_of()
    assert [kind for kind, _ in story].count("message.sent") == 2
    assert [kind for kind, _ in story].count("sequence.paused") == 1
    assert story[-2] == ("sequence.ended", "finished")
