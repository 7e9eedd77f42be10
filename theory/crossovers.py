"""What lies between two normalisations, at a finite temperature and N = infinity: clock and drift
coefficient of softmax that is not yet balanced, and of softmax inside a window.

docs/theory.md, "Other normalisations"; sums over quadrature nodes in plain NumPy. Nothing here
knows the attention operator.
"""

from __future__ import annotations

import math

import numpy as np

from theory.population import least_squares, population
from theory.setting.checks import InputError, positive, real, whole
from theory.setting.densities import Density
from theory.setting.geometry import generator_terms, values_of
from theory.setting.quadrature import chart_quadrature
from theory.setting.references import probe_features

_QUERIES = 128  # of windows: what they look at is smooth
_KEYS = 80  # of Gauss-Legendre in each window


def alpha_clock_and_drift(p: Density, temperature: float, alpha: float) -> tuple[float, float]:
    """(clock, drift coefficient) of weights divided by the key's degree to the power alpha."""
    kernel, tokens = _kernel(p, temperature)
    degrees = kernel @ tokens.mass
    return _fit(p, tokens, kernel, degrees ** -real("alpha", alpha))


def sinkhorn_clock_and_drift(p: Density, temperature: float, sweeps) -> np.ndarray:
    """(clock, drift coefficient) after so many sweeps of Sinkhorn and a last normalisation of the
    rows: (len(sweeps), 2). sweeps: increasing; none is softmax.

    A sweep normalises rows, r = 1/(K m c), then columns, c = 1/(K m r), from c = 1.
    """
    kernel, tokens = _kernel(p, temperature)
    columns, done, found = np.ones(len(tokens.u)), 0, []
    for target in [whole("sweeps", k, 0) for k in sweeps]:
        if target < done:
            raise InputError(f"sweeps: got {list(sweeps)}, expected increasing numbers")
        for _ in range(target - done):
            rows = 1 / (kernel @ (tokens.mass * columns))
            columns = 1 / (kernel @ (tokens.mass * rows))
        done = target
        found.append(_fit(p, tokens, kernel, columns))
    return np.array(found)


def _kernel(p, temperature):
    """exp(-|x-y|^2/(4 eps)) between the nodes of a population, and these."""
    tokens = population(p, temperature)
    return np.exp(-tokens.pseudo_metric(tokens.x, tokens.x) / tokens.temperature), tokens


def _fit(p, tokens, kernel, columns):
    """The estimator of the measurements, for keys that are weighted by `columns` (n,)."""
    formulas = probe_features(p.manifold)
    h, weights = tokens.features(formulas), tokens.mass * columns
    moved = (kernel @ (weights[:, None] * h)) / (kernel @ weights)[:, None] - h
    clock, transport = least_squares(moved, generator_terms(p, formulas)(tokens.u), tokens.mass)
    return float(clock), float(transport / clock)


def window_clock_and_drift(p: Density, radius: float, temperature: float) -> tuple[float, float]:
    """(clock, drift coefficient) of softmax of f = |x-y|^2/4 over the keys nearer than the chord
    `radius`, on the unit circle. Raises InputError on another manifold."""
    m, arc = p.manifold, 2 * math.asin(positive("radius", radius) / 2)
    if m.name != "circle":
        raise InputError(f"manifold: got {m.name}, expected circle")
    u, volume = chart_quadrature(m, _QUERIES)
    # panels near the query: a sharp kernel is a small part of its window
    nodes, weights = _panels(arc)
    keys = u + nodes
    squares = (2 * np.sin(nodes / 2)) ** 2
    mass = weights * np.exp(-squares / (4 * positive("temperature", temperature)))
    mass = mass * p(keys.reshape(-1, 1)).reshape(keys.shape)
    mass /= mass.sum(axis=1, keepdims=True)
    formulas = probe_features(m)
    h = values_of(m, formulas, keys.reshape(-1, 1)).reshape(*keys.shape, -1)
    moved = np.einsum("nk,nkc->nc", mass, h) - values_of(m, formulas, u)
    clock, transport = least_squares(moved, generator_terms(p, formulas)(u), volume * p(u))
    return float(clock), float(transport / clock)


def _panels(arc):
    """Nodes and weights (k,) of an integral over (-arc, arc), dense about 0."""
    x, w = np.polynomial.legendre.leggauss(_KEYS)
    ends = arc * np.array([0.0, 1 / 16, 1 / 4, 1.0])
    low, high = ends[:-1, None], ends[1:, None]
    half = ((low + high + (high - low) * x) / 2).ravel()
    mass = ((high - low) / 2 * w).ravel()
    return np.concatenate([-half, half]), np.concatenate([mass, mass])


def window_crossover(ratio) -> np.ndarray:
    """The clock over its value R^2/6 without a score, as R -> 0 at a fixed ratio T/R^2, in one
    dimension: 3 int_0^1 s^2 e^(-s^2/(4 ratio)) ds / int_0^1 e^(-s^2/(4 ratio)) ds.

    With a = 1/(4 ratio) and E = int_0^1 e^(-a s^2) ds the first integral is (E - e^-a)/(2 a).
    """
    a = 1 / (4 * np.asarray(ratio, dtype=np.float64))
    total = np.sqrt(np.pi / a) / 2 * np.vectorize(math.erf)(np.sqrt(a))
    return 3 * (total - np.exp(-a)) / (2 * a) / total
