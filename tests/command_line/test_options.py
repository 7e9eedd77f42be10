"""Refusals come before the work, name the option that was typed with its value, and what would do."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import time

import click
import pytest

from simulations.__main__ import guarded
from simulations.options import Folder, as_typed, parameters, run_options, typed
from simulations.store.sources import ROOT
from simulations.verdict.two_stage import most_samples
from theory import claims as claims_
from theory.claims import check_counts, claims, most_of, option, option_name
from theory.setting import checks
from theory.setting.checks import InputError

COUNTS = [
    (claim, f)
    for claim in claims()
    for f in dataclasses.fields(claims_.load(claim).Parameters)
    if isinstance(f.default, int) and f.name != "seed"
]


def refusal(claim, **changed):
    fields = dataclasses.fields(claims_.load(claim).Parameters)
    values = {f.name: f.default for f in fields} | changed
    with pytest.raises(InputError) as refused, typed(claim):
        parameters(claim, values)
    return str(refused.value)


@pytest.mark.parametrize("value", [-1, 10**9, 10**19, 10**400], ids=["-1", "1e9", "1e19", "1e400"])
@pytest.mark.parametrize(("claim", "field"), COUNTS, ids=lambda x: getattr(x, "name", x))
def test_a_count_out_of_reach_is_refused_by_its_option_and_value(claim, field, value):
    message = refusal(claim, **{field.name: value})
    assert message.startswith(f"--{option_name(field)}: got {checks.shown(value)}"), message
    assert "expected" in message and "\n" not in message


@pytest.mark.parametrize(("claim", "field"), COUNTS, ids=lambda x: getattr(x, "name", x))
def test_every_count_says_how_much_memory_it_takes(claim, field):
    if field.name in ("n_levels", "fastest"):
        return
    assert field.metadata["least"] >= 1 and field.metadata["bytes"] >= 8
    default = claims_.load(claim).Parameters()
    assert field.metadata["least"] <= field.default <= most_of(default, field)


@dataclasses.dataclass(frozen=True)
class Toy:
    n_rows: int = option(10, "", least=1, bytes=8, times=("n_columns",))
    n_columns: int = option(10, "", least=1, bytes=8, times=("n_rows",))
    n_side: int = option(10, "", least=1, bytes=8, times=("n_side",))
    n_seeds: int = option(10, "", least=2, bytes=8)

    def __post_init__(self):
        check_counts(self)


def test_the_bound_is_what_memory_holds_of_one_of_pairs_and_of_squares(monkeypatch):
    monkeypatch.setattr(claims_, "memory", lambda: 8 * 10_000)
    Toy(n_rows=1000), Toy(n_side=100), Toy(n_seeds=10_000)
    for changed, words in (
        ({"n_rows": 1001}, "n_rows: got 1001 with n_columns 10, expected at most 1000"),
        ({"n_columns": 1001}, "n_columns: got 1001 with n_rows 10, expected at most 1000"),
        ({"n_rows": 200, "n_columns": 51}, "n_rows: got 200 with n_columns 51, expected at most"),
        ({"n_side": 101}, "n_side: got 101, expected at most 100"),
        ({"n_seeds": 10_001}, "n_seeds: got 10001, expected at most 10000"),
        ({"n_seeds": 1}, "n_seeds: got 1, expected a whole number >= 2"),
    ):
        with pytest.raises(InputError, match=words):
            Toy(**changed)
    assert most_samples(Toy()) == 10_000


def test_the_memory_of_a_container_counts(tmp_path, monkeypatch):
    whole = checks.memory()
    (tmp_path / "max").write_text("max\n")
    (tmp_path / "limit").write_text("1000000\n")
    monkeypatch.setattr(checks, "CGROUP_LIMITS", (tmp_path / "max", tmp_path / "none"))
    assert checks.memory.__wrapped__() >= whole
    monkeypatch.setattr(checks, "CGROUP_LIMITS", (tmp_path / "limit",))
    assert checks.memory.__wrapped__() == 1_000_000


def test_a_count_that_makes_another_option_impossible_is_told_how_far_it_may_go():
    message = refusal("markov", n_levels=16)
    assert message.startswith("--n-levels: got 16, expected at most 8"), message
    parameters_of = claims_.load("markov").Parameters
    parameters_of(n_levels=8)
    with pytest.raises(InputError):
        parameters_of(n_levels=9)


def test_words_that_are_options_are_named_as_typed():
    options = run_options("lift")
    assert as_typed("manifold: got x", options) == "--manifold: got x"
    assert as_typed("n_tokens: 3 with n_seeds 2, a density", options) == (
        "--n-tokens: 3 with --n-seeds 2, a density"
    )
    assert as_typed("results: got ''", options) == "--results: got ''"
    assert as_typed("results folder: got ''", options) == "results folder: got ''"


MANIFOLDS = [
    (claim, f)
    for claim in claims()
    for f in dataclasses.fields(claims_.load(claim).Parameters)
    if f.name in ("manifold", "manifolds", "surfaces")
]
NO_MANIFOLDS = (
    "klein",
    "circle(radius=-1)",
    "torus(major=1, minor=2)",
    "flat_torus(dim=7)",
    "(cos(u), sin(u)*cos(u))",
    "(cos(w), sin(w))",
    "(cos(u))",
)


@pytest.mark.parametrize("spec", NO_MANIFOLDS)
@pytest.mark.parametrize(("claim", "field"), MANIFOLDS, ids=lambda x: getattr(x, "name", x))
def test_what_is_no_manifold_is_refused_by_its_option_and_as_typed(claim, field, spec):
    value = (spec, *field.default[1:]) if isinstance(field.default, tuple) else spec
    message = refusal(claim, **{field.name: value})
    assert message.startswith(f"--{option_name(field)}: ") and spec in message, message


def kinds(kind):
    return {kind}.union(*map(kinds, kind.__subclasses__()))


@pytest.mark.parametrize("kind", sorted(kinds(InputError), key=lambda k: k.__name__))
def test_a_refusal_of_any_kind_is_named_as_typed_and_keeps_its_kind(kind):
    # whatever its constructor takes
    refused = kind.__new__(kind, "n_tokens: got 3")
    with pytest.raises(kind, match="^--n-tokens: got 3$"), typed("lift"):
        raise refused


@pytest.mark.parametrize("error", [OSError(28, "No space left on device", "/a/b"), OSError("odd")])
def test_a_machine_that_fails_is_one_line(error, capsys):
    @click.command()
    def command():
        raise error

    assert guarded(command, [], "x") == 2
    line = capsys.readouterr().err
    assert line in ("error: /a/b: No space left on device\n", "error: odd\n")


def test_the_current_folder_is_refused_when_the_option_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path)
    for name in (".", "./", str(tmp_path), str(tmp_path / "link"), f"../{tmp_path.name}/"):
        with pytest.raises(InputError, match="got the current folder"):
            Folder().convert(name, None, None)


def test_figures_that_cannot_be_written_are_refused_before_the_work(tmp_path, monkeypatch):
    from figures import __main__ as drawing

    (tmp_path / "output").write_text("")
    monkeypatch.setattr(drawing, "OUTPUT", tmp_path / "output")
    for holder, name in ((drawing.simulations, "run_and_judge"), (drawing, "references")):
        monkeypatch.setattr(holder, name, lambda *_, **__: pytest.fail("it worked"))
    for words in (["all"], ["draw", "markov"], ["report"], ["readme"], ["bench"]):
        words = [*words, "--results", str(tmp_path / "results")]
        with pytest.raises(InputError, match=r"figures folder .*output: cannot write there"):
            drawing.cli.main(args=words, standalone_mode=False)


@pytest.mark.parametrize("module", ["simulations", "figures", "simulations.bench"])
def test_an_interrupt_during_imports_is_one_line(module):
    slow = ("numpy", "click", "sympy", "numba", "matplotlib")
    for delay in (0.05, 0.3):
        process = subprocess.Popen(
            [sys.executable, "-X", "importtime", "-m", module, "-h"], cwd=ROOT,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        # from the first of its own modules on: Python's start is not ours
        for line in process.stderr:
            name = line.rpartition("|")[2].strip()
            assert name not in slow
            if name == "simulations.starting":
                break
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        rest = [line for line in process.stderr if not line.startswith("import time:")]
        process.wait(timeout=60)
        assert "Traceback" not in "".join(rest), rest
        assert process.returncode in (0, 130)
        if process.returncode == 130:
            assert len(rest) == 1 and rest[0].startswith("interrupted: "), rest
