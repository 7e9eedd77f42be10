"""Measure and judge: one run, or a pilot and as many fresh samples as an answer needs."""

from __future__ import annotations

from pathlib import Path

import click

from simulations.store.results import execute
from simulations.verdict import two_stage
from simulations.verdict.join import Judged, judge, write_verdict
from simulations.verdict.rows import REFUTED


def judged(name: str, parameters, root: Path, *, force=False, quiet=False) -> Judged:
    """Measure, or read what was measured, and judge it; the verdict is written beside it."""
    judgement = judge(execute(name, parameters, root=root, force=force, quiet=quiet))
    write_verdict(judgement)
    return judgement


def answer(
    name: str, parameters, root: Path, resolution=None, budget=None, *, force=False, quiet=False
) -> Judged:
    """A pilot, and a second stage with as many fresh samples as the answer needs.

    resolution: such as "5%", of every sampled row; by default what a verdict needs. budget: such as
    "2m", the most that the second stage may take. Raises InputError where they cannot be read.
    """
    share = two_stage.read_resolution(resolution) if resolution is not None else None
    most = two_stage.read_budget(budget) if budget is not None else None
    pilot = judged(name, parameters, root, force=force, quiet=quiet)
    wanted = two_stage.plan(pilot, share)
    # a pilot that refutes stands: fresh samples would give a false theory a second chance
    if wanted.n_samples is None or pilot.verdict == REFUTED:
        reason = wanted.advice or "every row that samples can answer has its answer"
        click.echo(f"pilot: no second stage; {reason}", err=True)
        return pilot
    count, seconds = wanted.n_samples, wanted.seconds
    if most is not None and seconds > most:
        count = max(parameters.n_seeds, int(count * most / seconds))
        click.echo(f"budget: {budget} allows {count} of {wanted.n_samples} samples", err=True)
        seconds = min(seconds, most)
    words = two_stage.in_words(seconds)
    click.echo(f"pilot: {wanted.advice}; now {count} fresh samples, about {words}", err=True)
    second = two_stage.second_stage(parameters, count)
    return judged(name, second, root, force=force, quiet=quiet)
