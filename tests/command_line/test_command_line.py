"""The command line: parameters reach the run, and bad input is one line and exit code 2.

A process of its own has what only a process shows: exit codes, closed streams, signals, imports.
What commands say and write is asked of them in this one, where Python has started.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import signal
import subprocess
import sys
import time

import pytest

from simulations.__main__ import guarded
from simulations.store.sources import ROOT

QUICK = [
    "markov",
    "--manifold",
    "circle",
    "--n-tokens",
    "200",
    "--n-seeds",
    "30",
    "--n-levels",
    "4",
    "--quiet",
]


def call(*words, timeout=300):
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=timeout
    )


def said(package, *words):
    """The same without a process: what `python -m package` hands its exit code to."""
    out, err = io.StringIO(), io.StringIO()
    group = importlib.import_module(f"{package}.__main__").cli
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = guarded(group, list(words), f"python -m {package}")
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    root = tmp_path_factory.mktemp("cli")
    return root, call("simulations", "run", *QUICK, "--results", str(root))


def record(root):
    return [json.loads(p.read_text()) for p in sorted(root.glob("*/*/result.json"))]


def headline(root):
    (only,) = record(root)
    return only["numbers"][only["order"][0]]["value"]


def test_a_run_is_written_and_shown(quick):
    root, done = quick
    assert done.returncode == 0, done.stderr
    (only,) = record(root)
    assert only["parameters"]["n_tokens"] == 200
    (verdict,) = [json.loads(p.read_text()) for p in root.glob("*/*/verdict.json")]
    assert f"markov: {verdict['verdict'].upper()}" in done.stdout


def test_the_printed_command_makes_the_same_run(quick):
    root, _ = quick
    words = record(root)[0]["command"].split()
    assert words[:2] == ["python", "-m"]
    again = said(*words[2:], "--results", str(root))
    assert again.returncode == 0 and len(record(root)) == 1


def test_parameters_change_the_result(quick, tmp_path):
    before = headline(quick[0])
    for words in (
        ["--temperature", "0.1"],
        ["--density", "1 + 0.8*cos(t)"],
        ["--manifold", "ellipse(a=3, b=1)"],
        ["--manifold", "(2*cos(u), sin(u) + cos(2*u)/2)"],
    ):
        root = tmp_path / str(len(list(tmp_path.iterdir())))
        done = said("simulations", "run", *QUICK, *words, "--results", str(root))
        assert done.returncode == 0, done.stderr
        assert abs(headline(root) - before) > 1e-3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "markov", "--n-tokens", "1"], "--n-tokens: got 1"),
        (["run", "markov", "--n-tokens", "many"], "'many' is not a valid integer"),
        (["run", "markov", "--temperature", "0"], "temperature: got 0"),
        (["run", "markov", "--temperature", "nan"], "temperature: got nan"),
        (["run", "markov", "--manifold", "sphere3", "--temperature", "0.001"], "quadrature nodes"),
        (
            ["run", "generator", "--manifold", "circle", "--density", "uniform"],
            "density: got a uniform one",
        ),
        (["run", "markov", "--manifold", "blob"], "manifold: got 'blob'"),
        (["run", "markov", "--manifold", "interval"], "expected a closed one"),
        (["run", "markov", "--manifold", "(cos(u), u)"], "does not close up along u"),
        (["run", "markov", "--density", "z"], "expected a finite value > 0"),
        (["run", "markov", "--density", "1/abs(sin(phi))"], "not normalisable"),
        (["run", "markov", "--density", "rho"], "unknown name 'rho'"),
        (
            ["run", "generator", "--manifold", "circle", "--manifold", "circle"],
            "expected one or more, each named once",
        ),
        (["run", "nothing"], "No such command 'nothing'"),
        (["run", "evolution", "--features", "sin(q)"], "unknown name 'q'"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(words, message, tmp_path):
    results = [] if words[1] == "nothing" else ["--quiet", "--results", str(tmp_path)]
    refused(said("simulations", *words, *results), message)
    assert not list(tmp_path.glob("*/*/result.json"))


def refused(done, message):
    assert done.returncode == 2
    assert message in done.stderr and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["simulations", "run", "markov", "--n-tokens", "1"], "--n-tokens: got 1"),
        (["figures", "draw", "nothing"], "figure: got 'nothing'"),
    ],
)
def test_a_process_ends_with_that_code_and_says_nothing_else(words, message):
    done = call(*words)
    refused(done, message)
    assert done.stdout == ""


def test_a_rival_is_judged_without_measuring_again(tmp_path):
    """The reference measurement is read, not made: a stored one of a moment stands for it."""
    from simulations.__main__ import parse_rival
    from theory.setting.checks import InputError

    assert parse_rival("markov.consensus value of i.i.d. tokens=0.3") == (
        "markov", "consensus value of i.i.d. tokens", 0.3,
    )  # fmt: skip
    assert parse_rival("markov.x=2*pi/3")[2] == pytest.approx(2.0943951023931953, rel=1e-15)
    for text in ("markov", "markov.x", "markov.=3", "markov.x=y", "markov.x=inf", "nothing.x=1"):
        with pytest.raises(InputError):
            parse_rival(text)


def test_the_help_of_verify_says_what_its_exit_code_tells():
    done = said("simulations", "verify", "--help")
    assert "The exit code tells only whether it ran" in " ".join(done.stdout.split())


@pytest.mark.parametrize("quiet", [True, False])
def test_where_nobody_watches_the_start_of_a_measurement_is_a_line(quiet, tmp_path):
    words = [*(w for w in QUICK if w != "--quiet"), *(["--quiet"] if quiet else [])]
    words = ["simulations", "run", *words, "--results", str(tmp_path)]
    done = said(*words)
    begun = "" if quiet else "markov: measuring, without progress bars\n"
    assert done.returncode == 0 and done.stderr == begun
    # what is read from disk is not measured
    assert said(*words).stderr == ""


def test_a_figure_comes_with_its_rows(tmp_path, monkeypatch, capsys):
    from figures import __main__ as drawing

    monkeypatch.setattr(drawing, "OUTPUT", tmp_path / "output")
    words = ["draw", *QUICK, "--results", str(tmp_path / "results")]
    drawing.cli.main(args=words, standalone_mode=False)
    shown = capsys.readouterr().out
    assert "markov: " in shown and "consensus value of i.i.d. tokens" in shown
    assert shown.index("consensus value") < shown.index("written: ")


def test_listing_the_claims_imports_no_experiment():
    code = (
        "import sys; from simulations.__main__ import cli, guarded; guarded(cli, ['list'], 'x'); "
        "print('LOADED', [m for m in sys.modules if m.startswith(('simulations.exp', 'numba'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "LOADED []" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [(["--resolution", "200%"], "resolution: got"), (["--budget", "soon"], "budget: got")],
)
def test_an_answer_that_cannot_be_asked_for_is_refused_before_the_work(words, message, tmp_path):
    done = said("simulations", "run", *QUICK, *words, "--results", str(tmp_path))
    assert done.returncode == 2 and message in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_read_only_results_folder_is_named(tmp_path):
    (tmp_path / "blocked").write_text("")
    done = said("simulations", "run", *QUICK, "--results", str(tmp_path / "blocked"))
    assert done.returncode == 2 and "cannot write there" in done.stderr
    assert "--results" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_a_run_needs_nobody_to_read_what_it_says(closed, tmp_path):
    words = [w for w in QUICK if w != "--quiet"]
    command = [sys.executable, "-m", "simulations", "run", *words, "--results", str(tmp_path)]
    done = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", *command], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    assert len(record(tmp_path)) == 1


def test_interrupt_keeps_what_is_finished_and_the_next_run_ends_it(tmp_path):
    words = [
        sys.executable,
        "-m",
        "simulations",
        "run",
        "markov",
        "--manifold",
        "circle",
        "--n-tokens",
        "400",
        "--n-seeds",
        "6000",
        "--quiet",
    ]
    process = subprocess.Popen(
        [*words, "--results", str(tmp_path)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    for _ in range(600):
        if list(tmp_path.glob("markov/*.partial")):
            break
        time.sleep(0.1)
    # the folder is there when the measurement begins
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted" in errors
    assert not list(tmp_path.glob("markov/*/result.json"))
    done = subprocess.run(
        [*words, "--results", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0 and len(record(tmp_path)) == 1
