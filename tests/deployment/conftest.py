"""docker-compose.yml for each test to change."""

from __future__ import annotations

import pytest
import yaml

from tests.deployment.compose_file import COMPOSE_TEXT


@pytest.fixture
def compose():
    """docker-compose.yml, for a test to spoil."""
    return yaml.safe_load(COMPOSE_TEXT)
