"""A rulebook file that is right, and what is asked about those that are not."""

from __future__ import annotations

import re

import pytest

from domain.errors import Invalid
from domain.rulebooks.loader import parse_rulebook

LONGEST_MESSAGE = 4_000

FILE = """\
name: mine
version: 3
score:
  model: points
  rules:
    - {id: visit, event: page_view, points: 1, label: Visited}
    - id: demo
      event: [demo_request, demo.booked]
      points: 30
  idleDecay: {afterDays: 7, factor: 0.8}
stages:
  steps:
    - {name: cold}
    - {name: hot, from: 31}
velocity: {model: window, hours: 24, points: 3}
risk: {model: silence, mediumAfterDays: 3, highAfterDays: 7}
nextAction:
  - when: {stage: hot, velocity: {above: 6}}
    action: call
    because: Hot and busy.
  - action: wait
automations:
  - id: call-hot
    trigger: {stageEntered: hot}
    action: {type: task, title: "Call {leadId}"}
  - id: tag-quiet
    trigger: {riskEntered: high}
    when: {stage: hot}
    period: week
    action: {type: tag, tag: quiet}
"""


def without(text, *lines):
    return "".join(
        line for number, line in enumerate(text.splitlines(keepends=True), 1) if number not in lines
    )


def refused(text):
    with pytest.raises(Invalid) as refusal:
        parse_rulebook(text, "mine.yaml")
    return refusal.value


def lines_named(error):
    return [int(number) for fault in error.faults for number in re.findall(r"line (\d+)", fault.pointer)]
