"""Claim `broken_assumptions`: drop a hypothesis of the limit theorem, and attention fails in the way that is predicted.

Walls, gaps, a density with respect to the wrong volume, a score that is no metric. Each row holds a law of the failure;
its control is what the theorem, taken as if it still held, would say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.statistics.orders import order_table
from simulations.experiments import option
from simulations.experiments.broken_gaps import cluster_study, gap_checks, lattice_study, pieces_study
from simulations.experiments.broken_metrics import dot_study, metric_checks, volume_study
from simulations.experiments.broken_walls import (
    evolution_study,
    flat_study,
    layer_study,
    length_study,
    sample_layer_study,
    wall_checks,
)
from simulations.experiments.settings import check_levels
from simulations.store.results import Outcome
from theory.boundary import flat_layer, layer
from theory.setting.checks import InputError, positive, whole
from theory.claims import Claim

CLAIM = Claim(
    name="broken_assumptions",
    rank=12,
    title="Without its hypotheses the limit theorem fails, as it must",
    statement=(
        r"At a wall $(A - I)H/\tau$ diverges like $\frac{2}{\sqrt{\pi\tau}}\,\partial_n H$ in a layer of width $\sqrt{\varepsilon}$, with the Neumann "
        r"equation inside; a gap leaves two consensus values; the wrong volume leaves a plateau; the dot product off the sphere transports."
    ),
    source="docs/theory.md, 'Walls', 'Gaps', 'Wrong volume' and 'No metric'",
    hypotheses="one hypothesis of the drift-diffusion limit dropped at a time",
    predicted=r"$2/\sqrt\pi$ at the wall; $1 - \mu_2 = F/(\pi_1 \pi_2)$ across a gap; $\tan t \to (b/a)^2 \tan t$ on an ellipse",
    order=r"0, 1/4 and 1/2 in $L^\infty$, $L^2$ and $L^1$ at a wall, in place of 1",
)


LEAST_TEMPERATURE = 5e-7  # more than a thousand nodes on [0, 1], squared


@dataclass(frozen=True)
class Parameters:
    temperature: float = option(0.0025, "Temperature eps of the samples and the gaps, and largest of the studies at a wall of [0, 1].")
    n_levels: int = option(6, "Levels: at a wall each has a quarter of the temperature of the one before, elsewhere half.")
    n_tokens: int = option(20_000, "Tokens of a sample at a wall.")
    n_seeds: int = option(24, "Samples at a wall; five times as many in a window.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        if positive("temperature", self.temperature) > 0.01:
            raise InputError(f"temperature: got {self.temperature:g}, expected at most 0.01: the two walls of [0, 1] must not feel each other")
        check_levels("n_levels", self.n_levels)
        smallest = self.temperature / 4.0 ** (self.n_levels - 1)
        if smallest < LEAST_TEMPERATURE:
            raise InputError(f"temperature: got {smallest:.2g} at the finest of {self.n_levels} levels, each a quarter of the one before; expected at least {LEAST_TEMPERATURE:g}")
        whole("n_tokens", self.n_tokens, 100)
        whole("n_seeds", self.n_seeds, 5)
        whole("seed", self.seed, 0)


SMALL = {"n_levels": 4, "n_seeds": 12}


def run(parameters: Parameters, run) -> Outcome:
    """Measure every failure; see `Parameters`."""
    studies = {
        "layers": lambda: layer_study(parameters),
        "samples": lambda: sample_layer_study(parameters, run),
        "flat": lambda: flat_study(parameters),
        "evolution": lambda: evolution_study(parameters),
        "lengths": lambda: length_study(parameters),
        "clusters": lambda: cluster_study(parameters),
        "pieces": lambda: pieces_study(parameters, run),
        "lattice": lambda: lattice_study(parameters),
        "volume": lambda: volume_study(parameters),
        "dot": lambda: dot_study(parameters),
    }
    done = {name: run.remember(name, study) for name, study in studies.items()}
    walls = wall_checks(*(done[name] for name in ("layers", "samples", "flat", "evolution", "lengths")))
    gaps = gap_checks(done["clusters"], done["pieces"], done["lattice"])
    metrics = metric_checks(done["volume"], done["dot"])
    temperatures = done["layers"]["sqrt_eps"] ** 2
    tables = [
        f"dH/dn = 0 at both walls: {norm} error of (A - I)H/tau over that norm of H'' at the walls\n"
        + order_table(temperatures, temperatures, done["flat"][key], "eps")
        for norm, key in (("sup", "sup"), ("L2", "square"), ("L1", "absolute"))
    ]
    arrays = {key: value for study in done.values() for key, value in study.items()}
    depths = done["layers"]["depths"]
    predicted = {"layer_predicted": layer(depths), "flat_predicted": np.asarray(flat_layer(depths))}
    return Outcome((*walls, *gaps, *metrics), arrays | predicted, tuple(tables))
