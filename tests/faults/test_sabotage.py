"""Every fault that tests plant finds what it breaks: one that hits nothing would make its control pass or hang."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.faults.harness import sabotaged
from tests.faults.harness.crash_points import POINTS


def test_every_plant_finds_what_it_replaces():
    sabotage = json.dumps({"plant": list(sabotaged.PLANTS), "clock": 1, "zone": "Pacific/Apia"})
    done = subprocess.run(
        [sys.executable, "-P", sabotaged.__file__, "--help"],
        env={**os.environ, "SABOTAGE": sabotage},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_crash_point_is_a_function_of_the_engine():
    for point in POINTS.values():
        owner, name = sabotaged.owner_of(point.at)
        assert callable(getattr(owner, name))
