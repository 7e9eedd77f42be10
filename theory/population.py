"""Attention at N = infinity by its definition, an integral by quadrature in plain NumPy.

(A H)(x) = int H(y) exp(-f(x, y)/eps) p(y) dV(y) / int exp(-f(x, y)/eps) p(y) dV(y).

The independent twin of the operator: the simplest code that can be right, used by predictions at
finite temperature. docs/theory.md, "How to measure".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.setting.checks import InputError, finite_array, positive
from theory.setting.densities import Density
from theory.setting.geometry import generator_terms, values_of
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN, PseudoMetric
from theory.setting.quadrature import chart_quadrature
from theory.setting.references import probe_features

_QUERIES = {1: 512, 2: 48, 3: 20}  # nodes an axis that resolve what is smooth, by dimension
_PAIRS = 4_000_000  # of a block of the kernel: 32 MB


@dataclass(frozen=True)
class Population:
    """Infinitely many tokens of density p: quadrature nodes u (n, d), points x (n, D), masses (n,)
    of p dV with sum 1, and the score f with its temperature."""

    density: Density
    u: np.ndarray
    x: np.ndarray
    mass: np.ndarray
    pseudo_metric: PseudoMetric
    temperature: float

    def features(self, formulas) -> np.ndarray:
        """Values (n, c) of formulas at the nodes."""
        return values_of(self.density.manifold, formulas, self.u)

    def attend(self, values, u=None) -> np.ndarray:
        """A H at chart points u (m, d), by default the nodes, of values (n, c) at the nodes."""
        return self.averages(values, u)[1]

    def log_partition(self, u=None) -> np.ndarray:
        """log int exp(-f(x, y)/eps) p dV(y) at chart points u (m, d), by default the nodes."""
        return self.averages(np.empty((len(self.u), 0)), u)[0]

    def averages(self, values, u=None) -> tuple[np.ndarray, np.ndarray]:
        """(log_partition (m,), A H (m, c)) at once: the kernel is the dear part."""
        values = finite_array("values", values, (len(self.u), None))
        logs, means = [], []
        for low, rows in self._kernel(u):
            sums = rows.sum(axis=1)
            logs.append(np.log(sums) - low)
            means.append(rows @ values / sums[:, None])
        return np.concatenate(logs), np.concatenate(means)

    def _kernel(self, u):
        """Blocks (minimum of f/eps a row, exp(-(f - minimum)/eps) times the masses)."""
        x = self.x if u is None else self.density.manifold.embed(u)
        rows = max(1, _PAIRS // len(self.x))
        for start in range(0, len(x), rows):
            scores = self.pseudo_metric(x[start : start + rows], self.x) / self.temperature
            low = scores.min(axis=1)
            yield low, np.exp(low[:, None] - scores) * self.mass


def population(
    p: Density, temperature: float, pseudo_metric: PseudoMetric = GAUSSIAN, nodes=None
) -> Population:
    """The population of density p under a score, on quadrature nodes that resolve the kernel.

    nodes: per axis; by default a quarter more than a Gaussian kernel of this temperature needs.
    Raises InputError where that would be too many.
    """
    if nodes is None:
        nodes = [1 + 5 * n // 4 for n in nodes_for(p.manifold, temperature)]
    u, volume = chart_quadrature(p.manifold, nodes, p.support)
    mass = volume * p(u)
    total = mass.sum()
    if not abs(total - 1) < 1e-6:
        raise InputError(f"nodes: the density integrates to {total:.6g} on {nodes}, expected 1")
    eps = positive("temperature", temperature)
    return Population(p, u, p.manifold.embed(u), mass / total, pseudo_metric, eps)


def clock_and_drift(p: Density, temperature: float, pseudo_metric=GAUSSIAN, features=None):
    """(clock, drift coefficient) that the estimator of the measurements has at N = infinity.

    Least squares of (A - I)H on [Laplacian H, <grad log p, grad H>] over p dV and all features.
    These are smooth, so queries on _QUERIES nodes an axis integrate them as keys on all would.
    """
    m, tokens = p.manifold, population(p, temperature, pseudo_metric)
    formulas = probe_features(m) if features is None else list(features)
    u, volume = chart_quadrature(m, _QUERIES[m.dim], p.support)
    before = values_of(m, formulas, u)
    response = tokens.attend(tokens.features(formulas), u) - before
    clock, transport = least_squares(response, generator_terms(p, formulas)(u), volume * p(u))
    return float(clock), float(transport / clock)


def least_squares(response, terms, mass) -> np.ndarray:
    """Coefficients (k,) of `response` (n, c) on k terms (n, c), weighted by masses (n,)."""
    root = np.sqrt(mass)[:, None]
    columns = np.stack([(root * term).ravel() for term in terms], axis=1)
    return np.linalg.lstsq(columns, (root * response).ravel(), rcond=None)[0]
