"""What the studies of the claim `normalisations` share: its operators, and the fit of drift coefficient and clock."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.normalisations_exact import GAUSSIAN_TOKENS_COVARIANCE
from simulations.experiments.settings import GAUSSIAN, probe_features
from simulations.attention.normalisations import alpha_normalised, doubly_normalised, doubly_stochastic, residual
from simulations.observables import fit_coefficients
from theory.setting.densities import Density, density
from theory.setting.expressions import compile_array
from theory.setting.geometry import generator_terms
from theory.setting.manifolds import manifold
from theory.normalisations import alpha_prediction, angular_density

SURFACE = "sphere"
CURVE = "circle"  # where windows and the k nearest of infinitely many tokens are intervals


def operators(tokens, tau: float, parameters, tolerance: float) -> dict:
    """(operator, clock) of each normalisation of f = |x-y|^2/4 at the temperature tau."""
    softmax = AttentionOperator(tokens, GAUSSIAN, tau)
    made = {
        "softmax": softmax,
        "doubly normalised": doubly_normalised(tokens, GAUSSIAN, tau),
        "Sinkhorn": doubly_stochastic(tokens, GAUSSIAN, tau, tolerance).operator,
    }
    made |= {alpha_prediction(a).name: alpha_normalised(tokens, GAUSSIAN, tau, a) for a in parameters.alphas}
    timed = {name: (operator, tau) for name, operator in made.items()}
    return timed | {"residual": (residual(softmax, parameters.share), parameters.share * tau)}


class Probe:
    """The features on one manifold and the two terms of the generator, compiled once."""

    def __init__(self, p: Density):
        features = probe_features(p.manifold)
        self.density, self.terms = p, generator_terms(p, features)
        self.features = compile_array(p.manifold.symbols, features, (len(features),))

    def fit(self, u, moved, clock, weights=None) -> np.ndarray:
        """(clock ratio, drift coefficient) from moved = A H - H (n, c) at the points u; `clock` a number or (n,)."""
        return fit_coefficients(moved / np.broadcast_to(clock, len(u))[:, None], self.terms(u), weights)

    def fit_operator(self, operator, u, clock, weights=None) -> np.ndarray:
        """`fit` of one step of an operator over tokens at the chart points u."""
        h = self.features(u)
        return self.fit(u, operator @ h - h, clock, weights)

    def fit_interval(self, u, radius, temperature, clock, weights, n_nodes: int = 60) -> np.ndarray:
        """`fit` of attention to infinitely many keys within this chord of each point of the unit circle, f = |x-y|^2/4."""
        x, w = np.polynomial.legendre.leggauss(n_nodes)
        y = u + 2 * np.arcsin(np.broadcast_to(radius, len(u))[:, None] / 2) * x
        nodes = y.reshape(-1, 1)
        share = w * self.density(nodes).reshape(y.shape) * np.exp(-(np.sin((y - u) / 2) ** 2) / temperature)
        share /= share.sum(axis=1, keepdims=True)
        means = np.einsum("ij,ijc->ic", share, self.features(nodes).reshape(*y.shape, -1))
        return self.fit(u, means - self.features(u), clock, weights)


def clocks(parameters, dim: int) -> np.ndarray:
    """The clock tau of each level."""
    return parameters.clock * dim / 2.0 ** np.arange(parameters.n_levels)


def top_k_mass(p, tau) -> float:
    """The share of the tokens whose ball has the clock tau where the density is uniform."""
    return float(np.sqrt(6 * tau) * 2 / p.manifold.axes[0].length)


def direction_density() -> Density:
    return density(manifold(SURFACE), angular_density(GAUSSIAN_TOKENS_COVARIANCE))
