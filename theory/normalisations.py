"""What each normalisation of the same scores converges to: drift coefficient and clock (docs/theory.md, "Other normalisations")."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sympy as sp

from theory.setting.checks import InputError, finite_array, positive, real, whole


@dataclass(frozen=True)
class Normalisation:
    """One normalisation: (A - I)/clock -> Laplacian + c <grad log p, grad .> with c = drift_coefficient."""

    name: str
    drift_coefficient: float
    clock: str


TABLE = {
    n.name: n
    for n in (
        Normalisation("softmax", 2.0, "tau"),
        Normalisation("doubly normalised", 0.0, "tau"),
        Normalisation("Sinkhorn", 1.0, "tau"),
        Normalisation("cosine", 2.0, "eps/2"),
        Normalisation("top-k", 2.0, "r_k^2/(2 (d+2))"),
        Normalisation("window", 2.0, "R^2/(2 (d+2))"),
        Normalisation("residual", 2.0, "s tau"),
    )
}


def alpha_prediction(alpha: float) -> Normalisation:
    """Weights divided by the degrees of the keys to the power alpha: c = 2 (1 - alpha) (Coifman and Lafon 2006)."""
    return Normalisation(f"alpha = {alpha:g}", 2 * (1 - real("alpha", alpha)), "tau")


def stopped_sinkhorn(sweeps: int) -> Normalisation:
    """Sinkhorn that starts with the rows and stops after a fixed number of sweeps, as eps -> 0: still softmax's c.

    Biases relax by diffusion, a sweep at the pace 2 tau, so that about 1/tau sweeps are needed for the value 1.
    """
    return Normalisation(f"Sinkhorn, {whole('sweeps', sweeps, 1)} sweeps", 2.0, "tau")


def window_clock(radius, dim: int):
    """R^2/(2 (d+2)): half the second moment per direction of a ball of radius R, a number or an array."""
    return np.asarray(radius) ** 2 / (2 * (whole("dim", dim, 1) + 2))


def unit_ball_volume(dim: int) -> float:
    """omega_d, the volume of the unit ball of R^d."""
    return math.pi ** (whole("dim", dim, 1) / 2) / math.gamma(dim / 2 + 1)


def top_k_radius(mass, dim: int, p) -> np.ndarray:
    """The radius at which a ball holds this share of the tokens where their density is p: (mass/(p omega_d))^(1/d)."""
    return (np.asarray(mass) / (finite_array("p", p, (None,)) * unit_ball_volume(dim))) ** (1 / dim)


def top_k_clock(k: int, n_tokens: int, dim: int, p, counted: bool = True) -> np.ndarray:
    """Local clock of uniform attention to the k nearest of N i.i.d. tokens, where their density is p; shape (n,).

    The j-th nearest of m tokens encloses the mass of a Beta(j, m+1-j) variable, whose mean power 2/d is
    Gamma(j+2/d) Gamma(m+1)/(Gamma(j) Gamma(m+1+2/d)); the sum over j telescopes. `counted`: the query is one of its
    own k keys, at distance 0.
    """
    n, d = whole("n_tokens", n_tokens, 2), whole("dim", dim, 1)
    k = whole("k", k, 2 if counted else 1)
    if k >= n:
        raise InputError(f"k: got {k} neighbours among {n} tokens, expected fewer than tokens")
    q = 2 / d
    if counted:
        bracket = math.exp(math.lgamma(k + q) - math.lgamma(k - 1)) / k
    else:
        bracket = math.exp(math.lgamma(k + 1 + q) - math.lgamma(k + 1))
    others = math.exp(math.lgamma(n) - math.lgamma(n + q))
    return bracket * others * (finite_array("p", p, (None,)) * unit_ball_volume(d)) ** -q / (2 * (d + 2))


def angular_density(covariance) -> str:
    """Density of the directions u = x/|x| of tokens x ~ N(0, S), up to a constant: (u^T S^-1 u)^(-D/2), a formula in x1..xD."""
    s = finite_array("covariance", covariance, (None, None))
    if s.shape[0] != s.shape[1] or not np.allclose(s, s.T) or np.linalg.eigvalsh(s).min() <= 0:
        raise InputError(f"covariance: got {s.tolist()}, expected a symmetric positive definite matrix")
    u = sp.Matrix(sp.symbols(f"x1:{len(s) + 1}"))
    form = sp.expand((u.T * sp.Matrix(np.linalg.inv(s)) * u)[0])
    return f"({form})**({-len(s) / 2!r})"


def filter_moments(weights, spacing: float) -> tuple[float, float]:
    """First and second moment of a filter w_{-m}..w_m on a grid: its transport, and twice its clock.

    weights (2m+1,) non-negative, of sum 1; (A - I) H = m1 H' + m2/2 H'' + O(spacing^3).
    """
    w, h = finite_array("weights", weights, (None,)), positive("spacing", spacing)
    offsets = h * (np.arange(len(w)) - len(w) // 2)
    return float(w @ offsets), float(w @ offsets**2)


def explained_away_rate(scores) -> np.ndarray:
    """lim -T log received_j as T -> 0: min_i (max_k s_ik - s_ij) for scores s (n, m), shape (m,); error at most T log max(n, m)."""
    s = finite_array("scores", scores, (None, None))
    return (s.max(axis=1, keepdims=True) - s).min(axis=0)
