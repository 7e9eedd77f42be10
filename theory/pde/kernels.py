"""Compiled sweeps over a grid, all updates of a stage in one pass. They check nothing:
theory/pde/stencil.py does, and allocates.

All compiled code of the solver that is cached on disk lives in this one file, because Numba notices
a change of the file that holds a kernel and of no other. A kernel gets the tuple `Stencil.data` and
the range of cells that it is to update, the share of one thread. Every cell is computed by the same
operations in the same order whichever thread it falls to, so the number of threads changes no bit
of a result.
"""

from __future__ import annotations

import numpy as np

from theory.setting.compiled import njit

PIECE = 1024  # cells at a time: what a stage needs of them stays in the first-level cache

_compiled = njit(cache=True, error_model="numpy", nogil=True)


# --- C L x: inflow through the faces of a cell ---
# each face's flux is the same number in both its cells, so the sum over cells vanishes to rounding


@_compiled
def _inflow1(x, x_up, x_down, f, f_down, out):
    for k in range(out.size):
        out[k] = f[k] * (x_up[k] - x[k]) - f_down[k] * (x[k] - x_down[k])


@_compiled
def _inflow2(x, x_up, x_down, f, f_down, y_up, y_down, g, g_down, out):
    for k in range(out.size):
        out[k] = (
            f[k] * (x_up[k] - x[k])
            - f_down[k] * (x[k] - x_down[k])
            + (g[k] * (y_up[k] - x[k]) - g_down[k] * (x[k] - y_down[k]))
        )


@_compiled
def _inflow3(x, x_up, x_down, f, f_down, y_up, y_down, g, g_down, z_up, z_down, h, h_down, out):
    for k in range(out.size):
        out[k] = (
            f[k] * (x_up[k] - x[k])
            - f_down[k] * (x[k] - x_down[k])
            + (g[k] * (y_up[k] - x[k]) - g_down[k] * (x[k] - y_down[k]))
            + (h[k] * (z_up[k] - x[k]) - h_down[k] * (x[k] - z_down[k]))
        )


@_compiled
def _inflow_sparse(x, values, indices, pointers, a, b, out):
    for k in range(a, b):
        total = 0.0
        for j in range(pointers[k], pointers[k + 1]):
            total += values[j] * x[indices[j]]
        out[k - a] = total


@_compiled
def _inflow(data, x, a, b, out):
    _, faces, s, _, _, _, _, values, indices, pointers = data
    if pointers.size:
        _inflow_sparse(x, values, indices, pointers, a, b, out)
    elif s.size == 1:
        _inflow1(
            x[a:b], x[a + 1 : b + 1], x[a - 1 : b - 1], faces[0, a:b], faces[0, a - 1 : b - 1], out
        )
    elif s.size == 2:
        p = s[0]
        _inflow2(
            x[a:b],
            x[a + 1 : b + 1],
            x[a - 1 : b - 1],
            faces[1, a:b],
            faces[1, a - 1 : b - 1],
            x[a + p : b + p],
            x[a - p : b - p],
            faces[0, a:b],
            faces[0, a - p : b - p],
            out,
        )
    else:
        p, q = s[0], s[1]
        _inflow3(
            x[a:b],
            x[a + 1 : b + 1],
            x[a - 1 : b - 1],
            faces[2, a:b],
            faces[2, a - 1 : b - 1],
            x[a + p : b + p],
            x[a - p : b - p],
            faces[0, a:b],
            faces[0, a - p : b - p],
            x[a + q : b + q],
            x[a - q : b - q],
            faces[1, a:b],
            faces[1, a - q : b - q],
            out,
        )


@_compiled
def close(data, x):
    """Copy to the ghost cells what lies at the other end of their axis."""
    ghosts, sources = data[5], data[6]
    for k in range(ghosts.size):
        x[ghosts[k]] = x[sources[k]]


@_compiled
def _close_if_whole(data, x, first, last):
    if first == data[3] and last == data[4]:
        close(data, x)


# --- L x ---


@_compiled
def _product(inverse, inflow, out):
    for k in range(out.size):
        out[k] = inverse[k] * inflow[k]


@_compiled
def apply(data, first, last, x, y):
    """y = L x at the cells first..last, for closed x."""
    buffer = np.empty(PIECE)
    for a in range(first, last, PIECE):
        b = min(a + PIECE, last)
        out = buffer[: b - a]
        _inflow(data, x, a, b, out)
        _product(data[0][a:b], out, y[a:b])
    _close_if_whole(data, y, first, last)


# --- terms of a Chebyshev series ---


@_compiled
def _advance(inverse, inflow, scale, change, x, y):
    for k in range(y.size):
        change[k] += scale * (inverse[k] * inflow[k])
        y[k] = x[k] + change[k]


@_compiled
def _add(total, r, x, s, y):
    for k in range(total.size):
        total[k] += r * x[k] + s * y[k]


@_compiled
def chebyshev_terms(data, first, last, pair, change, step, done, older, newer, sums):
    """The terms done + 1, done + 2, ... of a Chebyshev series, one for each row of `older`, at the
    cells first..last.

    pair (2, padded): T_k H at [k % 2], with k = done on entry. change (padded,): T_k H - T_(k-1) H.
    step: 4/bound. older, newer (terms, m): what each term adds to the sums (m, padded), times the
    term before it and times itself.
    """
    buffer = np.empty(PIECE)
    for k in range(len(older)):
        x, y = pair[(done + k) % 2], pair[(done + k + 1) % 2]
        scale = step / 2 if done + k == 0 else step
        for a in range(first, last, PIECE):
            b = min(a + PIECE, last)
            out = buffer[: b - a]
            _inflow(data, x, a, b, out)
            _advance(data[0][a:b], out, scale, change[a:b], x[a:b], y[a:b])
            for m in range(sums.shape[0]):
                if older[k, m] != 0.0 or newer[k, m] != 0.0:
                    _add(sums[m, a:b], older[k, m], x[a:b], newer[k, m], y[a:b])
        _close_if_whole(data, y, first, last)


@_compiled
def random_walk(variance, last):
    """P(X = k) for k = 0, ..., last, X the difference of two Poisson variables of mean variance/2:
    exp(-z) I_k(z).

    By Miller's backward recurrence; `last` must lie where the probability has fallen far below
    rounding.
    """
    out = np.zeros(last + 2)
    out[last] = 1e-300
    for k in range(last, 0, -1):
        out[k - 1] = out[k + 1] + 2 * k / variance * out[k]
        if out[k - 1] > 1e250:
            out[k - 1 :] *= 1e-250
    # smallest first
    return out[:-1] / (2 * np.sum(out[:0:-1]) + out[0])
