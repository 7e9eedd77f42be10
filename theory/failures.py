"""How attention fails where a hypothesis of the limit theorem is dropped: gaps, too few tokens, no metric.

Sources are the sections of docs/theory.md named in each docstring. Nothing here knows the attention operator.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.integrate import quad

from theory.setting.checks import InputError, positive, whole

# --- gaps ---


def gap_escape_rate(lengths: tuple[float, float], gap: float, temperature: float) -> float:
    """1 - mu_2 = F/(pi_1 pi_2) of uniform tokens on two intervals with a gap, f = |x-y|^2/4 ("Gaps").

    F = pi_1 P(leave 1) is the stationary flow across; right up to a relative error of the order of the rate itself.
    """
    first, second = (positive("length", length) for length in lengths)
    gap, eps = positive("gap", gap), positive("temperature", temperature)
    across = _pairs(
        lambda r: min(r - gap, first, second, first + second + gap - r),
        gap,
        gap + first + second,
        eps,
    )
    inside = [2 * _pairs(lambda r, size=size: size - r, 0.0, size, eps) for size in (first, second)]
    total = sum(inside) + 2 * across
    pi = [(own + across) / total for own in inside]
    return across / total / (pi[0] * pi[1])


def _pairs(count, low, high, eps):
    """int count(r) e^(-r^2/(4 eps)) dr: `count` is the density of pairs at distance r."""
    high = min(high, low + 40 * math.sqrt(eps))
    return quad(
        lambda r: count(r) * math.exp(-(r**2) / (4 * eps)),
        low,
        high,
        epsabs=0,
        epsrel=1e-11,
        limit=200,
    )[0]


def connected_rate(length: float) -> float:
    """(pi/l)^2, what the limit theorem gives for (1 - mu_2)/tau on an interval without a gap ("Gaps")."""
    return (math.pi / positive("length", length)) ** 2


def expected_pieces(n_tokens: int, window: float) -> float:
    """Expected number of gaps wider than `window` (an arc) between N uniform tokens on the unit circle ("Gaps").

    N (1 - R/(2 pi))^(N-1): where at least one gap is that wide, windowed attention has as many consensus values.
    """
    share = positive("window", window) / (2 * math.pi)
    if share >= 1:
        raise InputError(f"window: got {window:g}, expected an arc below 2 pi")
    return whole("n_tokens", n_tokens, 2) * (1 - share) ** (n_tokens - 1)


def lattice_clock(spacing: float, temperature: float) -> float:
    """Clock over tau of tokens on a line at equal distances: sum n^2 q^(n^2)/sum q^(n^2) times spacing^2/(2 eps) ("Gaps").

    q = exp(-spacing^2/(4 eps)). 1 to rounding where many tokens lie in a kernel's width, spacing^2/eps q where none does.
    """
    ratio = positive("spacing", spacing) ** 2 / positive("temperature", temperature)
    n = np.arange(-math.ceil(40 / math.sqrt(ratio)) - 1, math.ceil(40 / math.sqrt(ratio)) + 2)
    weight = np.exp(-(n**2) * ratio / 4)
    return float(ratio / 2 * (n**2 @ weight) / weight.sum())


# --- the dot product off the sphere ---


def ellipse_leader(t, a: float, b: float) -> np.ndarray:
    """Eccentric angle of y*(x), the key of largest x.y on an ellipse, of the query at t: tan t* = (b/a)^2 tan t ("No metric")."""
    t = np.asarray(t, dtype=np.float64)
    return np.arctan2(positive("b", b) ** 2 * np.sin(t), positive("a", a) ** 2 * np.cos(t))
