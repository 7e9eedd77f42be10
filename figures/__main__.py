"""Command line: python -m figures quick|all|draw|sweep|list|readme|report|bench|heads|
side-studies|bandwidth|explore."""

from __future__ import annotations

from simulations import starting

if __name__ == "__main__":
    starting.quietly()

import sys
from pathlib import Path

import click

import figures
from figures import caption, claim_of, names, openers, optional_names
from figures import quick as first_look
from simulations import __main__ as simulations
from simulations.options import Group
from simulations.store.folders import check_writable
from theory import claims as claims_
from theory.claims import claims, optional_claims, require_libraries
from theory.setting.checks import one_of

# matplotlib, the report's templates and what judges are imported by the commands that use them

OUTPUT = Path("figures/output")
FIGURES = "figures folder"


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def cli():
    """Draw the figures, running the experiments that they need."""


@cli.command("list")
def list_figures():
    """The figures, a line each."""
    for name in [*openers(), *names(), *optional_names()]:
        click.echo(f"{name:<28} {caption(name)}")


@cli.command("all", params=[simulations.ROOT_OPTION, simulations.QUIET_OPTION])
def draw_all(root, quiet):
    """All reference runs, their verdicts, and every figure."""
    make_all(root, quiet)


def make_all(root, quiet):
    """The verdict of every claim by its name, each printed and drawn as it falls."""
    from simulations.store.costs import recorded
    from simulations.verdict.long_commands import line
    from simulations.verdict.side_by_side import CLAIMS_AT_ONCE
    from simulations.verdict.verdicts import write_verdicts

    check_writable(FIGURES, OUTPUT)
    check_writable("results folder", root)
    click.echo(line("figures"))
    done = {}
    with recorded("figures", root, CLAIMS_AT_ONCE):
        for judgement in references(claims(), root, quiet):
            done[judgement.claim] = judgement
            simulations.show(judgement)
            for name in (n for n in names() if claim_of(n) == judgement.claim):
                draw_figure(name, judgement)
    done = {claim: done[claim] for claim in claims()}
    click.echo(f"\nwritten: {write_verdicts(done.values(), root)}")
    for name in openers():
        draw_opener(name, done)
    return done


@cli.command("report", params=[simulations.ROOT_OPTION, simulations.QUIET_OPTION])
def write_report(root, quiet):
    """Everything that `all` makes, then one self-contained page, and verdicts as CSV and LaTeX."""
    from figures import report

    done = make_all(root, quiet)
    learned = report.learning.learned(root)
    for name in report.learning.own_figures(learned):
        draw_figure(name, learned[claim_of(name)], name)
    page = report.write(done, OUTPUT, root, learned)
    click.echo(f"written: {page}, {root / 'verdicts.csv'}, {root / 'verdicts.tex'}")


@cli.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    params=[click.Argument(["name"])],
    help="One figure; further options are those of its experiment.",
)
@click.pass_context
def draw(context, name):
    if name in openers():
        values = draw_opener_of.make_context(name, context.args).params
        return draw_opener_of.callback(name, **values)
    claim = claim_of(name)
    require_libraries(claim)
    values = simulations.parse(claim, context.args)
    root, force, quiet = (values.pop(key) for key in ("root", "force", "quiet"))
    resolution, budget = values.pop("resolution"), values.pop("budget")
    with simulations.typed(claim):
        parameters = simulations.parameters(claim, values)
        check_writable(FIGURES, OUTPUT)
        simulations.tell_cost(claim, parameters)
        judgement = simulations.run_and_judge(
            claim, parameters, root, force, quiet, resolution, budget
        )
    simulations.show(judgement)
    draw_figure(name, judgement)
    simulations.advise(judgement)


@click.command(params=[simulations.ROOT_OPTION, simulations.QUIET_OPTION])
def draw_opener_of(name, root, quiet):
    """One figure of all claims, from their reference runs."""
    check_writable(FIGURES, OUTPUT)
    check_writable("results folder", root)
    done = {judgement.claim: judgement for judgement in references(claims(), root, quiet)}
    draw_opener(name, {claim: done[claim] for claim in claims()})


@cli.command(params=[simulations.ROOT_OPTION, simulations.QUIET_OPTION])
def quick(root, quiet):
    """One claim at a small size, its verdict and its figure, and what the long targets take."""
    check_writable(FIGURES, OUTPUT)
    from simulations.store.costs import peak
    from simulations.verdict.long_commands import lines

    click.echo("\n".join(lines()))
    with first_look.timed() as times:
        parameters = claims_.load(first_look.CLAIM).Parameters(**first_look.PARAMETERS)
        judgement = simulations.run_and_judge(
            first_look.CLAIM, parameters, root, False, quiet, None, None
        )
        simulations.show(judgement)
        draw_figure(first_look.FIGURE, judgement)
    click.echo(times.line(peak()))


@cli.command(params=[simulations.ROOT_OPTION, simulations.QUIET_OPTION])
def readme(root, quiet):
    """Everything that `all` makes, then the README's tables, docs/ and its figures from it."""
    from figures.readme import update

    update(make_all(root, quiet), root, OUTPUT)


@cli.command(params=[click.Argument(["name"]), simulations.ROOT_OPTION, simulations.QUIET_OPTION])
def optional(name, root, quiet):
    """The reference run of the optional claim NAME, its figures, docs/NAME.json and its table."""
    from figures.readme import update_optional
    from simulations.verdict.side_by_side import reference

    one_of("claim", name, optional_claims())
    require_libraries(name)
    check_writable(FIGURES, OUTPUT)
    judgement = reference(name, root, quiet)
    simulations.show(judgement)
    for figure in optional_names():
        if claim_of(figure) == name:
            draw_figure(figure, judgement)
    update_optional(judgement, OUTPUT)


@cli.command("side-studies", params=[simulations.ROOT_OPTION])
def learned_beside(root):
    """Finished studies of metric_attention but the reference: docs/metric_attention_side_studies.json,
    a picture, and README's tables."""
    from figures import readme, side_studies

    require_libraries("metric_attention")
    check_writable(FIGURES, OUTPUT)
    readme.update_side_studies(side_studies.finished(root), OUTPUT)


@cli.command(
    "bench",
    params=[
        simulations.ROOT_OPTION,
        click.Option(["--quick"], is_flag=True, help="Of the record with small sizes."),
        click.Option(["--history"], is_flag=True, help="Also of docs/bench-history.jsonl."),
    ],
)
def draw_bench(root, quick, history):
    """The figure of results/bench.json, which `make bench` writes."""
    from figures import bench, bench_history, style
    from simulations.bench.history import entries

    check_writable(FIGURES, OUTPUT)
    name = "bench-quick" if quick else "bench"
    record = bench.read(root / f"{name}.json")
    written = style.save(bench.draw(record), OUTPUT / name)
    if history:
        written += style.save(bench_history.draw(entries()), OUTPUT / "bench-history")
    for path in written:
        click.echo(f"written: {path}")


@cli.command(
    "sweep",
    params=[
        click.Argument(["name"]),
        click.Option(["--quantity", "quantities"], multiple=True, help="Only it. May be repeated."),
        click.Option(["--x"], help="Parameter of the axis, by default the first that varies."),
        simulations.ROOT_OPTION,
    ],
)
def draw_sweep(name, quantities, x, root):
    """The figure of a sweep of the claim NAME, which `python -m simulations sweep NAME` measures."""
    from figures import style, sweep

    check_writable(FIGURES, OUTPUT)
    claims_.load(name)
    figure = sweep.draw(*sweep.read(root / "sweeps" / name), quantities, x and x.replace("-", "_"))
    for path in style.save(figure, OUTPUT / f"sweep-{name}"):
        click.echo(f"written: {path}")


@cli.command("heads", params=[simulations.ROOT_OPTION])
def draw_heads(root):
    """The figures of results/heads.json, which `make heads` writes; one of them lies on the map of
    `regime`, as it ships. That of the claim `trained_heads` too, where its reference run is there."""
    from figures import style
    from figures.heads import heads, places
    from simulations.store.results import found, run_name
    from simulations.verdict.join import judge
    from simulations.verdict.reference import shipped

    check_writable(FIGURES, OUTPUT)
    record = heads.read(root / "heads.json")
    for path in style.save(heads.draw(record), OUTPUT / "heads"):
        click.echo(f"written: {path}")
    figure = places.draw(record, judge(shipped("regime")))
    for path in style.save(figure, OUTPUT / "heads_places"):
        click.echo(f"written: {path}")
    parameters = claims_.load("trained_heads").Parameters()
    result = found(root / "trained_heads" / run_name(parameters, parameters))
    if result is not None:
        draw_figure("trained_heads", judge(result))


def references(names, root, quiet):
    """The judged reference run of each claim, as they are ready."""
    from simulations.verdict import side_by_side

    return side_by_side.references(names, root, quiet)


@cli.command("bandwidth", params=[simulations.ROOT_OPTION])
def draw_bandwidth(root):
    """The figure of results/bandwidth.json, which `python -m simulations bandwidth` writes."""
    from figures import bandwidth, style

    check_writable(FIGURES, OUTPUT)
    for path in style.save(
        bandwidth.draw(bandwidth.read(root / "bandwidth.json")), OUTPUT / "bandwidth"
    ):
        click.echo(f"written: {path}")


@cli.command()
@click.option("--port", type=int, default=2718, show_default=True, help="Of this machine.")
@click.option("--no-browser", is_flag=True, help="Open none.")
def explore(port, no_browser):
    """A local page to play with (make explore): attention beside the equation, as one chooses."""
    from figures.explore import serve

    serve.start(port, no_browser)


def draw_opener(name, judgements):
    """Write one figure of all claims."""
    from figures import style

    for path in style.save(figures.load(name).draw(judgements), OUTPUT / name):
        click.echo(f"written: {path}")


def draw_figure(name, judgement, as_name=None):
    """Write one figure; that of a changed run has a name of its own, unless it is given one."""
    from figures import style

    result = judgement.result
    own = name if result.is_reference else f"{name}-{result.folder.name}"
    stem = OUTPUT / (as_name or own)
    for path in style.save(figures.draw(name, judgement), stem):
        click.echo(f"written: {path}")
    if figures.moves(name):
        click.echo(f"written: {style.save_animation(figures.animate(name, judgement), stem)}")


if __name__ == "__main__":
    sys.exit(simulations.guarded(cli, sys.argv[1:], "python -m figures"))
