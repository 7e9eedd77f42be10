"""The first look: what the long commands take is said, one claim is shown, compiling is told apart."""

from __future__ import annotations

import time

import pytest
from click.testing import CliRunner
from numba.core.event import end_event, start_event

from figures import __main__ as command_line
from figures import quick
from simulations.verdict.long_commands import COMMANDS


def test_seconds_of_compiling_are_those_between_the_compiler_s_own_events():
    with quick.timed() as times:
        start = time.perf_counter()
        start_event("numba:compile")
        # a kernel that calls another compiles it within: that counts once
        start_event("numba:compile")
        time.sleep(0.03)
        end_event("numba:compile")
        end_event("numba:compile")
        compiled = time.perf_counter() - start
        time.sleep(0.03)
    assert times.compiling == pytest.approx(compiled, abs=0.02)
    assert times.total >= times.compiling + 0.03


def test_what_was_compiled_is_told_from_what_was_there():
    assert "20 s of running, 30 s of compiling (kept" in quick.Times(50, 30).line(10**8)
    assert "50 s of running, 0 s of compiling (kernels were there), 100 MB" in quick.Times(
        50, 0
    ).line(10**8)


def test_a_first_look_ends_with_a_verdict_and_a_figure(tmp_path, monkeypatch):
    monkeypatch.setattr(command_line, "OUTPUT", tmp_path / "figures")
    monkeypatch.setattr(
        quick, "PARAMETERS", {"manifolds": ("circle",), "n_tokens": 400, "n_seeds": 8}
    )
    done = CliRunner().invoke(command_line.cli, ["quick", "--results", str(tmp_path), "--quiet"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    told = [line.partition(":")[0] for line in lines[: len(COMMANDS)]]
    assert told == [f"make {name}" for name in COMMANDS]
    assert any(line.startswith("generator: ") for line in lines)
    assert "MB of memory" in lines[-1] and "of compiling" in lines[-1]
    assert list((tmp_path / "figures").glob("generator-*.png"))
