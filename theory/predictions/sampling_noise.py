"""Predictions of the claim `sampling_noise`: exact at every N, and the limits."""

from __future__ import annotations

import math

import numpy as np

from theory.claims import sampling_noise as claim
from theory.finite_sample import (
    best_temperature,
    flat_clock_first_order,
    harmonic_error,
    noise,
    noise_law,
    population_clock,
    sphere_clock,
)
from theory.predictions import Prediction, Value, off_by_tenth

CURVE_SIZES = np.linspace(0.01, 0.26, 12)  # s of the predicted clocks in the figure
CURVE_TEMPERATURES = np.geomspace(claim.BEST_GRID[0], claim.BEST_GRID[-1], 60)


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Noise, clock and best temperature in d = 1, 2, 3; see theory/claims/sampling_noise.py."""
    predicted = {claim.DIAGONAL: Value(0.0, kind="identity")}
    for d in claim.DIMENSIONS:
        predicted |= noise_values(parameters, d)
        predicted |= clock_values(parameters, d)
        predicted |= best_values(parameters, d)
    return predicted


def noise_values(parameters, d: int) -> dict[str, Value]:
    """The variance at its size, how it falls with N there, and its law as eps -> 0."""
    p, u, eps = (
        parameters.noise_density(d),
        parameters.queries(d),
        parameters.noise_temperature(d),
    )
    many, few = (float(noise(p, u, eps, n).mean()) for n in parameters.noise_sizes())
    exponent = math.log(many / few) / math.log(np.divide(*parameters.noise_sizes())) - 1
    constant, wrong = (float(noise_law(p, u, power).mean()) for power in (8.0, 4.0))
    squared = {"kernel instead of its square: (4 pi)^(-d/2)": many * wrong / constant}
    # a full miss of the exponent in eps is that of the next dimension
    neighbours = {f"that of d = {k}": 1 - k / 2 for k in (d - 1, d + 1)}
    return {
        claim.noise(d): Value(many, off_by_tenth(many, **squared), "at size"),
        claim.noise_exponent(d): Value(exponent, off_by_tenth(exponent), "at size"),
        claim.noise_constant(d): Value(
            constant, off_by_tenth(constant, **{"(4 pi)^(-d/2)": wrong})
        ),
        claim.noise_power(d): Value(1 - d / 2, neighbours, scale=0.5),
    }


def clock_values(parameters, d: int) -> dict[str, Value]:
    """The clock of a sample by three averages, and on nodes, where nothing is slowed."""
    predicted = {}
    for s, average in claim.CLOCKS:
        eps, n = parameters.clock_temperature(d, s), parameters.n_clock_tokens
        value, unslowed = sphere_clock(d, eps, n, average), population_clock(d, eps)
        others = {a: sphere_clock(d, eps, n, a) for a in claim.AVERAGES if a != average}
        rivals = {"that of infinitely many tokens": unslowed} | others
        if s == max(claim.CLOCK_SIZES) and average == "plain":
            first = flat_clock_first_order(s, d, "masked") / (1 + s)
            rivals["(1 + s 2^(-d/2-1))/(1 + s)"] = first * unslowed
            rivals["first order in s"] = flat_clock_first_order(s, d) * unslowed
        predicted[claim.clock(d, s, average)] = Value(value, rivals, "at size")
    eps = parameters.clock_temperature(d, max(claim.CLOCK_SIZES))
    on_nodes = population_clock(d, eps)
    predicted[claim.node_clock(d)] = Value(on_nodes, off_by_tenth(on_nodes), "at size")
    return predicted


def best_values(parameters, d: int) -> dict[str, Value]:
    """The best temperature and the least error at the largest N, how they fall, and the law."""
    sizes = parameters.best_sizes()
    found = np.log([best_temperature(d, n) for n in sizes])
    # both rivals: the best bandwidth of a density estimate, and an error of parametric rate
    slopes = np.polyfit(np.log(sizes), found, 1)[0]
    law = {"-2/(d+4), as for densities": -2 / (d + 4)}
    eps, error = np.exp(found[-1])
    wrong = {"(d+4)/2, as for densities": (d + 4) / 2}
    return {
        claim.best(d): Value(eps, off_by_tenth(eps), "at size"),
        claim.least(d): Value(error, off_by_tenth(error), "at size"),
        claim.best_exponent(d): Value(slopes[0], off_by_tenth(slopes[0], **law), "at size"),
        claim.least_exponent(d): Value(slopes[1], off_by_tenth(slopes[1], **law), "at size"),
        claim.best_order(d): Value((d + 6) / 2, off_by_tenth((d + 6) / 2, **wrong)),
        claim.least_order(d): Value(1.0, off_by_tenth(1.0)),
    }


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """For each d: clocks over that of N = infinity against s, (averages, points), errors against eps,
    (sizes, points), the best (temperature, error) of each size, the constant of the noise."""
    out = {"clock_s": CURVE_SIZES, "best_temperatures": CURVE_TEMPERATURES}
    sizes, n = parameters.best_sizes(), parameters.n_clock_tokens
    for d in claim.DIMENSIONS:
        temperatures = [parameters.clock_temperature(d, s) for s in CURVE_SIZES]
        unslowed = np.array([population_clock(d, eps) for eps in temperatures])
        clocks = [[sphere_clock(d, eps, n, a) for eps in temperatures] for a in claim.AVERAGES]
        out[f"clock_{d}"] = np.array(clocks) / unslowed
        out[f"clock_first_{d}"] = np.array(
            [[flat_clock_first_order(s, d, a) for s in CURVE_SIZES] for a in claim.AVERAGES]
        )
        out[f"best_{d}"] = np.sqrt(
            [[harmonic_error(d, eps, m) for eps in CURVE_TEMPERATURES] for m in sizes]
        )
        out[f"best_law_{d}"] = np.array([best_temperature(d, m) for m in sizes])
        p, u = parameters.noise_density(d), parameters.queries(d)
        out[f"noise_law_{d}"] = noise_law(p, u).mean()
    return out
