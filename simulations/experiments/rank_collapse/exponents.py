"""How fast the residual of a network falls with that of its tokens, which are made ever more equal."""

from __future__ import annotations

import numpy as np

from simulations.experiments.rank_collapse.centred import log_residuals, random_tokens
from simulations.experiments.rank_collapse.networks import plain_layers
from simulations.statistics.intervals import smallest
from simulations.statistics.limits import romberg
from simulations.store.quantities import Measurement, Number
from theory.claims import rank_collapse as claim

DIM, NETWORKS, SPREAD = 16, 12, 1.0


def exponents(parameters: claim.Parameters, run) -> Measurement:
    """d log r_L/d log r_0 as r_0 -> 0: slopes between residuals that halve, extrapolated; the
    smallest of several networks."""
    sizes = parameters.sizes()

    def network(s):
        def at(size):
            rng = np.random.default_rng([parameters.seed, 1, s])
            layers = plain_layers(DIM, SPREAD, max(claim.FOLLOWED), rng)
            tokens = random_tokens(parameters.n_tokens, DIM, float(np.log(size)), rng)
            return log_residuals(tokens, layers)

        logs = np.array([at(size) for size in sizes])
        return np.diff(logs, axis=0)[:, 1:] / np.diff(logs, axis=0)[:, :1]

    def study():
        return {"slopes": run.over_seeds(network, NETWORKS, "rank_collapse: exponents")}

    slopes = run.remember("exponents", study)["slopes"]  # (networks, levels - 1, layers)
    found = {
        claim.exponent(layers): Number(smallest([romberg(s[:, layers - 1]) for s in slopes]))
        for layers in claim.FOLLOWED
    }
    return Measurement(found, {"slopes": slopes, "slope_sizes": np.sqrt(sizes[1:] * sizes[:-1])})
