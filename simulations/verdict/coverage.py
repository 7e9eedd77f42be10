"""How often intervals hold the truth: `make coverage`.

Sampled studies of several claims are repeated over fresh seeds, and their intervals, at several
confidences, are held against what is known without samples: the population value or a closed form
at that size. An interval that says 99 % should hold it 99 times in 100: less often, and true claims
are refuted; more often, and false ones are not. Where a bound is added to the scatter of samples an
interval may hold it more often, so its width is told as well, over that of the scatter alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

from simulations.experiments.generator.nodes import coefficients_on_nodes
from simulations.experiments.generator.samples import coefficients_of_samples
from simulations.experiments.markov.consensus import consensus_of_samples
from simulations.experiments.moving_tokens.velocity import velocity_of_samples
from simulations.experiments.sampling_noise.best_temperature import best_of_samples
from simulations.experiments.sampling_noise.clock import clocks_of_samples
from simulations.experiments.sampling_noise.variance import noise_of_samples
from simulations.processes import processes
from simulations.statistics.intervals import CONFIDENCE, Interval, student_quantile
from simulations.store.files import write_json, write_text
from simulations.store.quantities import Number
from simulations.store.results import Run
from theory import claims as claims_
from theory import predictions
from theory.setting.checks import count as check_count
from theory.setting.checks import one_of

CONFIDENCES = (0.5, 0.9, 0.99, 0.999)
REPEATS = 300
FIRST_SEED = 1_000_000  # of the repetitions: no reference run has it
WORKERS, CHUNK = 2, 10
WIDE = 3.0  # half-widths over that of the scatter alone, above which a number is marked


@dataclass(frozen=True)
class Case:
    """A sampled study of a claim at small size: its numbers that no other study has measured."""

    claim: str
    study: Callable
    changes: dict

    def parameters(self, seed: int):
        return claims_.load(self.claim).Parameters(**(self.changes | {"seed": seed}))

    def numbers(self, seed: int) -> dict[str, Number]:
        """The measured numbers with a part that is Student's."""
        measured = self.study(self.parameters(seed), Run(None, quiet=True)).quantities
        return {name: q for name, q in measured.items() if q.interval.freedom}

    def truth(self) -> dict[str, float]:
        """What is predicted for them; the same for all seeds."""
        predicted = predictions.load(self.claim).predict(self.parameters(FIRST_SEED))
        return {name: predicted[name].value for name in self.numbers(FIRST_SEED)}


def generator_on_the_circle(parameters, run):
    on_nodes = coefficients_on_nodes(parameters, "circle", run)
    return coefficients_of_samples(parameters, "circle", 0, on_nodes, run)


def velocity_on_the_ellipse(parameters, run):
    return velocity_of_samples(parameters, "ellipse", 0, run)


def noise_on_the_sphere(parameters, run):
    return noise_of_samples(parameters, run, 2)


def clock_on_the_sphere(parameters, run):
    return clocks_of_samples(parameters, run, 2)


def best_temperature_on_the_sphere(parameters, run):
    return best_of_samples(parameters, run, 2)


FEW = {"n_seeds": 20}
CASES = {
    "markov": Case(
        "markov", consensus_of_samples, {"manifold": "circle", "n_tokens": 200, "n_seeds": 200}
    ),
    "generator": Case(
        "generator",
        generator_on_the_circle,
        {"manifolds": ("circle",), "n_tokens": 1000, "n_seeds": 20},
    ),
    "moving_tokens": Case(
        "moving_tokens",
        velocity_on_the_ellipse,
        {"manifolds": ("ellipse",), "n_tokens": 1000, "n_seeds": 20},
    ),
    "noise": Case("sampling_noise", noise_on_the_sphere, FEW | {"n_tokens": 800, "n_queries": 4}),
    "clock": Case("sampling_noise", clock_on_the_sphere, FEW | {"n_clock_tokens": 100}),
    "best temperature": Case(
        "sampling_noise",
        best_temperature_on_the_sphere,
        FEW | {"n_best": 250, "n_levels": 3, "n_queries": 8},
    ),
}


def measured(name: str, seeds) -> dict[str, list[Interval]]:
    """The intervals of each number of a case, one a seed."""
    found = [CASES[name].numbers(seed) for seed in seeds]
    return {quantity: [numbers[quantity].interval for numbers in found] for quantity in found[0]}


def hits(name: str, truth: dict[str, float], seeds) -> dict[str, list]:
    """For each number of a case, whether it held the truth: (seeds, confidences)."""
    found = measured(name, seeds)
    return {quantity: held(found[quantity], value) for quantity, value in truth.items()}


def held(intervals: list[Interval], truth: float) -> list[list[bool]]:
    """Whether each interval holds the truth at each confidence, (seeds, confidences)."""
    return [[interval.at(c).contains(truth) for c in CONFIDENCES] for interval in intervals]


def width_over_scatter(intervals: list[Interval]) -> float:
    """Median half-width of the intervals of a number over what the scatter of its value asks for.

    That is Student's quantile times the standard deviation of the value over the repetitions: about
    1 for an interval that is nothing but Student's, more by what bounds add.
    """
    scatter = np.std([interval.value for interval in intervals], ddof=1)
    quantiles = [student_quantile(CONFIDENCE, i.freedom, i.together) for i in intervals]
    half_width = np.median([interval.half_width for interval in intervals])
    return float(half_width / (np.median(quantiles) * scatter))


def chosen(repeats: int, names=()) -> list[str]:
    """The cases that a study repeats, by default all; raises InputError for an unknown one."""
    check_count("repeats", repeats, 10)
    return [one_of("case", name, CASES) for name in names] or list(CASES)


def study(
    repeats: int = REPEATS, names=(), report=lambda line: None, workers=WORKERS
) -> list[dict]:
    """One record a number: how often its intervals held the truth, by confidence.

    names: of the cases, by default all. report: called with a line as each case is done.
    """
    names = chosen(repeats, names)
    seeds = FIRST_SEED + 1 + np.arange(repeats)
    chunks = np.array_split(seeds, max(1, repeats // CHUNK))
    records = []
    with processes(workers) as pool:
        truths = {name: CASES[name].truth() for name in names}
        jobs = {
            name: [pool.submit(measured, name, part.tolist()) for part in chunks] for name in names
        }
        for name in names:
            parts = [job.result() for job in jobs[name]]
            for quantity, truth in truths[name].items():
                intervals = [interval for part in parts for interval in part[quantity]]
                share = np.array(held(intervals, truth))
                records.append(record(name, quantity, share, width_over_scatter(intervals)))
            report(f"{name}: {repeats} repetitions")
    return records


def record(name: str, quantity: str, held, width: float | None = None) -> dict:
    """The share of repetitions that held the truth, with its binomial interval (Clopper, Pearson).

    Where a bound was added to the Student part, an interval may hold the truth more often than it
    says, which is allowed; `width` (`width_over_scatter`) tells how wide that makes it.
    """
    case, n = CASES[name], len(held)
    basis = case.numbers(FIRST_SEED)[quantity].interval.basis
    shares = []
    for confidence, count in zip(CONFIDENCES, held.sum(axis=0).tolist(), strict=True):
        binomial = stats.binomtest(count, n).proportion_ci(CONFIDENCE, "exact")
        low, high = float(binomial.low), float(binomial.high)
        right = confidence <= high and ("+" in basis or low <= confidence)
        shares.append(
            {"said": confidence, "held": count, "share": count / n, "low": low, "high": high}
            | {"as_said": bool(right)}
        )
    return {
        "case": name, "claim": case.claim, "quantity": quantity, "basis": basis,
        "repetitions": n, "shares": shares,
        "width_over_scatter": width, "wide": width is not None and width > WIDE,
    }  # fmt: skip


def table(records) -> str:
    """Markdown: one row a number, one column a confidence."""
    n = records[0]["repetitions"]
    head = [f"{100 * c:g} %" for c in CONFIDENCES]
    lines = [
        "# How often intervals hold the truth",
        "",
        "Written by `make coverage`. Sampled studies at small size, repeated over "
        f"{n} fresh seeds; the truth is the population value or a closed form at that size "
        "(`simulations/verdict/coverage.py`). Each column is a confidence: the share of the "
        "repetitions whose interval held the truth, with the binomial interval of that share "
        f"({100 * CONFIDENCE:g} %). Bold: the share is not what was said. Where a bound is added "
        "to the scatter of samples, an interval may hold the truth more often than it says. The "
        "last column is its median half-width over that of the scatter alone (Student's quantile "
        "times the standard deviation over the repetitions): about 1 where nothing is added; above "
        f"{WIDE:g} it is wider than its scatter, and bold.",
        "",
        f"| claim | number | basis | {' | '.join(head)} | width over scatter |",
        f"|---|---|---|{'---|' * len(head)}---|",
    ]
    for r in records:
        cells = [*(_cell(share) for share in r["shares"]), _width(r)]
        quantity = r["quantity"].replace("|", r"\|")
        lines.append(f"| {r['claim']} | {quantity} | {r['basis']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def as_text(records) -> list[str]:
    """A table for the terminal: shares in per cent, with a star where they are not as said, and the
    width over that of the scatter alone."""
    head = "".join(f"{100 * c:>9g} %" for c in CONFIDENCES)
    lines = [f"  {'quantity':<58} {head}  width over scatter"]
    for r in records:
        shares = [
            f"{100 * s['share']:>10.1f}" + (" " if s["as_said"] else "*") for s in r["shares"]
        ]
        lines.append(f"  {r['quantity']:<58} {''.join(shares)}  {_width(r, '')}")
    return lines


def _width(record, mark="**"):
    """How wide the intervals of a number are, in words where that is much; "" if not known."""
    width = record["width_over_scatter"]
    if width is None:
        return ""
    return f"{mark}{width:.2f}: wider than its scatter{mark}" if record["wide"] else f"{width:.2f}"


def _cell(share):
    text = f"{100 * share['share']:.1f} [{100 * share['low']:.1f}, {100 * share['high']:.1f}]"
    return text if share["as_said"] else f"**{text}**"


def write(records, folder: Path) -> list[Path]:
    """coverage.json and coverage.md in a folder."""
    paths = [Path(folder) / name for name in ("coverage.json", "coverage.md")]
    write_json(paths[0], records)
    write_text(paths[1], table(records))
    return paths
