"""The error over the plane of tokens and temperatures, the same plane in every dimension."""

from __future__ import annotations

import numpy as np

from simulations.experiments.regime.samples import squared_errors
from simulations.statistics.intervals import jackknife_intervals
from simulations.store.quantities import Measurement, Number
from simulations.tokens.samples import samples
from theory.claims import regime as claim


def map_of_errors(parameters: claim.Parameters, run, d: int, rate: float) -> np.ndarray:
    """Mean squared errors over that of L H: (samples, sizes, temperatures)."""
    p, count = parameters.density(d), round(claim.MAP_SAMPLES * parameters.n_seeds)
    queries = claim.MAP_QUERIES * parameters.n_queries

    def of_size(place, n):
        rng = np.random.default_rng([parameters.seed, d, 1, place, n])
        repeats = max(1, claim.MAP_TOKENS // n)
        label = f"regime: map, {p.manifold.name}, N = {n}"
        drawn = samples(p, n, count * repeats, rng)
        drawn = run.progress(drawn, total=count * repeats, label=label)
        found = [squared_errors(t, claim.TEMPERATURES, rate, queries) for t in drawn]
        return np.reshape(found, (count, repeats, -1)).mean(axis=1)

    def study():
        found = [of_size(place, n) for place, n in enumerate(parameters.sizes())]
        return {"errors": np.array(found).swapaxes(0, 1)}

    return run.remember(f"map-{d}", study)["errors"]


def cells(parameters: claim.Parameters, errors, d: int) -> Measurement:
    """The relative error at the judged cells, and of all cells for the figure."""
    places = np.array([claim.CELLS[place] for place in claim.CELLS])

    def statistic(mean):
        return np.sqrt(mean[places[:, 0], places[:, 1]])

    intervals = jackknife_intervals(statistic, errors)
    quantities = {
        claim.cell(d, place): Number(interval)
        for place, interval in zip(claim.CELLS, intervals, strict=True)
    }
    return Measurement(quantities, {f"map_{d}": np.sqrt(errors.mean(axis=0))})
