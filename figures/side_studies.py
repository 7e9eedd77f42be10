"""Studies beside the reference study of `metric_attention`: graphs whose nodes are classified, and
other starts of the embedding. Their records, the README's tables, the picture of graphs."""

from __future__ import annotations

import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from figures.learned_table import WORDS, settings_of, shown, table
from figures.metric_attention.metric_attention import COLOUR, TITLE, legend
from figures.metric_attention.metric_attention import WORDS as SAID
from simulations.store import sources
from simulations.store.files import DamagedError
from simulations.store.results import read
from simulations.verdict.join import Judged, judge
from simulations.verdict.rows import row_from_dict
from simulations.verdict.verdicts import verdict_record
from theory.claims import metric_attention as claim
from theory.setting.checks import InputError

NAME = "metric_attention_side_studies"
GRAPHS, STARTS = "metric_attention_graphs", "metric_attention_starts"  # tables; the first a picture
OF_GRAPHS = claim.quantities_of(claim.GRAPH)
OF_STARTS = (claim.ACCURACY, claim.AREA, claim.NOISY, claim.PGD, claim.LIPSCHITZ)
ROW = 0.2  # inches of an arm


def finished(root: Path) -> list[Judged]:
    """All studies below `root` that these sources made, but the reference; raises InputError where
    there is none."""
    name = claim.CLAIM.name
    code, found = sources.digest(f"simulations.experiments.{name}"), []
    for folder in sorted((root / name).glob("*")):
        try:
            result = None if folder.suffix == ".partial" else read(folder)
        except DamagedError:
            result = None
        if result is not None and result.record["sources"] == code and not result.is_reference:
            found.append(judge(result))
    if not found:
        raise InputError(
            f"side studies: got none that is finished in {root / name}, expected one "
            '(make learn ARGS="--task none --graph FILE.npz", or with --embedding 4)'
        )
    return sorted(found, key=lambda judged: (judged.parameters.graphs, judged.parameters.embedding))


def record_of(judged: Judged) -> dict:
    """The verdict's record, with the settings and mean scores of each arm on each task."""
    p = judged.parameters
    scores = {
        f"{task}/{arm}": float(np.mean(judged.arrays[f"{task}/{arm}/{score_of(task)}"]))
        for task in p.all_tasks
        for arm in p.arms_on(task)
    }
    return verdict_record(judged) | {"settings": settings_of(judged), "scores": scores}


def score_of(task: str) -> str:
    return claim.AUC if claim.is_graph(task) else claim.ACCURACY


def graph_table(records: list[dict]) -> str:
    """Every arm less self-attention on every graph, as Markdown, with what was run."""
    lines, facts = [], []
    for record in (r for r in records if r["parameters"]["graphs"]):
        rows = {row.quantity: row for row in map(row_from_dict, record["checks"])}
        p = record["parameters"]
        for place, score in record["scores"].items():
            task, arm = place.split("/")
            rate, decay = record["settings"][place]
            cells = [cell(rows, task, what, arm) for what in OF_GRAPHS]
            lines.append((graph(task), arm, f"{rate:g}, {decay:g}", f"{score:.3f}", *cells))
        told = f"{p['n_seeds']} paired runs of {p['n_steps']} steps over the file's splits in turn"
        facts.append(f"`{record['command']}`: {told}.")
    head = ("graph", "arm less self", "rate, decay", "ROC AUC", *OF_GRAPHS)
    return f"{table(head, lines)}\n\n{' '.join(facts)}\n"


def start_table(records: list[dict]) -> str:
    """The metric less self-attention by the scale of the embedding at the start, as Markdown."""
    lines = []
    for record in (r for r in records if not r["parameters"]["graphs"]):
        rows = {row.quantity: row for row in map(row_from_dict, record["checks"])}
        for task in record["parameters"]["tasks"]:
            scores = [record["scores"][f"{task}/{arm}"] for arm in (claim.SELF, claim.METRIC)]
            cells = [cell(rows, task, what, claim.METRIC) for what in OF_STARTS]
            scale = f"{record['parameters']['embedding']:g}"
            lines.append((task, scale, *(f"{score:.3f}" for score in scores), *cells))
    head = ("task", "scale", "accuracy of self", "of metric", *OF_STARTS)
    return table(head, sorted(lines)) + "\n"


def cell(rows, task, what, arm) -> str:
    row = rows.get(claim.row(task, what, arm))
    return "" if row is None else shown(row, WORDS)


def graph(task: str) -> str:
    """The name of a graph, of its task."""
    return task.removeprefix(claim.GRAPH).strip()


def draw(studies: list[Judged]):
    """A panel a quantity, a line an arm on a graph: right of 0 it learns better than self."""
    places = [
        (judged, task, arm)
        for judged in studies
        for task in judged.parameters.graph_paths
        for arm in judged.parameters.arms_on(task)
        if arm != claim.SELF
    ]
    figure, axes = plt.subplots(
        1, len(OF_GRAPHS), sharey=True, figsize=(style.WIDE, ROW * len(places) + 1.1)
    )
    for ax, what in zip(axes, OF_GRAPHS, strict=True):
        for y, (judged, task, arm) in enumerate(places):
            row = judged.row(claim.row(task, what, arm))
            style.draw_row(ax, -y, row, colour=COLOUR[row.verdict], horizontal=True)
        ax.axvline(0.0, color=style.PREDICTED, lw=1)
        ax.set_title("\n".join(textwrap.wrap(what, TITLE)), loc="left", fontsize=8)
        ax.set_ylim(-len(places) + 0.4, 0.6)
        ax.locator_params(axis="x", nbins=4)
        ax.tick_params(axis="x", labelsize=style.SMALL)
    names = [f"{graph(task)}: {arm}" for _, task, arm in places]
    axes[0].set_yticks(-np.arange(len(places)), names, fontsize=style.SMALL)
    axes[len(axes) // 2].set_xlabel("arm less self-attention, more is better")
    legend(figure, axes[0], {v: said.replace("metric ", "") for v, said in SAID.items()})
    return figure
