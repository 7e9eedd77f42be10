"""Tokens too far apart: two clusters, a windowed sample, a lattice."""

from __future__ import annotations

import contextlib
import warnings

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from simulations.attention import AttentionOperator, LonelyTokensWarning
from simulations.experiments.broken_assumptions.matrices import (
    eigenvalue_rounding,
    symmetric_matrix,
)
from simulations.statistics.intervals import Interval, bounded, exact, mean_interval, rounded
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens
from theory.claims import broken_assumptions as claim
from theory.setting.densities import density
from theory.setting.manifolds import circle
from theory.setting.pseudo_metrics import GAUSSIAN, geodesic_sphere


@contextlib.contextmanager
def lonely_tokens_expected():
    """Too low a temperature is what is studied here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LonelyTokensWarning)
        yield


def two_clusters(parameters: claim.Parameters) -> Measurement:
    """The rate at which attention leaves one of two clusters, by the gap between them.

    It is F/(pi_1 pi_2), F the stationary flow across the gap, and 1 - mu_2 up to Kato and Temple's
    bound; the widest gap is judged.
    """
    eps, widths = parameters.temperature, np.array(claim.GAPS)
    found = [gap_eigenvalue(width * np.sqrt(2 * eps), eps) for width in widths]
    rate, slack, rounding = found[-1]
    interval = escape_interval(rate, slack, rounding)
    rates = np.array([rate for rate, _, _ in found])
    return Measurement({claim.ESCAPE: Number(interval)}, {"gaps": widths, "escape": rates})


def escape_interval(rate: float, slack: float, rounding: float) -> Interval:
    """1 - mu_2 with its rounding and Kato and Temple's bound; not finite where that says nothing:
    where leaving a cluster is as fast as mixing within one."""
    basis = "Kato and Temple's bound"
    if not np.isfinite(slack):
        return Interval(rate, -np.inf, np.inf, f"{basis}: none, as rho is not below 1 - mu_3")
    return bounded(exact(rate, rounding, "rounding of an eigenvalue"), slack, basis)


def gap_eigenvalue(gap: float, temperature: float) -> tuple[float, float, float]:
    """1 - mu_2 of two uniform intervals, how far F/(pi_1 pi_2) may lie above it, and its rounding.

    F/(pi_1 pi_2) is the Rayleigh quotient rho of the step function psi in I - A. Kato (1949) and
    Temple: 0 <= rho - (1 - mu_2) <= r^2/(1 - mu_3 - rho), r the residual of psi, if rho < 1 - mu_3.
    """
    points, weights, first = two_intervals(gap, temperature)
    operator = AttentionOperator(points, GAUSSIAN, temperature, weights=weights)
    pi = operator.stationary_law
    share = pi[first].sum()
    laplacian = np.eye(len(pi)) - symmetric_matrix(operator)
    low = eigh(laplacian, subset_by_index=[0, 2], eigvals_only=True)
    step = np.where(first, np.sqrt((1 - share) / share), -np.sqrt(share / (1 - share)))
    fall = step - operator @ step
    rho = float(pi @ (step * fall))
    residual = max(float(pi @ fall**2 - rho**2), 0.0)  # rounding may leave less than nothing
    slack = residual / (low[2] - rho) if rho < low[2] else np.inf
    return float(low[1]), slack, eigenvalue_rounding(len(pi))


def two_intervals(gap: float, temperature: float):
    """Gauss-Legendre nodes (n, 1) and weights of two intervals, and which nodes lie on the first."""
    nodes, weights = [], []
    starts = (0.0, claim.LENGTHS[0] + gap)
    for start, length in zip(starts, claim.LENGTHS, strict=True):
        count = int(np.ceil(40 + 3.0 * length / np.sqrt(2 * temperature)))
        x, w = np.polynomial.legendre.leggauss(count)
        nodes.append(start + length * (x + 1) / 2)
        weights.append(length * w / 2)
    first = np.arange(sum(map(len, nodes))) < len(nodes[0])
    return np.concatenate(nodes)[:, None], np.concatenate(weights), first


def pieces(parameters: claim.Parameters, run) -> Measurement:
    """The pieces into which windowed attention on i.i.d. tokens of a circle falls: as many as it
    has eigenvalues 1, and as many consensus values."""
    p = density(circle())

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 4, s])
        return count_pieces(iid_tokens(p, claim.PIECES_TOKENS, rng), claim.PIECES_WINDOW)

    def study():
        counts = run.over_seeds(sample, parameters.n_seeds, "broken_assumptions: pieces")
        return {"counts": counts.astype(np.float64)}

    counts = run.remember("pieces", study)["counts"]
    return Measurement({claim.PIECES: Number(mean_interval(counts))})


def count_pieces(tokens, window: float) -> int:
    """Connected pieces of attention within a window, an arc of the unit circle."""
    chord = 2 * np.sin(window / 2)
    operator = AttentionOperator(tokens, GAUSSIAN, 1.0, window=chord)
    with lonely_tokens_expected():
        return connected_components(csr_array(operator @ np.eye(len(tokens))))[0]


def lattice() -> Measurement:
    """The clock over eps of tokens at equal arcs on a circle, from crowded to lonely."""
    n = claim.LATTICE_TOKENS
    spacing = 2 * np.pi / n
    angle = spacing * np.arange(n)
    points, f = np.stack([np.cos(angle), np.sin(angle)], axis=1), geodesic_sphere("r**2/4")
    arc = np.minimum(angle, 2 * np.pi - angle)
    clocks = []
    with lonely_tokens_expected():
        for ratio in claim.LATTICE_RATIOS:
            eps = spacing**2 / ratio
            clocks.append((AttentionOperator(points, f, eps) @ arc**2)[0] / (2 * eps))
    last, ratio = float(clocks[-1]), claim.LATTICE_RATIOS[-1]
    # the arc is read off a chord: rounding of its square, of points of size 1, over 4 eps
    terms = int(np.ceil(n + ratio / spacing**2))
    interval = rounded(last, terms, last)
    return Measurement({claim.LATTICE: Number(interval)}, {"lattice_clocks": np.array(clocks)})
