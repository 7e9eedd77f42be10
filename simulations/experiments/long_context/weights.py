"""The participation of samples at a given number of effective neighbours, and A on noise."""

from __future__ import annotations

import numpy as np

from simulations.experiments.long_context.participation import attention, participation
from simulations.statistics.intervals import mean_interval
from simulations.statistics.jackknife import jackknifed
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens
from theory.claims import long_context as claim


def weights_of_samples(parameters: claim.Parameters, run, d: int) -> Measurement:
    """E sum w^2 at every s; on S^2 free of its bias of order 1/N, and A on independent features."""
    p = parameters.density(d)
    shares = (*claim.CRITICAL, claim.AVERAGING, claim.COPYING)

    def sample(seed):
        rng = np.random.default_rng([parameters.seed, d, 0, seed])
        queries = iid_tokens(p, parameters.n_queries, rng).points
        keys = iid_tokens(p, parameters.n_tokens, rng)

        def estimate(part):
            return mean_participation(queries, part.points, d, shares)

        found = estimate(keys)
        free = jackknifed(estimate, keys, found) if d == claim.SPHERE else found
        return np.array([found, free, np.full(len(shares), noise(queries, keys.points, d, rng))])

    def study():
        label = f"long_context: weights, {p.manifold.name}"
        return {"values": run.over_seeds(sample, parameters.n_seeds, label)}

    values = run.remember(f"weights-{d}", study)["values"]
    found, free = values[:, 0], values[:, 1]
    on_sphere = d == claim.SPHERE
    names = claim.limit if on_sphere else lambda s: claim.at_size(d, s)
    quantities = {
        names(s): Number(mean_interval((free if on_sphere else found)[:, k]))
        for k, s in enumerate(claim.CRITICAL)
    }
    if on_sphere:
        quantities[claim.FEATURES] = Number(mean_interval(values[:, 2, 0]))
    quantities[claim.averaging(d)] = Number(mean_interval(found[:, -2]))
    if d in claim.COPIED:
        quantities[claim.copying(d)] = Number(mean_interval(1 - found[:, -1]))
    return Measurement(quantities, {f"weights_{d}": intervals(found), f"shares_{d}": shares})


def mean_participation(queries, keys, d: int, shares) -> np.ndarray:
    """Mean over the queries of sum w^2 at every s, (shares,)."""
    scales = [claim.scale(d, len(keys), s) for s in shares]
    return np.array([participation(queries, keys, scale).mean() for scale in scales])


def noise(queries, keys, d: int, rng) -> float:
    """Mean square of A on independent standard normal features, at s = 1; on S^2 only."""
    if d != claim.SPHERE:
        return 0.0
    features = rng.standard_normal((len(keys), claim.N_FEATURES))
    operator = attention(queries, keys, claim.scale(d, len(keys), 1.0))
    return float(((operator @ features) ** 2).mean())


def intervals(samples) -> np.ndarray:
    """Value, low and high of the mean of each column of (seeds, k): (k, 3)."""
    found = [mean_interval(column) for column in np.transpose(samples)]
    return np.array([(i.value, i.low, i.high) for i in found])
