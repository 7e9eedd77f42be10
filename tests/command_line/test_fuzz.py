"""Every option of every claim against hostile values, in one process: a line or a run, never a
traceback. Nothing is measured: what is looked for happens before the work, or is the work's own.
"""

from __future__ import annotations

import dataclasses

import pytest

from simulations import __main__ as command_line
from simulations.verdict import answers
from theory import claims as claims_
from theory.claims import claims, option_name
from theory.setting.checks import MOST_MESSAGE

TEXTS = (
    "", " ", "nan", "inf", "-inf", "-1", "0", "1", "2", "1e400", "1e-400", "10**19", "9" * 40, "0x10",
    "1,2", "None", "True", "'", '"', "()", "(u, u)", "t", "1+t", "x**2", "1/x", "tan(t)", "log(0)",
    "9**9**9", "__import__('os')", "a.b", "lambda: 1", "\x00", "\u221e", "\ud7ff", "*" * 1000,
    "circle(radius=0)", "sphere(radius=-1)", "circle(radius=1))", "/dev/null", "~", "%s%n{0}",
)  # fmt: skip
NUMBERS = (
    "-1e308",
    "-1",
    "-0.0",
    "0",
    "1e-308",
    "1e308",
    "nan",
    "inf",
    "10000000000000000000",
    "x",
)
OPTIONS = [
    (claim, field)
    for claim in claims()
    for field in dataclasses.fields(claims_.load(claim).Parameters)
]


def hostile(field):
    """Values for an option: texts where it takes text, else numbers and what is none."""
    first = field.default[0] if isinstance(field.default, tuple) else field.default
    return TEXTS if isinstance(first, str) else NUMBERS


class Began(Exception):
    """The work would have begun here."""


@pytest.fixture
def no_work(monkeypatch):
    def begin(*_, **__):
        raise Began

    monkeypatch.setattr(answers, "judged", begin)


def said(words, capsys):
    """("ran", "") where the work would begin, else the exit code and what was said."""
    try:
        code = command_line.guarded(command_line.cli, words, "simulations")
    except Began:
        capsys.readouterr()
        return "ran", ""
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("claim", "field"), OPTIONS, ids=[f"{c}-{option_name(f)}" for c, f in OPTIONS]
)
def test_a_hostile_value_is_one_line_or_a_run(claim, field, no_work, capsys):
    for value in hostile(field):
        end, text = said(["run", claim, "--quiet", f"--{option_name(field)}={value}"], capsys)
        assert end in ("ran", 2), (value, end, text)
        if end == 2:
            lines = [line for line in text.splitlines() if line.startswith("error: ")]
            assert len(lines) == 1 and text.endswith("\n"), (value, text)
            assert len(lines[0]) <= MOST_MESSAGE + len("error: "), (value, text)
            assert "Traceback" not in text


@pytest.mark.parametrize("option", ["--resolution", "--budget", "--results"])
def test_hostile_values_of_the_common_options(option, no_work, capsys):
    for value in TEXTS[:-5]:
        end, text = said(["run", "markov", "--quiet", f"{option}={value}"], capsys)
        assert end in ("ran", 2) and "Traceback" not in text, (value, end, text)


def test_a_value_that_is_not_refused_would_be_seen(no_work, capsys):
    assert said(["run", "markov", "--quiet"], capsys) == ("ran", "")
    end, text = said(["run", "markov", "--n-seeds=-1"], capsys)
    assert end == 2 and text.startswith("error: --n-seeds: got -1")
