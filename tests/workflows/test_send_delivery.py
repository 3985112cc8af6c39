"""A webhook is sent until its endpoint has taken it or it is given up, and it is the same message every time."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from standardwebhooks.webhooks import Webhook

from domain.errors import Conflict, NotFound
from domain.event import ENGINE_SOURCE
from domain.instant import DAY, HOUR, MINUTE, SECOND
from domain.rulebook import Rulebook
from engine.webhooks.endpoint_store import EndpointChange
from engine.webhooks.schedule import ATTEMPTS
from engine.webhooks.message import trial_message
from workflows.run_execution import run_execution
from workflows.send_again import replay_delivery, send_test
from workflows.send_deliveries import AT_ONCE_TO_ONE, ring_due_deliveries, send_due_deliveries
