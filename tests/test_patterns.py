"""Every regular expression of the engine is put to text that it nearly matches: none takes more than linear time."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from functools import partial

import pytest

import api
import domain
import engine
import workflows
from engine.process.redaction import Redactor, without_quotations, without_secrets
from tests.growth import assert_linear

RUNS = (
    *(
        "a",
        "A",
        "0",
        "-",
        ".",
        " ",
        "\t",
        "_",
        "'",
        '"',
        "@",
        "=",
        "{",
        "[",
        "a.",
        "a-",
        "0.",
        "0,",
        "0 ",
        "a ",
        "a@",
        "é",
    ),
    *(
        "://",
        "a://",
        "a://a:",
        "?key",
        "?a",
        "&key.",
        "le_0",
        "whsec_",
        "{a",
        "`$[0].a",
        "\\",
        '\\"',
        '""',
        "a,",
        "a;",
        "0-",
    ),
)
"""What is repeated: runs of each class of characters, and beginnings of what the patterns look for."""
ENDS = ("", "@", "\0", "!", "é\n")
_PROGRAM = "engine.local.die_with_parent"
"""Runs when it is imported."""
QUADRATIC = re.compile(r"[a-z]+://")
"""A control: every start in a run of letters is tried to the end of the run."""


def _patterns():
    """Each pattern, and the method of it that its module calls: the whole text must fit, or it is sought within."""
    found = {}
    for package in (domain, engine, workflows, api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name == _PROGRAM:
                continue
            source = inspect.getsource(loaded := importlib.import_module(module.name))
            for name, value in vars(loaded).items():
                sought = re.search(rf"\b{name}\.(search|sub|finditer|findall|split)\b", source)
                for number, one in enumerate(_inside(value)):
                    call = one.search if sought else one.fullmatch
                    found.setdefault((one.pattern, one.flags), (f"{module.name}.{name}[{number}]", call))
    return [pytest.param(call, id=name) for name, call in found.values()]


def _inside(value):
    """The patterns in a value of a module: itself, or those of a tuple, list, set or dictionary."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _inside(one)
    elif isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from _inside(one)


def _texts():
    """Makers of texts of a length: each run, and what might make its last repetition fail."""
    for run in RUNS:
        for end in ENDS:
            yield partial(_text, run, end)


def _text(run, end, length):
    return (run * (length // len(run) + 1))[:length] + end


@pytest.mark.parametrize("call", _patterns())
def test_no_pattern_takes_more_than_linear_time(call):
    is_bytes = isinstance(call.__self__.pattern, bytes)
    for text_of in _texts():
        assert_linear((lambda text: call(text.encode())) if is_bytes else call, text_of)


@pytest.mark.parametrize("call", [without_secrets, without_quotations, Redactor(["hunter2", "aaaab"])])
def test_redaction_takes_linear_time(call):
    for text_of in _texts():
        assert_linear(call, text_of)


def test_a_quadratic_pattern_is_found():
    with pytest.raises(AssertionError, match="four times the text"):
        assert_linear(QUADRATIC.search, partial(_text, "a", ""))
