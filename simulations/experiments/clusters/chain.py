"""A chain of equal clusters on a flat circle: how disorder grows, and how long neighbours rest."""

from __future__ import annotations

import numpy as np

from simulations.dynamics.clusters import TOLERANCE, steps_to_merge
from simulations.experiments.clusters.response import responses
from simulations.statistics.intervals import exact
from simulations.statistics.limits import romberg
from simulations.store.quantities import Measurement, Number
from theory.claims import clusters as claim
from theory.setting.pseudo_metrics import GAUSSIAN

SITES = np.arange(claim.CHAIN_LENGTH, dtype=np.float64)
AROUND = float(claim.CHAIN_LENGTH)


def chain_of_clusters(run) -> Measurement:
    """Growth less 1 by density and phase, and the steps that a plateau gains by order."""
    quantities = {
        claim.multiplier(square, phase): Number(
            romberg(
                responses(SITES, np.cos(phase * SITES), claim.AMPLITUDES, 1 / (4 * square), AROUND)
            )
        )
        for square, phase in claim.judged_multipliers()
    }

    def study():
        bar = run.progress(claim.DISORDER, label="clusters: plateaus of a chain")
        return {"lengths": np.array([plateau(u) for u in bar])}

    lengths = run.remember("chain", study)["lengths"]
    of = dict(zip(claim.DISORDER, lengths, strict=True))
    rough, fine = claim.DISORDER_JUDGED
    decades = float(np.log10(rough / fine))
    gained = exact(float(of[fine] - of[rough]), 1.0, "two counts, each less than a step too many")
    quantities[claim.DECADE] = Number(gained.scaled(1 / decades))
    return Measurement(
        quantities, {"disorder": np.array(claim.DISORDER), "chain_plateaus": lengths}
    )


def plateau(displacement: float) -> int:
    """Steps until neighbours merge that are first displaced by -u, u, -u, ..."""
    start = SITES + displacement * (-1.0) ** SITES
    eps = 1 / (4 * claim.PLATEAU_SQUARE)
    return steps_to_merge(start[:, None], GAUSSIAN, eps, TOLERANCE, period=AROUND)
