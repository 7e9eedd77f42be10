"""Quadrature on a chart: spectrally accurate nodes and weights for the volume dV_g."""

from __future__ import annotations

import math

import numpy as np
import scipy

from theory.setting.checks import InputError, fits, per_axis
from theory.setting.manifolds import Manifold

NODE_BYTES = 200  # of memory at work: coordinates, points, weights, and what computes them
MOST_LEGENDRE = 20_000  # nodes: their computation takes half a minute, and grows with the square


def chart_quadrature(manifold: Manifold, counts, support=None) -> tuple[np.ndarray, np.ndarray]:
    """Product nodes u (n, d) and weights w (n,) with sum w F(u) = integral of F dV_g.

    The trapezoidal rule on periodic and infinite axes, Gauss-Legendre between poles or walls: each
    converges faster than any power for smooth F. `counts` is the number of nodes on each axis (an
    int or d ints: `node_counts`). `support` gives the range of each axis; an infinite axis needs it
    (`Density.support` has it). Raises InputError on a missing support.
    """
    counts = node_counts(manifold, counts)
    support = support or [(axis.low, axis.high) for axis in manifold.axes]
    nodes, weights = [], []
    for axis, n, (low, high) in zip(manifold.axes, counts, support, strict=True):
        if not np.isfinite([low, high]).all():
            raise InputError(
                f"{manifold.name}: axis {axis.symbol} is infinite, expected a finite support"
            )
        if axis.kind in ("periodic", "infinite"):
            step = (high - low) / n
            nodes.append(low + step * (np.arange(n) + 0.5))
            weights.append(np.full(n, step))
        else:
            x, w = scipy.special.roots_legendre(n)
            nodes.append(low + (high - low) * (x + 1) / 2)
            weights.append(w * (high - low) / 2)
    u = np.stack(np.meshgrid(*nodes, indexing="ij"), axis=-1).reshape(-1, manifold.dim)
    w = weights[0]
    for more in weights[1:]:
        w = np.multiply.outer(w, more)
    return u, w.ravel() * manifold.volume(u)


def node_counts(manifold: Manifold, counts) -> tuple[int, ...]:
    """Nodes on each axis from an int for all of them or d ints; raises InputError on a count below
    2, and on more nodes than the memory holds or than can be computed.
    """
    each = per_axis("nodes per axis", counts, manifold.dim, 2)
    for axis, n in zip(manifold.axes, each, strict=True):
        if axis.kind in ("pole", "wall") and n > MOST_LEGENDRE:
            raise InputError(
                f"nodes per axis: got {n} along {axis.symbol} of {manifold.name}, expected at most "
                f"{MOST_LEGENDRE} between poles or walls: more take too long to compute"
            )
    fits("nodes per axis", math.prod(each), NODE_BYTES, counts)
    return each
