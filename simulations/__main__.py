"""Command line: python -m simulations run|sweep|list|verify|convergence|sabotage|coverage|heads|mesh|
points|bandwidth."""

from __future__ import annotations

from simulations import starting

if __name__ == "__main__":
    starting.quietly()

import os
import signal
import sys
import time
import warnings
from functools import partial
from pathlib import Path

import click

from simulations.options import (
    QUIET_OPTION,
    ROOT_OPTION,
    Command,
    Experiment,
    Group,
    list_options_of,
    parameters,
    run_options,
)
from simulations.options import typed as typed
from simulations.store.folders import check_writable
from theory import claims as claims_
from theory.claims import claims, optional_claims, require_libraries
from theory.setting.checks import MOST_MESSAGE, InputError, shown, value_of


@click.group(
    cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
def cli():
    """Measure what attention computes, and compare it with what the theory predicts."""


def _experiment_command(name):
    def invoke(root, force, quiet, resolution, budget, **values):
        require_libraries(name)
        given = parameters(name, values)
        tell_cost(name, given)
        judgement = run_and_judge(name, given, root, force, quiet, resolution, budget)
        show(judgement)
        advise(judgement)

    title = claims_.load(name).CLAIM.title
    return Experiment(name, params=run_options(name), callback=invoke, help=title)


SWEEP_OPTIONS = (
    click.Option(
        ["--seeds"], type=int, default=1, show_default=True,
        help="Measurements of each combination, with the seeds s, s + 1, ...",
    ),
    click.Option(["--workers"], type=int, help="Processes; by default one a core."),
    click.Option(
        ["--scheduler"], metavar="ADDRESS",
        help="Of a Dask cluster that measures instead, such as tcp://127.0.0.1:8786.",
    ),
    click.Option(["--no-verdicts"], is_flag=True, help="Measure only; the verdict stays empty."),
    ROOT_OPTION,
    QUIET_OPTION,
)  # fmt: skip


def _sweep_command(name):
    def invoke(seeds, workers, scheduler, no_verdicts, root, quiet, **lists):
        require_libraries(name)
        given = {key: text for key, text in lists.items() if text is not None}
        return run_sweep(
            name, given, seeds, workers, scheduler, root, judging=not no_verdicts, quiet=quiet
        )

    return Command(
        name,
        params=[*list_options_of(name), *SWEEP_OPTIONS],
        callback=invoke,
        help=f"{claims_.load(name).CLAIM.title}: every option takes a list, such as 1e3,1e4.",
    )


class _Experiments(Group):
    """Imports an experiment only when it is run."""

    command_of = staticmethod(_experiment_command)

    def list_commands(self, context):
        return [*claims(), *optional_claims()]

    def get_command(self, context, name):
        return self.command_of(name) if name in self.list_commands(context) else None


class _Sweeps(_Experiments):
    command_of = staticmethod(_sweep_command)


@cli.group(cls=_Experiments)
def run():
    """Run one experiment, with any parameter changed."""


@cli.group(cls=_Sweeps)
def sweep():
    """Run one experiment at every combination of lists of parameters, and tabulate it.

    Finished points are kept, the same command measures only what is missing. Exit code 1: some
    points failed, the others are there.
    """


@cli.command("list")
def list_claims():
    """The claims, and the manifolds with the names that a formula may use."""
    from theory.setting.manifolds import MANIFOLDS, manifold
    from theory.setting.references import GENERIC_DENSITY, REFERENCE_DENSITIES

    for claim in claims().values():
        click.echo(f"{claim.name:<18} {claim.title}")
    for claim in optional_claims().values():
        click.echo(f"{claim.name:<18} {claim.title} (make {claim.name})")
    click.echo()
    for name in MANIFOLDS:
        m = manifold(name)
        reference = REFERENCE_DENSITIES.get(m.name, GENERIC_DENSITY)
        click.echo(
            f"{name:<12} d = {m.dim}, D = {m.ambient_dim}; reference density {reference}; "
            f"formulas may use {', '.join(m.names)}"
        )


RIVAL_OPTION = click.Option(
    ["--rival", "rivals"],
    multiple=True,
    metavar="NAME.QUANTITY=VALUE",
    help="Judge this value, a number or a formula such as 2*pi/3, instead of the prediction; "
    "nothing is measured again. May be repeated.",
)


@cli.command(params=[RIVAL_OPTION, ROOT_OPTION, QUIET_OPTION])
def verify(rivals, root, quiet):
    """Predict and judge the reference measurements, measuring what is missing.

    The exit code tells only whether it ran: 0 whatever the verdicts are, also of rivals.
    """
    if rivals:
        _judge_rivals(rivals, root, quiet)
        return
    check_writable("results folder", root)
    from simulations.verdict.side_by_side import references
    from simulations.verdict.verdicts import write_verdicts

    done = {}
    for judgement in references(claims(), root, quiet):
        done[judgement.claim] = judgement
        show(judgement)
    in_order = [done[name] for name in claims()]
    click.echo(f"\nwritten: {write_verdicts(in_order, root)}")


def _judge_rivals(rivals, root, quiet):
    from simulations.verdict.join import judge

    replaced = {}
    for text in rivals:
        claim, quantity, value = parse_rival(text)
        if quantity in replaced.get(claim, {}):
            raise InputError(f"rival: got {claim}.{quantity} twice, expected it once")
        replaced.setdefault(claim, {})[quantity] = value
    for claim, values in replaced.items():
        another = judge(stored(claim, root, quiet), values)
        click.echo(f"\n{claim}, another theory: {another.verdict.upper()}")
        show_rows(row for row in another.rows if row.quantity in values)


def stored(name: str, root: Path, quiet: bool = False):
    """The reference measurement of a claim: of this clone's runs, else as shipped, else measured."""
    from simulations.store.results import found, run_name
    from simulations.verdict.reference import FOLDER, shipped
    from simulations.verdict.side_by_side import reference

    parameters = claims_.load(name).Parameters()
    result = found(root / name / run_name(parameters, parameters))
    if result is None and (FOLDER / f"{name}.json").exists():
        result = shipped(name)
    return result or reference(name, root, quiet).result


def parse_rival(text: str) -> tuple[str, str, float]:
    """(claim, quantity, value) of NAME.QUANTITY=VALUE; raises InputError if it cannot be read."""
    from theory.setting.expressions import read_number

    name, dot, rest = text.partition(".")
    quantity, equals, value = rest.rpartition("=")
    if not (dot and equals and quantity):
        raise InputError(f"rival: got {shown(text)}, expected NAME.QUANTITY=VALUE")
    with value_of("rival", text):
        claims_.load(name)
        return name, quantity, read_number("value", value)


@cli.command(params=[ROOT_OPTION, QUIET_OPTION])
def convergence(root, quiet):
    """The long convergence studies, with their tables of observed orders: minutes to hours."""
    from simulations.store.costs import recorded
    from simulations.verdict.answers import judged
    from simulations.verdict.long_commands import line, studies

    check_writable("results folder", root)
    click.echo(line("convergence"))
    for name in studies():
        module = claims_.load(name)
        with recorded("convergence", root) as spent:
            judgement = judged(name, module.Parameters(**module.LONG), root, quiet=quiet)
            spent.add(name, judgement.result.record["seconds"])
        show(judgement)


@cli.command(
    params=[
        click.Option(["--mistake", "names"], multiple=True, help="Only this one. May be repeated."),
        ROOT_OPTION,
    ]
)
def sabotage(names, root):
    """Plant mistakes, one at a time, and see which claims refute them: results/sabotage.json."""
    from simulations.store.costs import recorded
    from simulations.verdict.long_commands import line
    from simulations.verdict.sabotage.study import WORKERS, known
    from simulations.verdict.sabotage.study import sabotage as study

    chosen = known(names)
    check_writable("results folder", root)
    click.echo(line("sabotage", [m.name for m in chosen]))
    with recorded("sabotage", root, WORKERS):
        outcomes = study(root, names, click.echo)
    missed = [o["mistake"] for o in outcomes if not o["refuted_by"]]
    click.echo(f"\n{len(outcomes) - len(missed)} of {len(outcomes)} mistakes are refuted")
    if missed:
        click.echo(f"refuted by nobody: {', '.join(missed)}")


@cli.command(
    params=[
        click.Option(["--count"], type=int, default=200, show_default=True, help="Tweaks."),
        click.Option(["--claim", "names"], multiple=True, help="Only this one. May be repeated."),
        click.Option(["--budget"], default="90s", show_default=True, help="Time for each."),
        click.Option(["--seed"], type=int, default=1, show_default=True, help="Of the tweaks."),
        click.Option(["--workers"], type=int, default=2, show_default=True, help="Processes."),
        click.Option(["--again"], is_flag=True, help="Only those that were refuted or refused."),
        ROOT_OPTION,
    ]
)
def tweaks(count, names, budget, seed, workers, again, root):
    """Change parameters of all claims at random and see how it ends: results/tweaks.json."""
    from simulations.store.costs import recorded
    from simulations.verdict import tweaks as tweaks_
    from simulations.verdict.answers import answer
    from simulations.verdict.long_commands import line
    from simulations.verdict.two_stage import read_budget
    from theory.setting.checks import count as check_count

    read_budget(budget)
    check_count("workers", workers, 1, tweaks_.MOST_WORKERS)
    chosen = tweaks_.shares(count, names)
    check_writable("results folder", root)
    within_budget = partial(answer, budget=budget, quiet=True)
    if not again:
        click.echo(line("tweaks", chosen, at_once=workers))
    with recorded("tweaks", root, workers):
        if again:
            done = tweaks_.again(within_budget, root, click.echo, workers)
        else:
            done = tweaks_.study(count, seed, within_budget, root, names, click.echo, workers)
    click.echo("\n" + tweaks_.table(done))


@cli.command(
    params=[
        click.Option(["--repeats"], type=int, default=300, show_default=True, help="Fresh seeds."),
        click.Option(["--case", "names"], multiple=True, help="Only this one. May be repeated."),
        ROOT_OPTION,
    ]
)
def coverage(repeats, names, root):
    """Repeat sampled studies over fresh seeds: how often intervals hold the truth."""
    from simulations.store.costs import recorded
    from simulations.verdict import coverage as coverage_
    from simulations.verdict.long_commands import line

    chosen = coverage_.chosen(repeats, names)
    check_writable("results folder", root)
    click.echo(line("coverage", dict.fromkeys(chosen, repeats)))
    with recorded("coverage", root, coverage_.WORKERS) as spent:
        began = [time.perf_counter()]

        def report(text):
            # the cases share the pool one after the other
            click.echo(text)
            began.append(time.perf_counter())
            spent.add(chosen[len(began) - 2], began[-1] - began[-2], repeats)

        records = coverage_.study(repeats, names, report)
    written = coverage_.write(records, root)
    click.echo("\n" + "\n".join(coverage_.as_text(records)))
    click.echo(f"\nwritten: {', '.join(map(str, written))}")


def _mesh_options():
    """Of the claim `mesh`, its file as an argument."""
    others = [o for o in run_options("mesh") if o.name != "mesh"]
    return [
        click.Argument(["mesh"], required=False, metavar="[FILE.obj|.ply or SURFACE]"),
        click.Option(["--write"], metavar="SURFACE", help="Write a built-in surface to FILE."),
        click.Option(["--facts"], is_flag=True, help="Say what the mesh is, and run nothing."),
        *others,
    ]


@cli.command("mesh", cls=Experiment, params=_mesh_options())
def of_mesh(mesh, write, facts, root, force, quiet, resolution, budget, **values):
    """Attention of tokens on a triangle mesh, against its cotangent Laplacian.

    The same as `run mesh --mesh FILE`, after a word on what the mesh is.
    """
    from simulations.verdict import mesh_file

    if write is not None:
        return click.echo(mesh_file.write(write, values["n_cells"], mesh))
    mesh = values["mesh"] = mesh or claims_.load("mesh").Parameters.mesh
    for line in mesh_file.lines(mesh, values["n_cells"]):
        click.echo(line)
    if not facts:
        given = parameters("mesh", values)
        judgement = run_and_judge("mesh", given, root, force, quiet, resolution, budget)
        show(judgement)
        advise(judgement)


@cli.command(
    params=[
        click.Option(["--weights"], type=click.Path(path_type=Path), help="A safetensors file."),
        click.Option(
            ["--tokens"], type=click.Path(path_type=Path), help=".npy: (n, D), or (texts, n, D)."
        ),
        click.Option(["--layer"], default="", help="In the names of the tensors of its layer."),
        click.Option(["--head"], type=int, default=0, show_default=True, help="Number of it."),
        click.Option(["--n-heads"], type=int, default=1, show_default=True, help="Of the layer."),
        click.Option(["--rotary-base"], type=float, help="Of rotary positions; 0: there are none."),
        click.Option(["--causal"], is_flag=True, help="A token sees no later one."),
        click.Option(["--count"], type=int, help="Of MiniLM: on so many sentences only."),
        ROOT_OPTION,
        QUIET_OPTION,
    ]
)
def heads(weights, tokens, count, root, quiet, **choice):
    """What a trained attention head does, against first-order analysis.

    Of a file, with --weights and --tokens; else all 72 heads of MiniLM: the claim `trained_heads`,
    and results/heads.json.
    """
    if weights is None and tokens is None:
        return _all_heads(count, root, quiet)
    for name, path in (("--weights", weights), ("--tokens", tokens)):
        if path is None:
            raise InputError(f"{name}: is missing, expected a file")
    from simulations.verdict.heads_file import lines_of_file

    for line in lines_of_file(weights, tokens, **choice):
        click.echo(line)


def _all_heads(count, root, quiet):
    from simulations.store.costs import recorded
    from simulations.verdict import heads_study, heads_summary
    from simulations.verdict.answers import judged
    from simulations.verdict.long_commands import HEADS, line
    from theory.claims.trained_heads import CLAIM, Parameters
    from theory.setting.checks import whole

    check_writable("results folder", root)
    if count is not None:
        whole("--count", count, 8)
    given = Parameters() if count is None else Parameters(n_sentences=count)
    require_libraries(CLAIM.name)
    share = given.n_sentences / Parameters().n_sentences
    click.echo(line("heads", {CLAIM.name: share, HEADS: share}))
    with recorded("heads", root) as spent:
        judgement = judged(CLAIM.name, given, root, quiet=quiet)
        spent.add(CLAIM.name, judgement.result.record["seconds"], share)
    show(judgement)
    with recorded("heads", root, part=HEADS, units=share):
        record = heads_study.study(root, count, quiet, judgement.arrays)
    for text in heads_summary.lines(record):
        click.echo(text)
    click.echo(f"\nwritten: {heads_study.write(record, root)}")


def tell_cost(name, parameters) -> None:
    """Before the reference run of a claim that has a target of its own: what that takes."""
    if name in optional_claims() and parameters == type(parameters)():
        from simulations.verdict.long_commands import TARGETS, line

        if name in TARGETS:
            click.echo(line(TARGETS[name]))


POINTS = click.Option(
    ["--points"], type=click.Path(path_type=Path), metavar="FILE.npy", help="Tokens (n, D)."
)
SOME_TOKENS = click.Option(
    ["--n-tokens"], type=int, default=4000, show_default=True,
    help="At most so many, chosen at random; or drawn from the manifold.",
)  # fmt: skip
SEED = click.Option(["--seed"], type=int, default=0, show_default=True, help="Of that choice.")


@cli.command(
    params=[
        click.Argument(["points"], type=click.Path(path_type=Path), metavar="FILE.npy"),
        click.Option(["--temperature"], type=float, help="By default the middle of the plateau."),
        SOME_TOKENS,
        SEED,
        ROOT_OPTION,
        QUIET_OPTION,
    ]
)
def points(points, temperature, n_tokens, seed, root, quiet):
    """What can be said of tokens (n, D) of unknown density, and what cannot: results/points.json."""
    from simulations.store.results import Run
    from simulations.verdict import bandwidth as bandwidth_
    from simulations.verdict import points_file

    given, name = bandwidth_.tokens_of(points, None, None, n_tokens, seed)
    check_writable("results folder", root)
    bar = partial(Run(None, quiet).progress, label="points")
    record = points_file.look(given, name, temperature, seed, bar)
    for line in points_file.lines(record):
        click.echo(line)
    click.echo(f"\nwritten: {points_file.write(record, root)}")


@cli.command(
    params=[
        POINTS,
        click.Option(["--manifold"], help="I.i.d. tokens of it, in place of a file."),
        click.Option(["--density"], help="Of them, a formula; by default the suite's."),
        SOME_TOKENS,
        SEED,
        ROOT_OPTION,
        QUIET_OPTION,
    ]
)
def bandwidth(points, manifold, density, n_tokens, seed, root, quiet):
    """The plateau of temperatures of given tokens, and their dimension: results/bandwidth.json."""
    from simulations.store.results import Run
    from simulations.verdict import bandwidth as bandwidth_

    given, name = bandwidth_.tokens_of(points, manifold, density, n_tokens, seed)
    check_writable("results folder", root)
    record = bandwidth_.study(given, name, partial(Run(None, quiet).progress, label="bandwidth"))
    for line in bandwidth_.lines(record):
        click.echo(line)
    click.echo(f"\nwritten: {bandwidth_.write(record, root)}")


def run_and_judge(name, parameters, root, force, quiet, resolution, budget):
    """One run of an experiment, or two stages where a resolution or a budget was asked for."""
    from simulations.store.costs import recorded
    from simulations.verdict.answers import answer, judged
    from simulations.verdict.long_commands import TARGETS

    options = {"force": force, "quiet": quiet}
    if resolution is None and budget is None:
        if name not in TARGETS or parameters != type(parameters)():
            return judged(name, parameters, root, **options)
        with recorded(TARGETS[name], root) as spent:
            judgement = judged(name, parameters, root, **options)
            spent.add(name, judgement.result.record["seconds"])
        return judgement
    return answer(name, parameters, root, resolution, budget, **options)


def run_sweep(
    name, lists, seeds, workers, scheduler, root, *, judging: bool = True, quiet: bool = False
) -> int:
    """Measure the points of a sweep, then judge them; the exit code: 1 where any of them failed."""
    from tqdm import tqdm

    from simulations.sweeps.plan import plan
    from simulations.sweeps.run import run as run_points
    from simulations.verdict.sweep import tabulate

    given = plan(name, lists, seeds)
    root = root / "sweeps"
    check_writable("results folder", root)
    watched = sys.stderr.isatty()
    bar = tqdm(total=len(given.points), desc=f"sweep of {name}", disable=quiet or not watched)

    def ended(point, outcome, done, total):
        bar.update()
        if outcome not in ("there", "measured"):
            bar.write(f"failed: {point.as_text()}: {outcome}", sys.stderr)
        elif not (quiet or watched):
            click.echo(f"{done} of {total}, {outcome}: {point.as_text()}", err=True)

    try:
        failed = run_points(given, root, workers=workers, scheduler=scheduler, report=ended)
    finally:
        bar.close()
    bar = tqdm(total=0, desc="verdicts", disable=quiet or not watched)

    def judged(done, total):
        bar.total = total
        bar.update()

    try:
        written, unjudged = tabulate(
            given, failed, root, judging=judging, workers=workers or os.cpu_count() or 1,
            report=judged,
        )  # fmt: skip
    finally:
        bar.close()
    for place, message in unjudged.items():
        click.echo(f"not judged: {given.points[place].as_text()}: {message}", err=True)
    click.echo(f"{len(given.points) - len(failed)} of {len(given.points)} points measured")
    for path in written:
        click.echo(f"written: {path}")
    return 1 if failed or unjudged else 0


def advise(judgement) -> None:
    """After an inconclusive run, one line: which option, how much of it, how long."""
    from simulations.verdict.rows import INCONCLUSIVE
    from simulations.verdict.two_stage import plan

    if judgement.verdict == INCONCLUSIVE and (advice := plan(judgement).advice):
        click.echo(f"\ninconclusive: {advice}")


def show(judgement) -> None:
    """Print a verdict: the tables of the measurement, then one line a row."""
    record = judgement.result.record
    seconds, folder = record["seconds"], judgement.result.folder
    click.echo(f"\n{judgement.claim}: {judgement.verdict.upper()}   ({seconds} s, {folder})")
    for text in record["tables"]:
        click.echo("\n" + text)
    click.echo()
    show_rows(judgement.rows)


def show_rows(rows) -> None:
    from simulations.verdict.display import as_text

    for line in as_text(rows):
        click.echo(line)
    sys.stdout.flush()


def parse(claim: str, arguments) -> dict:
    """The values of the options of an experiment from command-line words, as `run` reads them."""
    return _experiment_command(claim).make_context(claim, list(arguments)).params


def guarded(group, arguments, program: str) -> int:
    """Run a command line; bad input, or a machine that fails, is one line on stderr and exit code 2."""
    starting.ready()
    # asked to end: as an interrupt, so that processes which share the work end too
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    warnings.showwarning = _show_warning
    try:
        return group.main(args=arguments, prog_name=program, standalone_mode=False) or 0
    except InputError as error:
        click.echo(f"error: {error}", err=True)
    except MemoryError as error:
        click.echo(
            f"error: out of memory ({error}); expected fewer tokens, points or samples", err=True
        )
    except OSError as error:
        where = f"{error.filename}: " if error.filename is not None else ""
        click.echo(f"error: {where}{error.strerror or error}", err=True)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
    except click.ClickException as error:
        click.echo(f"error: {_in_a_line(error)}", err=True)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted: finished parts are kept, the same command takes them up", err=True)
        return starting.INTERRUPTED
    return 2


def _in_a_line(error: click.ClickException) -> str:
    """What click refuses, as short as any refusal, and where to see what would do."""
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    see = f"; see '{context.command_path} --help'" if context else ""
    return f"{InputError(message, most=MOST_MESSAGE - len(see))}{see}"


def _show_warning(message, category, *_, **__):
    click.echo(f"warning: {message}", err=True)


if __name__ == "__main__":
    sys.exit(guarded(cli, sys.argv[1:], "python -m simulations"))
