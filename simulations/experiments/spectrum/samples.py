"""Eigenvalues of sampled tokens, free of the bias of order 1/N (two-fold jackknife)."""

from __future__ import annotations

import numpy as np

from simulations.experiments.spectrum.limits import rates
from simulations.observables.spectrum import group_by_gaps
from simulations.statistics.intervals import Interval, mean_interval
from simulations.statistics.jackknife import jackknifed
from simulations.statistics.limits import seen_by_samples
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens
from theory.claims import spectrum as claim
from theory.setting.densities import density
from theory.setting.manifolds import manifold

# of an eigenvalue of a sample, far below its scatter
TOLERANCE = 1e-5
STREAMS = ("sphere", "curve")  # of random numbers


def sphere_samples(parameters: claim.Parameters, run, on_nodes) -> Measurement:
    """Means of the first eigenvalues as eps -> 0, seen by samples, and gaps between them.

    on_nodes: `rates` (levels, count) on quadrature nodes; to their limit the samples add the mean
    of what they differ at their own temperature.
    """
    p = density(manifold("sphere"))
    samples = rates_of_samples("sphere", p, max(claim.LEADING), parameters, run, claim.COUNTED)
    quantities = {}
    for k in claim.LEADING:
        levels = on_nodes[:, :k].mean(axis=1)
        added = samples["sphere jackknifed"][:, :k].mean(axis=1) - levels[claim.LEVEL_OF_SAMPLES]
        quantities[claim.leading(k)] = Number(seen_by_samples(levels, added))
    return Measurement(quantities | group_sizes(samples["sphere samples"]), samples)


def rates_of_samples(
    name: str, p, count: int, parameters: claim.Parameters, run, most: int | None = None
) -> dict:
    """`rates` of i.i.d. samples of density p, jackknifed (seeds, count), and as they are.

    most: how many of the latter, by default as many.
    """
    stream = STREAMS.index(name) + 2

    def sample(s):
        rng = np.random.default_rng([parameters.seed, stream, s])

        def estimate(tokens, count=count):
            return rates(tokens, parameters.temperature, count, rng, TOLERANCE)

        tokens = iid_tokens(p, parameters.n_tokens, rng)
        whole = estimate(tokens, most or count)
        return np.append(whole, jackknifed(estimate, tokens, whole[:count]))

    def study():
        both = run.over_seeds(sample, parameters.n_seeds, f"spectrum: samples, {name}")
        return {f"{name} samples": both[:, :-count], f"{name} jackknifed": both[:, -count:]}

    return run.remember(name, study)


def group_sizes(samples) -> dict[str, Number]:
    """Sizes of the groups into which the widest gaps cut 0 and the `rates` (seeds, count).

    Only those with a gap on both sides: not the first, which is 0, nor the last.
    """
    sizes = np.array([group_by_gaps(np.append(0.0, v), claim.GROUPS) for v in samples])
    basis = f"smallest and largest of {len(samples)} samples, counted"
    return {
        claim.group_size(level): Number(
            Interval(float(np.median(column)), float(column.min()), float(column.max()), basis)
        )
        for level, column in enumerate(sizes.T[1:-1], 1)
    }


def curve_samples(parameters: claim.Parameters, run) -> Measurement:
    """Means of the first eigenvalues at the temperature of the samples, any density on the circle."""
    p, most = parameters.curve_density(), max(claim.LEADING_CURVE)
    samples = rates_of_samples("curve", p, most, parameters, run)
    values = samples["curve jackknifed"]
    quantities = {
        claim.curve_mean(count): Number(mean_interval(values[:, :count].mean(axis=1)))
        for count in claim.LEADING_CURVE
    }
    return Measurement(quantities, samples)
