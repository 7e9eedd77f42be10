"""What was scored, and what differs, as text."""

from __future__ import annotations

import numpy as np

from simulations.experiments.metric_attention.differences import per_run
from simulations.learn import text
from simulations.learn.graphs import read_graph
from simulations.learn.user_data import read_data
from theory.claims import metric_attention as claim

MEANS = {
    claim.ACCURACY: "accuracy", claim.NOISY: "noisy", claim.HIDDEN: "hidden", claim.AUC: "ROC AUC",
    claim.AREA: "- area",
}  # fmt: skip


def of_scores(scores, parameters) -> str:
    """The mean scores of all arms, with the settings that validation chose."""
    heads = " ".join(f"{h:>8}" for h in MEANS.values())
    lines = [f"{'task':<18} {'arm':<16} {'rate':>6} {'decay':>5} {heads}  steps"]
    for task in parameters.all_tasks:
        for arm in parameters.arms_on(task):
            at = f"{task}/{arm}"
            rate, decay = (float(scores[f"{at}/{s}"]) for s in ("learning rate", "weight decay"))
            means = " ".join(shown_mean(scores.get(f"{at}/{what}")) for what in MEANS)
            steps = np.exp(-scores[f"{at}/{claim.STEPS}"].mean())
            lines.append(f"{task:<18} {arm:<16} {rate:>6g} {decay:>5g} {means}  {steps:.0f}")
    return "\n".join([*lines, *of_files(parameters)])


def shown_mean(values) -> str:
    return f"{'-':>8}" if values is None else f"{per_run(values).mean():>8.4f}"


def of_effects(quantities, effects) -> str:
    """Each paired difference with its interval, and Cohen's d."""
    lines = [f"{'an arm less self-attention, more is better':<72} {'difference':>31} {'d':>6}"]
    for name, number in quantities.items():
        i, d = number.interval, effects.get(f"effect size/{name}")
        shown = f"{i.value:>9.4f} [{i.low:>8.4f}, {i.high:>8.4f}]"
        lines.append(f"{name:<72} {shown:>31} {'' if d is None else f'{float(d):6.2f}'}".rstrip())
    return "\n".join(lines)


def of_files(parameters) -> list[str]:
    """Which files data are from, and what was not run for want of one."""
    lines = [f"text: SHA-256 {text.digest()}"] if "text" in parameters.tasks else []
    if parameters.data:
        lines.append(f"{claim.DATA}: SHA-256 {read_data(parameters.data).digest}")
    else:
        lines.append(f"{claim.DATA}: not run (needs --data FILE.npz)")
    for task, path in parameters.graph_paths.items():
        lines.append(f"{task}: SHA-256 {read_graph(path).digest}")
    if not parameters.graphs:
        lines.append(f"{claim.GRAPH}: not run (node classification needs --graph FILE.npz)")
    return lines
