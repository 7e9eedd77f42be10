"""Command line: python -m figures all|draw|list|readme|report|bench."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from figures import bench, claim_of, load, names, report, style
from figures.readme import update
from simulations import __main__ as simulations
from simulations import results
from simulations.experiments import claims
from simulations.experiments import load as load_experiment

OUTPUT = Path("figures/output")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli():
    """Draw the figures, running the experiments that they need."""


@cli.command("list")
def list_figures():
    """The figures, a line each."""
    for name in names():
        click.echo(f"{name:<24} {load(name).__doc__.splitlines()[0]}")


@cli.command("all", params=[simulations.ROOT_OPTION, simulations.QUIET_OPTION])
def draw_all(root, quiet):
    """All reference runs, their verdicts, and every figure."""
    _make_all(root, quiet)


def _make_all(root, quiet):
    done = {name: simulations.reference(name, Path(root), quiet) for name in claims()}
    for result in done.values():
        simulations.show(result)
    click.echo(f"\nwritten: {results.write_verdicts(done.values(), Path(root))}")
    for name in names():
        _draw(name, done[claim_of(name)])
    return done


@cli.command("report", params=[simulations.ROOT_OPTION, simulations.QUIET_OPTION])
def write_report(root, quiet):
    """Everything that `all` makes, then one self-contained page, and the verdicts as CSV and LaTeX."""
    page = report.write(_make_all(root, quiet), OUTPUT, Path(root))
    click.echo(f"written: {page}, {Path(root) / 'verdicts.csv'}, {Path(root) / 'verdicts.tex'}")


@cli.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    params=[click.Argument(["name"])],
    help="One figure; further options are those of its experiment.",
)
@click.pass_context
def draw(context, name):
    claim = claim_of(name)
    values = simulations.parse(claim, context.args)
    root, force, quiet = (values.pop(key) for key in ("root", "force", "quiet"))
    module = load_experiment(claim)
    result = results.execute(claim, module, module.Parameters(**values), root=Path(root), force=force, quiet=quiet)
    _draw(name, result)


@cli.command(params=[simulations.ROOT_OPTION, simulations.QUIET_OPTION])
def readme(root, quiet):
    """Everything that `all` makes, then the README's table and figures from it."""
    _make_all(root, quiet)
    update(Path(root) / "verdicts.json", OUTPUT)


@cli.command("bench", params=[simulations.ROOT_OPTION, click.Option(["--quick"], is_flag=True, help="Of the record with small sizes.")])
def draw_bench(root, quick):
    """The figure of results/bench.json, which `make bench` writes."""
    name = "bench-quick" if quick else "bench"
    for path in style.save(bench.draw(bench.read(Path(root) / f"{name}.json")), OUTPUT / name):
        click.echo(f"written: {path}")


def _draw(name, result):
    reference = result.folder.name.startswith("reference-")
    stem = OUTPUT / (name if reference else f"{name}-{result.folder.name}")
    for path in style.save(load(name).draw(result), stem):
        click.echo(f"written: {path}")


if __name__ == "__main__":
    sys.exit(simulations.guarded(cli, sys.argv[1:], "python -m figures"))
