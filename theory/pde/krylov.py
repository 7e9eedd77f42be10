"""exp(t L) H in the Krylov space of (I - gamma L)^-1: one real factorisation, however stiff L is
and for every time.

With V an orthonormal basis of the space and (I - gamma L)^-1 V_m = V_m K + (a vector beyond it),
exp(t L) H ~ |H| V_m exp(t (I - K^-1)/gamma) e_1 (van den Eshof and Hochbruck 2006, SIAM J. Sci.
Comput. 27). It converges geometrically in m at a rate that no spectral bound enters.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from theory.setting.checks import InputError

SHIFT = 0.1  # gamma in units of the last time; it serves times down to an eighth of that as well
SPAN = 8.0
MOST_VECTORS = 80
_COMPARED = (
    3  # vectors by which two approximations differ whose difference is the estimate of the error
)
_MARGIN = 2.0


def shift_invert(operator, h, times, allowed: float, progress=None, shared=None) -> np.ndarray:
    """H at the increasing times >= 0, (len(times), size), each within `allowed` in the largest
    norm.

    shared: a dict that keeps factorisations from one call to the next. Raises InputError if 80
    vectors do not reach it.
    """
    out = np.repeat(np.asarray(h, dtype=np.float64)[None], len(times), axis=0)
    groups = groups_of(times)
    for k, group in enumerate(groups):
        share = progress and (lambda fraction, k=k: progress((k + fraction) / len(groups)))
        out[group] = _from_start(
            operator, h, np.asarray(times)[group], allowed, share, {} if shared is None else shared
        )
    return out


def resolvent(operator, dt):
    """H -> (I - dt L)^-1 H, in the symmetric scaling C - dt C L that keeps the conserved sum to
    rounding.
    """
    c = sp.diags(operator.capacity)
    factors = splu(
        (c - dt * operator.inflow_matrix).tocsc(),
        permc_spec="MMD_AT_PLUS_A",
        options={"SymmetricMode": True},
    )
    weights = operator.capacity

    def solve(h):
        scaled = weights * h if h.ndim == 1 else weights[:, None] * h
        out = factors.solve(scaled)
        # one refinement: it takes the rounding of the factors out of the conserved sum
        residual = scaled - (weights * out.T).T + dt * (weights * (operator.matrix @ out).T).T
        return out + factors.solve(residual)

    return solve


def groups_of(times) -> list[np.ndarray]:
    """Indices of the times > 0, cut where a time is above eight times the first of its group."""
    groups = []
    for k, t in enumerate(times):
        if t > 0:
            if groups and t <= SPAN * times[groups[-1][0]]:
                groups[-1].append(k)
            else:
                groups.append([k])
    return [np.array(g) for g in groups]


def vectors_expected(tolerance: float) -> float:
    """Vectors that smooth features take, for the cost model."""
    return 6 - 1.2 * np.log10(tolerance)


def _from_start(operator, h, times, allowed, progress, shared):
    c, root = operator.capacity, np.sqrt(operator.capacity)
    mean = (c @ h) / c.sum()
    gamma = SHIFT * times[-1]
    if gamma not in shared:
        shared[gamma] = resolvent(operator, gamma)
    solve = shared[gamma]
    # scaled by the root of the capacity, in whose inner product L is self-adjoint, the basis is
    # orthonormal
    v = root * (h - mean)
    size = np.linalg.norm(v)
    basis, k = [v / size], np.zeros((MOST_VECTORS + 1, MOST_VECTORS))
    history = []
    for m in range(1, MOST_VECTORS + 1):
        w = root * solve(basis[-1] / root)
        # twice: once leaves what rounding has mixed in
        for _ in range(2):
            for j, b in enumerate(basis):
                overlap = b @ w
                k[j, m - 1] += overlap
                w -= overlap * b
        # the conserved sum is not in this space
        w -= (root @ w / c.sum()) * root
        k[m, m - 1] = np.linalg.norm(w)
        coefficients = np.zeros((MOST_VECTORS, len(times)))
        coefficients[:m] = size * _exponential(k[:m, :m], times, gamma, operator.mixed is None)
        history.append(coefficients)
        if progress:
            progress(min(0.99, m / 20))
        complete = k[m, m - 1] <= 1e-14
        if complete or m > _COMPARED:
            change = _MARGIN * (coefficients - history[max(0, m - 1 - _COMPARED)])
            # the norm of coefficients is that of the capacity; the largest norm is taken once that
            # one is small
            if complete or (
                np.abs(change).max() <= allowed * root.max() * np.sqrt(len(root))
                and _largest(change, basis, root) <= allowed
            ):
                return mean + _combined(coefficients, basis) / root
        basis.append(w / k[m, m - 1])
    raise InputError(
        f"tolerance: {allowed:.3g} needs more than {MOST_VECTORS} vectors of shift-invert, "
        "expected a larger one"
    )


def _combined(coefficients, basis):
    return sum(np.outer(a, b) for a, b in zip(coefficients, basis, strict=False))


def _largest(coefficients, basis, root):
    return np.abs(_combined(coefficients, basis) / root).max()


def _exponential(k, times, gamma, self_adjoint):
    """exp(t (I - K^-1)/gamma) e_1 for each t, (m, len(times)), by eigenvalues: those of K^-1 may be
    as large as gamma times the bound.
    """
    if self_adjoint:
        theta, q = np.linalg.eigh((k + k.T) / 2)
        start = q[0]
    else:
        theta, q = np.linalg.eig(k)
        start = np.linalg.solve(q, np.eye(1, len(k))[0])
    with np.errstate(divide="ignore", over="ignore"):
        rates = np.where(theta.real > 0, (1 - 1 / theta) / gamma, -np.inf)
    decay = np.array([np.exp(t * rates) for t in times])
    return (q @ (decay * start).T).real
