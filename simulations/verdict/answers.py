"""Measure and judge: one run, or a pilot and a second stage of the size that an answer needs."""

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
    """A pilot, and a second stage with as many fresh samples and levels as the answer needs.

    resolution: such as "5%", of every sampled row; by default what a verdict needs. budget: such as
    "2m", the most that the second stage may take. Raises InputError where they cannot be read.
    """
    share = two_stage.read_resolution(resolution) if resolution is not None else None
    most = two_stage.read_budget(budget) if budget is not None else None
    pilot = judged(name, parameters, root, force=force, quiet=quiet)
    wanted = two_stage.plan(pilot, share)
    stage = wanted if most is None else two_stage.within(wanted, parameters, most)
    # a pilot that refutes stands: fresh samples would give a false theory a second chance
    if not stage.helps or pilot.verdict == REFUTED:
        reason = stage.advice or "every row that more can answer has its answer"
        click.echo(f"pilot: no second stage; {reason}", err=True)
        return pilot
    sizes = ((stage.n_samples, "fresh samples"), (stage.n_levels, "levels"))
    words = ", ".join(f"{n} {what}" for n, what in sizes if n is not None)
    click.echo(f"pilot: {wanted.advice}", err=True)
    click.echo(f"second stage: {words}, about {two_stage.in_words(stage.seconds)}", err=True)
    second = two_stage.second_stage(parameters, stage)
    return judged(name, second, root, force=force, quiet=quiet)
