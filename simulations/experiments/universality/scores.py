"""The scores of the claim `universality`, by name, and what its studies share."""

from __future__ import annotations

import numpy as np

from simulations.observables import fit_coefficients
from simulations.verdict import Interval
from theory.limits import temperature_for
from theory.setting.pseudo_metrics import PseudoMetric, dot_product, geodesic_sphere, transformed_distance

N_FEATURES = 24  # random features behind an order


def score(name: str) -> PseudoMetric:
    """The score of that name: "dot product", "geodesic(phi)" or a formula phi in the chord r; InputError if unreadable."""
    if name == "dot product":
        return dot_product()
    if name.startswith("geodesic(") and name.endswith(")"):
        return geodesic_sphere(name.removeprefix("geodesic(").removesuffix(")"))
    return transformed_distance(name)


def at_clock(name: str, dim: int, tau: float) -> tuple[PseudoMetric, float]:
    """(score, the temperature at which its leading clock is tau)."""
    f = score(name)
    return f, temperature_for(f.power_law, dim, tau)


def columns(manifold, formulas, u) -> np.ndarray:
    """Features (n, c) of several formulas at chart points u (n, d)."""
    return np.stack([manifold.function(f)(u) for f in formulas], axis=1)


def fitted(terms, response, weights, factor=1.0) -> np.ndarray:
    """(clock ratio, drift coefficient) of a response (A - I)H/tau (n, c), by least squares on the two terms of L (n, c)."""
    return fit_coefficients(response, [np.broadcast_to(factor, len(response))[:, None] * term for term in terms], weights)


def mixed(count: int, rng) -> np.ndarray:
    """Weights (count, N_FEATURES) that mix `count` features into random ones of unit variance."""
    return rng.standard_normal((count, N_FEATURES)) / np.sqrt(count)


def worst(predicted: float, intervals) -> int:
    """The index of the interval that misses the prediction most, in units of its half-width."""
    return int(np.argmax([abs(i.value - predicted) / max((i.high - i.low) / 2, 1e-300) for i in intervals]))


def halved(interval: Interval) -> Interval:
    """An order in h as an order in tau ~ h^2."""
    return Interval(interval.value / 2, interval.low / 2, interval.high / 2)
