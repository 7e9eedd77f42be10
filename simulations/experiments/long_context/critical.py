"""The scale at which E sum w^2 is a half, searched for at every number of keys, and its exponent."""

from __future__ import annotations

import numpy as np

from simulations.experiments.long_context.participation import participation
from simulations.statistics.intervals import bounded, jackknife_intervals
from simulations.store.quantities import Measurement, Number
from simulations.tokens.samples import samples
from theory.claims import long_context as claim


def critical_scales(parameters: claim.Parameters, run, d: int) -> Measurement:
    """The exponent of the critical scale, and the effective neighbours there (geometric mean over
    the numbers of keys): fresh samples about the place that a bisection found on others."""
    sizes = parameters.sizes()

    def study():
        found = [of_size(parameters, run, d, int(n)) for n in sizes]
        places, values = zip(*found, strict=True)
        return {"places": np.array(places), "values": np.stack(values, axis=1)}

    found = run.remember(f"critical-{d}", study)
    places, values = found["places"], found["values"]
    log_n = np.log(sizes)

    def statistic(mean, degree=2):
        """The exponent, the effective neighbours, and the logarithms of all scales."""
        each = [crossing(at, row, degree) for at, row in zip(places, mean, strict=True)]
        slope = np.polyfit(log_n, each, 1)[0]
        number = np.exp(np.log(claim.neighbours(d, sizes, np.exp(each))).mean())
        return np.array([slope, number, *each])

    mean = values.mean(axis=0)
    moved = np.abs(statistic(mean) - statistic(mean, 1))
    exponent, number, *each = (
        bounded(interval, float(bound), "interpolation between scales")
        for interval, bound in zip(jackknife_intervals(statistic, values), moved, strict=True)
    )
    arrays = {f"critical_{d}": np.exp([(i.value, i.low, i.high) for i in each])}
    quantities = {claim.exponent(d): Number(exponent), claim.critical(d): Number(number)}
    return Measurement(quantities, arrays)


def of_size(parameters: claim.Parameters, run, d: int, n: int):
    """log of the scale that the pilot found, and sum w^2 of fresh samples about it, (seeds, 3)."""
    p, count = parameters.density(d), parameters.n_seeds
    queries = parameters.n_queries // claim.FEWER

    def drawn(part, repeats):
        rng = np.random.default_rng([parameters.seed, d, 1, part, n])
        pairs = samples(p, n + queries, repeats, rng)
        return [(t.points[:queries], t.points[queries:]) for t in pairs]

    pilot = drawn(0, claim.PILOT)
    place = bisect(lambda scale: np.mean([participation(*pair, scale).mean() for pair in pilot]))
    scales = np.exp(place) * claim.BESIDE
    label = f"long_context: critical scale, {p.manifold.name}, N = {n}"
    fresh = run.progress(drawn(1, count), label=label)
    values = [[participation(*pair, scale).mean() for scale in scales] for pair in fresh]
    return place, np.array(values)


def bisect(increasing) -> float:
    """log of the scale in SEARCHED at which an increasing function of it passes HALF."""
    low, high = np.log(claim.SEARCHED)
    for _ in range(claim.STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if increasing(np.exp(middle)) > claim.HALF else (middle, high)
    return (low + high) / 2


def crossing(place: float, row, degree: int = 2) -> float:
    """log of the scale at which sum w^2, (3,) about `place`, is HALF: on the parabola through them,
    or the straight line of least squares."""
    x = np.log(claim.BESIDE)
    curve = np.polynomial.Polynomial.fit(row, x, degree)
    return place + float(curve(claim.HALF))
