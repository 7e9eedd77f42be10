"""How many quadrature nodes a kernel of given temperature needs."""

from __future__ import annotations

import numpy as np

from theory.setting.checks import InputError, positive
from theory.setting.manifolds import Manifold
from theory.setting.pseudo_metrics import PowerLaw

MOST_NODES = 60_000  # that attend to each other: more would take minutes a step
MOST_KEYS = 400_000  # that a few queries attend to


def nodes_for(m: Manifold, temperature: float, limit: int = MOST_KEYS) -> tuple[int, ...]:
    """Quadrature nodes per axis that resolve a kernel of this temperature to rounding.

    The error of the trapezoidal rule on a Gaussian of standard deviation sigma = sqrt(2 eps) is
    about 2 exp(-2 (pi sigma/h)^2) at spacing h (Trefethen and Weideman 2014, section 5): 4e-17 at
    h = sigma/1.4; 2.2 nodes a sigma are taken, as Gauss-Legendre nodes are pi/2 times sparser in
    the middle. Raises InputError if more than `limit` nodes would be needed.
    """
    sigma, lengths = _kernel_width(m, temperature)
    counts = tuple(max(24, 2 * int(np.ceil(1.1 * length / sigma))) for length in lengths)
    return _limited(m, temperature, counts, limit)


def sparse_nodes(m: Manifold, temperature: float, limit: int = MOST_KEYS) -> tuple[int, ...]:
    """Like `nodes_for`, for an error of about 2 exp(-2 (1.05 pi)^2) = 7e-10: for d = 3."""
    sigma, lengths = _kernel_width(m, temperature)
    a_sigma = [1.05 if axis.kind == "periodic" else 1.65 for axis in m.axes]
    counts = tuple(
        max(12, int(np.ceil(n * length / sigma)))
        for n, length in zip(a_sigma, lengths, strict=True)
    )
    return _limited(m, temperature, counts, limit)


def enough_nodes(m: Manifold, temperature: float, limit: int = MOST_NODES) -> tuple[int, ...]:
    """`nodes_for`, and in three dimensions `sparse_nodes`."""
    count = sparse_nodes if m.dim == 3 else nodes_for
    return count(m, temperature, limit)


def _limited(m, temperature, counts, limit):
    if np.prod(counts) > limit:
        raise InputError(
            f"temperature: got {temperature:g} on {m.name}, which needs {np.prod(counts)} "
            f"quadrature nodes, expected a temperature with at most {limit}"
        )
    return counts


def _kernel_width(m, temperature):
    """The standard deviation sqrt(2 eps) of the kernel, and the largest length of each axis."""
    if m.dim > 3 or not all(np.isfinite([a.low, a.high]).all() for a in m.axes):
        raise InputError(f"manifold: got {m.name}, expected one with a bounded chart")
    lengths = axis_lengths(m, [(a.low, a.high) for a in m.axes])
    sigma = np.sqrt(2 * positive("temperature", temperature))
    if sigma > max(lengths) / 4:
        raise InputError(
            f"temperature: got {temperature:g} on {m.name}, expected at most "
            f"{max(lengths) ** 2 / 32:.3g}: beyond that a token attends to all of the manifold, "
            f"and no limit is near"
        )
    return sigma, lengths


def axis_lengths(m: Manifold, support) -> list[float]:
    """The largest length of each axis within its range (low, high)."""
    line = [np.linspace(low, high, 27)[1:-1] for low, high in support]
    u = np.stack(np.meshgrid(*line, indexing="ij"), axis=-1).reshape(-1, m.dim)
    largest = np.sqrt(m.metric(u).max(axis=0).diagonal())
    return [float(x * (high - low)) for x, (low, high) in zip(largest, support, strict=True)]


def largest_spacing(m: Manifold, counts, support) -> float:
    """The largest distance of neighbouring nodes of `chart_quadrature`, along an axis.

    Gauss-Legendre nodes are pi/2 times sparser in the middle than on average.
    """
    sparser = [1.0 if axis.kind in ("periodic", "infinite") else np.pi / 2 for axis in m.axes]
    lengths = axis_lengths(m, support)
    counts = np.broadcast_to(counts, (m.dim,))
    return max(s * length / n for s, length, n in zip(sparser, lengths, counts, strict=True))


def clock_error(spacing: float, power_law: PowerLaw, temperature: float) -> float:
    """The relative error that nodes at this spacing make in the clock: -1 where they are so coarse
    that a token sees but itself.

    Of a Gaussian kernel on the line, with standard deviation sigma = h/sqrt(2), h as in "The
    clock": sum over k of (k d)^2 exp(-(k d)^2/(2 sigma^2)) over the sum of exp, less sigma^2. Below
    1e-3 from 0.73 nodes a sigma, 1e-8 from 1.05. Another exponent than 2 does not make it smaller.
    """
    h = (temperature / power_law.coefficient) ** (1 / power_law.exponent)
    step = min(spacing / (h / np.sqrt(2)), 100.0)
    squares = (step * np.arange(int(40 / step) + 2)) ** 2
    weights = np.exp(-squares / 2) * np.where(squares > 0, 2.0, 1.0)
    return float(weights @ squares / weights.sum() - 1)
