"""Command line: python -m simulations run|list|verify|convergence."""

from __future__ import annotations

import dataclasses
import sys
import warnings
from pathlib import Path

import click

from simulations import results
from simulations.attention import LonelyTokensWarning
from simulations.display import measurement, prediction
from simulations.experiments import claims, load
from simulations.experiments.settings import GENERIC_DENSITY, REFERENCE_DENSITIES
from theory.checks import InputError
from theory.manifolds import MANIFOLDS, manifold

ROOT_OPTION = click.Option(["--results", "root"], default="results", show_default=True, help="Folder of the results.")
QUIET_OPTION = click.Option(["--quiet"], is_flag=True, help="No progress bars.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli():
    """Measure what attention computes, and compare it with what the theory predicts."""


def _experiment_command(name):
    module = load(name)

    def invoke(root, force, quiet, **values):
        parameters = module.Parameters(**values)
        show(results.execute(name, module, parameters, root=Path(root), force=force, quiet=quiet))

    options = [_option(f) for f in dataclasses.fields(module.Parameters)]
    options += [
        ROOT_OPTION,
        click.Option(["--force"], is_flag=True, help="Run again even if the result is there."),
        QUIET_OPTION,
    ]
    return click.Command(name, params=options, callback=invoke, help=module.CLAIM.title)


def _option(field):
    repeated = isinstance(field.default, tuple)
    kind = type(field.default[0]) if repeated else type(field.default)
    return click.Option(
        [f"--{results.option_name(field)}", field.name], type=kind, default=field.default, multiple=repeated,
        show_default=True, help=field.metadata.get("help", "") + (" May be repeated." if repeated else ""),
    )  # fmt: skip


class _Experiments(click.Group):
    """Imports an experiment only when its own options are asked for."""

    def list_commands(self, context):
        return list(claims())

    def get_command(self, context, name):
        return _experiment_command(name) if name in claims() else None


@cli.group(cls=_Experiments)
def run():
    """Run one experiment, with any parameter changed."""


@cli.command("list")
def list_claims():
    """The claims, and the manifolds: their reference densities, and the names a formula may use."""
    for claim in claims().values():
        click.echo(f"{claim.name:<12} {claim.title}")
    click.echo()
    for name in MANIFOLDS:
        m = manifold(name)
        reference = REFERENCE_DENSITIES.get(m.name, GENERIC_DENSITY)
        click.echo(f"{name:<12} d = {m.dim}, D = {m.ambient_dim}; reference density {reference}; formulas may use {', '.join(m.names)}")


@cli.command(params=[ROOT_OPTION, QUIET_OPTION])
def verify(root, quiet):
    """Run what is missing of the reference runs, print the verdicts and write verdicts.json."""
    done = [reference(name, Path(root), quiet) for name in claims()]
    for result in done:
        show(result)
    path = results.write_verdicts(done, Path(root))
    click.echo(f"\nwritten: {path}")


@cli.command(params=[ROOT_OPTION, QUIET_OPTION])
def convergence(root, quiet):
    """The long convergence studies, with their tables of observed orders: minutes to hours."""
    for name in claims():
        module = load(name)
        if hasattr(module, "LONG"):
            parameters = module.Parameters(**module.LONG)
            show(results.execute(name, module, parameters, root=Path(root), quiet=quiet))


def reference(name: str, root: Path, quiet: bool = False) -> results.Result:
    """The reference run of a claim, computed if it is missing or its sources changed."""
    module = load(name)
    return results.execute(name, module, module.Parameters(), root=root, quiet=quiet)


def show(result: results.Result) -> None:
    """Print a result: its tables, then one line a check."""
    click.echo(f"\n{result.claim}: {result.record['verdict'].upper()}   ({result.record['seconds']} s, {result.folder})")
    for text in result.record["tables"]:
        click.echo("\n" + text)
    click.echo(f"\n  {'quantity':<58} {'predicted':>12} {'measured, with its interval':>34}   verdict      control")
    for c in result.checks:
        control = f"{'rejected' if c.control_rejected else 'NOT REJECTED'}: {c.control} ({c.control_value:.4g})"
        click.echo(f"  {c.quantity:<58} {prediction(c):>12} {measurement(c):>34}   {c.verdict:<12} {control}")


def parse(claim: str, arguments) -> dict:
    """The options of an experiment from command-line words, as `run` would read them."""
    command = _experiment_command(claim)
    return command.make_context(claim, list(arguments)).params


def guarded(group, arguments, program: str) -> int:
    """Run a command line; bad input is one line on stderr and exit code 2."""
    warnings.showwarning = _show_warning
    warnings.simplefilter("always", LonelyTokensWarning)
    try:
        return group.main(args=arguments, prog_name=program, standalone_mode=False) or 0
    except InputError as error:
        click.echo(f"error: {error}", err=True)
    except MemoryError as error:
        click.echo(f"error: out of memory ({error}); expected fewer tokens, points or samples", err=True)
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted: finished parts are kept, the same command takes them up", err=True)
        return 130
    return 2


def _show_warning(message, category, *_, **__):
    click.echo(f"warning: {message}", err=True)


if __name__ == "__main__":
    sys.exit(guarded(cli, sys.argv[1:], "python -m simulations"))
