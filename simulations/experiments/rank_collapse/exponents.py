"""How fast the residual of a network falls with that of its tokens, which are made ever more equal."""

from __future__ import annotations

import numpy as np

from simulations.experiments.rank_collapse.centred import log_residuals, random_tokens
from simulations.experiments.rank_collapse.networks import plain_layers
from simulations.statistics.intervals import Interval, rounding_of_sums
from simulations.statistics.limits import romberg_within
from simulations.store.quantities import Measurement, Number
from theory.claims import rank_collapse as claim

DIM, NETWORKS, SPREAD = 16, 12, 1.0


def exponents(parameters: claim.Parameters, run) -> Measurement:
    """d log r_L/d log r_0 as r_0 -> 0: slopes between residuals that halve, mean over
    several networks, extrapolated."""
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
    found = {claim.exponent(k): Number(limit(slopes[:, :, k - 1], k)) for k in claim.FOLLOWED}
    return Measurement(found, {"slopes": slopes, "slope_sizes": np.sqrt(sizes[1:] * sizes[:-1])})


def limit(slopes, layers: int) -> Interval:
    """Of the mean of slopes (networks, levels - 1); a layer rounds like sums over the dimensions,
    and every later one triples its error."""
    error = rounding_of_sums(DIM * DIM, 3**layers) / np.log(2)
    errors = np.full(slopes.shape[1], error)
    return romberg_within(slopes.mean(axis=0), errors, "rounding of sums")
