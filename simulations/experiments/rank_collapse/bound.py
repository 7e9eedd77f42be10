"""Random networks held against the doubly exponential bound, with skip connections and without."""

from __future__ import annotations

import numpy as np

from simulations.experiments.rank_collapse.centred import log_residuals, random_tokens
from simulations.experiments.rank_collapse.networks import bounded_layers, scaled_factor
from simulations.statistics.intervals import Interval, exact, rounding_of_sums
from simulations.store.quantities import Measurement, Number
from theory.claims import rank_collapse as claim


def held_against_bound(parameters: claim.Parameters, run) -> Measurement:
    """The smallest log rho_L/log rho_0 of all networks; with skip connections the largest."""

    def study():
        found = [of_shape(parameters, run, k) for k in range(len(claim.SHAPES))]
        return {"ratios": np.array(found)}

    ratios = run.remember("bound", study)["ratios"]  # (shapes, networks, 2, layers)
    least, most = ratios[:, :, 0].min(axis=(0, 1)), ratios[:, :, 1].max(axis=(0, 1))
    count = ratios[:, :, 0, 0].size
    quantities = {
        claim.bound(layers): Number(
            to_rounding(least[k], layers, count, "smallest"),
            {"skip connections": to_rounding(most[k], layers, count, "largest")},
        )
        for k, layers in enumerate(claim.LAYERS)
    }
    quartiles = np.quantile(ratios, [0, 0.5, 1], axis=1)
    return Measurement(quantities, {"ratios": quartiles, "least": least, "most": most})


def of_shape(parameters: claim.Parameters, run, place: int) -> np.ndarray:
    """log rho_L/log rho_0 without and with skip connections, (networks, 2, layers)."""
    n, dim, heads = claim.SHAPES[place]
    shift = np.log(scaled_factor(dim, heads)) / 2
    log_start = float(np.log(parameters.start) - shift)

    def network(s):
        rng = np.random.default_rng([parameters.seed, 0, place, s])
        layers = bounded_layers(dim, heads, len(claim.LAYERS), rng)
        tokens = random_tokens(n, dim, log_start, rng)
        found = [log_residuals(tokens, layers, skip) + shift for skip in (False, True)]
        return [logs[1:] / logs[0] for logs in found]

    return run.over_seeds(network, parameters.n_networks, f"rank_collapse: {n} tokens")


def to_rounding(value: float, layers: int, count: int, which: str) -> Interval:
    """A layer rounds like sums over tokens and dimensions; every later one triples its error."""
    n, dim, _ = max(claim.SHAPES)
    error = rounding_of_sums(n * dim * dim, (3**layers - 1) / 2)
    return exact(float(value), error, f"{which} of {count} networks, rounding of sums")
