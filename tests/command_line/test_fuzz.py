"""Every option of every claim against hostile values, in one process: a line or a run, never a
traceback. Nothing is measured: what is looked for happens before the work, or is the work's own.
"""

from __future__ import annotations

import dataclasses

import pytest

from simulations import __main__ as command_line
from simulations.verdict import answers
from simulations.verdict.join import judge
from simulations.verdict.reference import shipped
from simulations.verdict.rows import REFUTED
from theory import claims as claims_
from theory.claims import claims, option_name
from theory.setting.checks import MOST_MESSAGE

TEXTS = (
    "", " ", "nan", "inf", "-inf", "-1", "0", "1", "2", "1e400", "1e-400", "10**19", "9" * 40, "0x10",
    "1,2", "None", "True", "'", '"', "()", "(u, u)", "t", "1+t", "x**2", "1/x", "tan(t)", "log(0)",
    "9**9**9", "__import__('os')", "a.b", "lambda: 1", "\x00", "\u221e", "\ud7ff", "*" * 1000,
    "circle(radius=0)", "sphere(radius=-1)", "circle(radius=1))", "exp(1000*x)", "/dev/null", "~", "%s%n{0}",
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
            is_a_line(text, f"--{option_name(field)}")


def is_a_line(text, names=""):
    """One line, a warning none, that names what was typed."""
    assert text.startswith("error: ") and text.endswith("\n") and text.count("\n") == 1, text
    assert len(text) <= MOST_MESSAGE + len("error: \n") and names in text, text


@pytest.mark.parametrize("option", ["--resolution", "--budget", "--results"])
def test_hostile_values_of_the_common_options(option, no_work, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for value in TEXTS:
        end, text = said(["run", "markov", "--quiet", f"{option}={value}"], capsys)
        assert end in ("ran", 2), (value, end, text)
        if end == 2:
            is_a_line(text, option)


CONSENSUS = "markov.consensus value of i.i.d. tokens"
LONG = "x" * 500
WORDS = [
    ([], ("verify", "--rival", value))
    for value in (
        "=", "generator", "generator.=1", "nothing.x=1", "markov.nothing=1", f"{LONG}.x=1",
        f"markov.{LONG}=1", f"{CONSENSUS}=", f"{CONSENSUS}=nan", f"{CONSENSUS}=(1, 2)",
        f"{CONSENSUS}=1/0", f"{CONSENSUS}=9**9**9", f"{CONSENSUS}=1=2", f"{CONSENSUS}={LONG}",
    )
] + [
    ([], ("verify", "--rival", f"{CONSENSUS}=1", "--rival", f"{CONSENSUS}=2")),
    ([], ("verify", "--results", "")),
    ([], ("coverage", "--repeats", "0")),
    ([], ("coverage", "--repeats", "9" * 20)),
    ([], ("coverage", "--case", LONG)),
    ([], ("tweaks", "--count", "9" * 20)),
    ([], ("tweaks", "--workers", "9" * 20)),
    ([], ("tweaks", "--seed", "-1")),
    ([], ("tweaks", "--budget", "nothing")),
    ([], ("tweaks", "--claim", LONG)),
    ([], ("sabotage", "--mistake", LONG)),
    (["run", "markov"], ("--n-tokens", LONG)),
    (["run", "markov"], ("--n-tokens", "9" * 5000)),
    (["run", "markov"], ("--temperature", LONG)),
    (["run", "markov"], (f"--{LONG}",)),
    (["run", "markov"], (LONG,)),
    (["run"], (LONG,)),
]  # fmt: skip


@pytest.mark.parametrize(("words", "hostile"), WORDS)
def test_hostile_words_of_every_command(words, hostile, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    end, text = said([*words, *hostile], capsys)
    assert end == 2
    named = [word for word in hostile if word.startswith("--")][-1:] or hostile
    is_a_line(text, named[0][:20])
    assert "expected" in text or "--help" in text or "value: '" in text  # that is no formula


def test_a_rival_of_zero_is_judged_as_any(capsys):
    end, text = said(["verify", "--quiet", "--rival", f"{CONSENSUS}=0"], capsys)
    assert end == 0 and text == ""
    assert judge(shipped("markov"), {CONSENSUS.partition(".")[2]: 0}).verdict == REFUTED


def test_a_value_that_is_not_refused_would_be_seen(no_work, capsys):
    assert said(["run", "markov", "--quiet"], capsys) == ("ran", "")
    end, text = said(["run", "markov", "--n-seeds=-1"], capsys)
    assert end == 2 and text.startswith("error: --n-seeds: got -1")
