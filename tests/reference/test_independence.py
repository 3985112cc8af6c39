"""The calculation imports nothing of what it checks."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent / "calculation"
CHECKED = {"api", "domain", "engine", "jobs", "scripts", "workflows"}
MAY_IMPORT = {*sys.stdlib_module_names, "scipy"}


def imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return modules | {node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)}


def test_its_modules_import_only_the_standard_library_scipy_and_each_other():
    modules = sorted(FOLDER.rglob("*.py"))
    foreign = {
        (path.name, name)
        for path in modules
        for name in imported(path)
        if name.partition(".")[0] not in MAY_IMPORT and not name.startswith("tests.reference.calculation")
    }

    assert len(modules) > 8
    assert foreign == set()


def test_nothing_of_the_engine_is_loaded_with_it():
    code = "import sys, tests.reference.calculation; print(*{name.partition('.')[0] for name in sys.modules})"
    root = FOLDER.parents[2]
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True
    )

    assert CHECKED.isdisjoint(loaded.stdout.split())
    assert "scipy" in loaded.stdout.split()
