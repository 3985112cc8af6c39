"""Health checks and metrics."""

from __future__ import annotations

import asyncio
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError
from pymongo.read_preferences import ReadPreference

from engine.leads import history_store
from workflows.dispatch.dispatch import dispatch_once
from workflows.dispatch.reconcile import reconcile

GOOD = {"status": "ok", "checks": {"mongodb": "ok", "redis": "ok"}}


async def test_a_living_process_says_so(api):
    assert await api.get("/health/live") == {"status": "ok"}


async def test_it_is_ready_when_mongodb_has_a_primary_and_redis_answers(api):
    assert await api.get("/health/ready") == GOOD


async def test_however_many_ask_at_once_each_service_is_asked_once(api, monkeypatch):
    asked = []

    async def counted():
        asked.append(1)
        await asyncio.sleep(0.05)
        return True

    monkeypatch.setattr(api.runtime.work_queue, "answers", counted)
    answers = await asyncio.gather(*(api.http.get("/health/ready") for _ in range(200)))
    assert {answer.status_code for answer in answers} == {200}
    assert 1 <= len(asked) < 20  # a second one after half a second, on a slow machine
    api.framework.state.readiness.forget()
    await api.http.get("/health/ready")
    assert len(asked) > 1


async def test_it_is_not_ready_when_redis_is_down(api, monkeypatch):
    async def no():
        return False

    monkeypatch.setattr(api.runtime.work_queue, "answers", no)
    answer = await api.http.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "fail", "checks": {"mongodb": "ok", "redis": "fail"}}
    assert await api.get("/health/live") == {"status": "ok"}


async def test_it_is_not_ready_within_a_second_or_so_when_redis_hangs(api, monkeypatch):
    async def hangs():
        await asyncio.sleep(60)

    monkeypatch.setattr(api.runtime.work_queue, "answers", hangs)
    clock = asyncio.get_running_loop()
    start = clock.time()
    answer = await api.http.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]["redis"]) == (503, "fail")
    assert clock.time() - start < 30


async def test_it_is_not_ready_while_mongodb_has_no_primary_and_is_again_after(api):
    admin = api.runtime.store.client.admin
    await admin.command("replSetStepDown", 60, force=True)
    try:
        answer = await api.http.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json() == {"status": "fail", "checks": {"mongodb": "fail", "redis": "ok"}}
        assert await api.get("/health/live") == {"status": "ok"}
    finally:
        await thaw(admin)
    for _ in range(20):
        if (await api.http.get("/health/ready")).status_code == 200:
            break
        api.framework.state.readiness.forget()
    assert await api.get("/health/ready") == GOOD


async def thaw(admin):
    """Let the only member stand for election again."""
    for _ in range(20):
        try:
            await admin.command("replSetFreeze", 0, read_preference=ReadPreference.SECONDARY_PREFERRED)
        except PyMongoError:
            await asyncio.sleep(0.2)
        else:
            return


@pytest.mark.parametrize("accept", ["*/*", "application/openmetrics-text", "text/plain;version=0.0.4"])
async def test_metrics_are_in_a_format_that_prometheus_reads(api, accept):
    answer = await api.http.get("/metrics", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["content-type"].count("charset") == 1
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert set(families) == {
        "lead_engine_events_stored",
        "lead_engine_dispatch_lag_events",
        "lead_engine_dispatch_lag_seconds",
        "lead_engine_dispatch_groups_unheld",
        "lead_engine_apply_lag_events",
        "lead_engine_apply_lag_seconds",
        "lead_engine_applied_mark_lag_events",
        "lead_engine_name_index_lag_events",
        "lead_engine_analytics_lag_events",
        "lead_engine_reply_search_lag_events",
        "lead_engine_append_queue_events",
        "lead_engine_refused_requests",
        "lead_engine_source_messages",
        "lead_engine_form_submissions",
        "lead_engine_hook_events",
        "lead_engine_mailbox_mails",
        "lead_engine_account_changes_waiting",
        "lead_engine_prediction_expected_over_observed",
        "lead_engine_prediction_shift",
        "lead_engine_prediction_drift_warnings",
        "lead_engine_work_units",
        "lead_engine_work_due",
        "lead_engine_work_oldest_due_seconds",
        "lead_engine_work_attempts",
        "lead_engine_loop_late",
        "lead_engine_refolds_postponed",
    }
    for counter in (
        "lead_engine_refused_requests",
        "lead_engine_source_messages",
        "lead_engine_form_submissions",
        "lead_engine_hook_events",
        "lead_engine_mailbox_mails",
        "lead_engine_work_attempts",
        "lead_engine_refolds_postponed",
    ):
        assert families.pop(counter).type == "counter"
    assert families.pop("lead_engine_loop_late").type == "gauge"
    for name in ("expected_over_observed", "shift", "drift_warnings"):
        assert families.pop(f"lead_engine_prediction_{name}").samples == []  # no model is active
    assert [one.value for one in families.pop("lead_engine_dispatch_groups_unheld").samples] == [1.0]
    for family in families.values():
        assert family.type == "gauge"
        assert family.documentation.endswith(".")
        assert {sample.value for sample in family.samples} == {0.0}


async def test_the_apply_lag_is_right_after_an_unclean_end_of_mongodb(api, monkeypatch):
    """Then its cheap count of documents is too low, or too high, for good."""

    async def lag():
        text = (await api.http.get("/metrics")).text
        return float(re.search(r"^lead_engine_apply_lag_events (\S+)$", text, re.MULTILINE)[1])

    await api.store(*[{"leadId": "ada", "type": "page_view"}] * 3)
    await dispatch_once(api.runtime)
    for wrong in (0, 1_000_000):

        async def estimated(self, _count=wrong, **_):
            return _count

        monkeypatch.setattr(AsyncCollection, "estimated_document_count", estimated)
        assert await lag() == 3
    await api.work()
    monkeypatch.setattr(AsyncCollection, "estimated_document_count", estimated)
    assert await lag() == 0
    monkeypatch.setattr(history_store, "_MAX_COUNTED", 2)  # a control: the cheap count has to do
    assert await lag() == 0
    await api.store({"leadId": "ada", "type": "page_view"})
    assert await lag() == 0  # wrong


async def test_metrics_show_how_far_dispatching_and_applying_have_come(api, monkeypatch):
    async def none(queue):
        return 0

    monkeypatch.setattr(api.runtime.work_queue, "waiting_messages", none)  # nobody takes the messages here

    async def figures():
        text = (await api.http.get("/metrics")).text
        values = {
            sample.name.removeprefix("lead_engine_"): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name.endswith(("_stored", "_lag_events", "_lag_seconds"))
            and "name_index" not in sample.name
            and "analytics" not in sample.name
            and "reply_search" not in sample.name
        }
        return list(values.values())

    # stored; dispatch lag in events and seconds; apply lag in events and seconds; lag of the reconciler's mark
    assert await figures() == [0, 0, 0, 0, 0, 0]
    await api.store(*[{"leadId": "ada", "type": "page_view"}] * 3)
    api.clock.at += 2500
    assert await figures() == [3, 3, 2.5, 3, 2.5, 3]
    await dispatch_once(api.runtime)
    assert await figures() == [3, 0, 0, 3, 2.5, 3]
    await api.work()
    assert await figures() == [3, 0, 0, 0, 0, 3]
    await reconcile(api.runtime)
    assert await figures() == [3, 0, 0, 0, 0, 0]
