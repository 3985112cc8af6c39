"""Event types that code mentions are spelt once, as constants."""

import re
from pathlib import Path

import pytest

from domain.events import vocabulary

ROOT = Path(__file__).parents[3]
LAYERS = ("domain", "engine", "workflows", "api", "jobs", "scripts")
TYPES = {name: value for name, value in vars(vocabulary).items() if name.isupper() and isinstance(value, str)}


def test_every_type_is_exported_and_spelt_differently_from_all_others():
    assert set(TYPES) <= set(vocabulary.__all__)
    assert len(set(TYPES.values())) == len(TYPES)


@pytest.mark.parametrize("layer", LAYERS)
def test_no_module_spells_out_a_type_of_the_vocabulary(layer):
    literal = re.compile("|".join(f'"{re.escape(type_)}"' for type_ in TYPES.values()))
    modules = [path for path in (ROOT / layer).rglob("*.py") if path.name != "vocabulary.py"]

    assert modules
    assert [str(path) for path in modules if literal.search(path.read_text(encoding="utf-8"))] == []


def test_bookkeeping_is_part_of_the_vocabulary():
    assert set(TYPES.values()) > vocabulary.BOOKKEEPING
