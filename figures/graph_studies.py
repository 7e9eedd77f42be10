"""Studies of graphs whose nodes are classified: their records, the README's table, the picture."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from figures.learned_table import WORDS, shown, table
from figures.metric_attention.metric_attention import COLOUR, legend
from figures.metric_attention.metric_attention import WORDS as SAID
from simulations.store import sources
from simulations.store.files import DamagedError
from simulations.store.results import read
from simulations.verdict.join import Judged, judge
from simulations.verdict.rows import row_from_dict
from simulations.verdict.verdicts import verdict_record
from theory.claims import metric_attention as claim
from theory.setting.checks import InputError

NAME = "metric_attention_graphs"
QUANTITIES = claim.quantities_of(claim.GRAPH)
HEAD = ("graph", "arm less self", "ROC AUC of the arm", *QUANTITIES)
ROW = 0.2  # inches of an arm


def finished(root: Path) -> list[Judged]:
    """All studies of graphs below `root` that these sources made, by the names of their graphs;
    raises InputError where there is none."""
    name = claim.CLAIM.name
    code, found = sources.digest(f"simulations.experiments.{name}"), []
    for folder in sorted((root / name).glob("*")):
        try:
            result = None if folder.suffix == ".partial" else read(folder)
        except DamagedError:
            result = None
        if result is not None and result.record["sources"] == code and result.parameters.graphs:
            found.append(judge(result))
    if not found:
        raise InputError(
            f"graphs: got no finished study in {root / name}, expected one "
            '(make learn ARGS="--task none --graph FILE.npz")'
        )
    return sorted(found, key=lambda judged: judged.parameters.graphs)


def record_of(judged: Judged) -> dict:
    """The verdict's record, and the mean area under the ROC curve of each arm."""
    scores = {
        f"{task}/{arm}": float(np.mean(judged.arrays[f"{task}/{arm}/{claim.AUC}"]))
        for task in judged.parameters.graph_paths
        for arm in judged.parameters.arms_on(task)
    }
    return verdict_record(judged) | {"scores": scores, "tables": judged.result.record["tables"]}


def graph_table(records: list[dict]) -> str:
    """Every arm less self-attention on every graph, as Markdown, with what was run."""
    lines, facts = [], []
    for record in records:
        rows = {row.quantity: row for row in map(row_from_dict, record["checks"])}
        p = record["parameters"]
        for place, score in record["scores"].items():
            task, arm = place.split("/")
            cells = [
                shown(rows[name], WORDS) if (name := claim.row(task, what, arm)) in rows else ""
                for what in QUANTITIES
            ]
            lines.append((task.removeprefix(claim.GRAPH).strip(), arm, f"{score:.3f}", *cells))
        told = f"{p['n_seeds']} paired runs of {p['n_steps']} steps over the file's splits in turn"
        facts.append(f"`{record['command']}`: {told}.")
    return table(HEAD, lines) + "\n\n" + "\n".join(facts) + "\n"


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
        1, len(QUANTITIES), sharey=True, figsize=(style.WIDE, ROW * len(places) + 1.1)
    )
    for ax, what in zip(axes, QUANTITIES, strict=True):
        for y, (judged, task, arm) in enumerate(places):
            row = judged.row(claim.row(task, what, arm))
            style.draw_row(ax, -y, row, colour=COLOUR[row.verdict], horizontal=True)
        ax.axvline(0.0, color=style.PREDICTED, lw=1)
        ax.set_title(what, loc="left", fontsize=8)
        ax.locator_params(axis="x", nbins=4)
        ax.tick_params(axis="x", labelsize=style.SMALL)
    names = [f"{task.removeprefix(claim.GRAPH).strip()}: {arm}" for _, task, arm in places]
    axes[0].set_yticks(-np.arange(len(places)), names, fontsize=style.SMALL)
    axes[len(axes) // 2].set_xlabel("arm less self-attention, more is better")
    legend(figure, axes[0], {v: said.replace("metric ", "") for v, said in SAID.items()})
    return figure
