"""Attention to infinitely many tokens of the unit circle, inside a sharp window of each query."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.generator import feature_columns
from simulations.tokens.window import window_tokens
from theory.claims import normalisations as claim
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import probe_features

NODES = 60  # of Gauss-Legendre, on an interval
NEWTON_STEPS = 30


def moved_by_windows(p, u, radii, temperature=None) -> tuple[np.ndarray, np.ndarray]:
    """A H - H of the probe features (n, c), and mean squared jumps (n,), at chart points u (n, 1).

    radii: chord (n,) of the window of each query. temperature: of windowed attention with
    f = |x-y|^2/4; by default the average over the window, of equal weights: what top-k attention
    is among infinitely many tokens.
    """
    m, formulas = p.manifold, probe_features(p.manifold)
    moved, jumps = [], []
    for query, radius in zip(u, radii, strict=True):
        (keys,) = window_tokens(p, query[None], radius)
        x = m.embed(query[None])
        there, here = (feature_columns(m, formulas, v) for v in (keys.coordinates, query[None]))
        squares = ((keys.points - x) ** 2).sum(axis=1, keepdims=True)
        changes = np.hstack([there - here, squares])
        if temperature is None:
            means = keys.weights @ changes
        else:
            window = AttentionOperator(x, GAUSSIAN, temperature, keys=keys, window=radius)
            means = (window @ changes)[0]
        moved.append(means[:-1])
        jumps.append(means[-1])
    return np.array(moved), np.array(jumps)


def moved_by_window(p, u, radius):
    """`moved_by_windows` of the claim's windowed attention."""
    return moved_by_windows(p, u, np.full(len(u), radius), claim.WINDOW_TEMPERATURE)


def chords_of_mass(p, u, mass: float) -> np.ndarray:
    """The chord (n,) within which a point of the unit circle finds this share of the tokens.

    Newton's method, for u (n, 1).
    """
    x, w = np.polynomial.legendre.leggauss(NODES)
    arc = mass / (2 * p(u))
    for _ in range(NEWTON_STEPS):
        y = u + arc[:, None] * x
        inside = arc * (p(y.reshape(-1, 1)).reshape(y.shape) @ w)
        arc = arc - (inside - mass) / (p(u + arc[:, None]) + p(u - arc[:, None]))
    return 2 * np.sin(arc / 2)
