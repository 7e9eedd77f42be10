"""exp(t L) H by its Chebyshev series: the error is known before and after, and no step is taken.

With A = I + 2 L/bound, whose eigenvalues lie in [-1, 1],

    exp(t L) = sum over k of P(X = k) T_k(A),  X on all whole numbers, T_-k = T_k,

where X is the difference of two Poisson variables of mean z/2 each, z = t bound/2 (docs/theory.md,
"Finite differences in time"). Cut off at |k| <= K, what is left out is P(|X| > K) times the largest
|T_k(A) H|, and K grows like the square root of t times the bound, whatever the tolerance. The
T_k(A) H serve every time at once.
"""

from __future__ import annotations

import math

import numpy as np

from theory.pde import kernels
from theory.setting.checks import InputError

# times that share one series; more would cost more traffic than a new start from the last of them
_TIMES_AT_ONCE = 4
_MARGIN = 4.0  # by how much a later T_k H may exceed the largest seen
_MOST_GROWTH = 1e3  # of T_k H: about three digits; beyond it the spectrum is not real enough
# relative to the range of H: of any series, and of each of its terms
ROUNDING, ROUNDING_OF_TERM = 1e-13, 1e-17


def chebyshev(operator, h, times, allowed: float, progress=None, shared=None) -> np.ndarray:
    """H at the increasing times >= 0, (len(times), size), each within `allowed` in the largest
    norm.

    Raises InputError if rounding exceeds `allowed`, or if the operator is so far from self-adjoint
    that terms grow.
    """
    out, now = [], 0.0
    groups = _groups(times)
    for k, group in enumerate(groups):
        values = _series(
            operator,
            h,
            np.asarray(group) - now,
            allowed / len(groups),
            _part(progress, k, len(groups)),
        )
        out.extend(values)
        h, now = values[-1], group[-1]
    return np.array(out)


def groups_of_series(times) -> list[float]:
    """The stretch of time that each series covers."""
    ends = [group[-1] for group in _groups(times)]
    return np.diff(ends, prepend=0.0).tolist()


def _groups(times):
    return [times[k : k + _TIMES_AT_ONCE] for k in range(0, len(times), _TIMES_AT_ONCE)]


def terms_needed(variance: float, tail: float) -> int:
    """A K with P(|X| > K) <= tail, by the Chernoff bound: about sqrt(2 variance log(2/tail)) for
    large variance.
    """

    def exponent(k):
        return (
            variance - math.sqrt(k * k + variance * variance) + k * math.asinh(k / variance)
            if variance > 0
            else math.inf
        )

    low, high = 0, 16
    while exponent(high) < math.log(2 / tail):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if exponent(middle) < math.log(2 / tail) else (low, middle)
    return high


def _series(operator, h, times, allowed, progress):
    stencil, bound, span = operator.stencil, operator.spectral_bound, float(np.ptp(h))
    probabilities, tails = zip(*(_walk(t * bound / 2) for t in times), strict=True)
    most = max(map(len, tails)) - 1
    weights, left_out = np.zeros((most + 1, len(times))), np.zeros((most + 1, len(times)))
    for m, (p, tail) in enumerate(zip(probabilities, tails, strict=True)):
        weights[: len(p), m], left_out[: len(p), m] = p, tail
    worst = left_out.max(axis=1)
    pair = np.array([stencil.spread(h), np.zeros(stencil.padded)])
    change, sums = np.zeros(stencil.padded), weights[0][:, None] * pair[0]
    done, largest = 0, span
    batch = 2 * int(np.clip(2e7 / stencil.padded, 8, 256))
    while worst[done] * _MARGIN * largest > allowed:
        # the fewest terms that would do if nothing grew
        needed = int(np.argmax(worst * _MARGIN * largest <= allowed))
        rounding = max(ROUNDING, ROUNDING_OF_TERM * needed)
        if rounding * span > allowed:
            raise InputError(
                f"tolerance: {allowed / span:.3g} is below the rounding of {needed} terms, "
                f"expected at least {rounding:.1g}"
            )
        stop = min(max(needed, done + 1), done + batch)
        stencil.chebyshev_terms(
            pair, change, 4 / bound, done, *_by_twos(weights[done + 1 : stop + 1]), sums
        )
        done = stop
        largest = max(largest, float(np.ptp(stencil.gather(pair[done % 2]))))
        if not largest <= _MOST_GROWTH * span:
            raise InputError(
                f"scheme: terms of chebyshev grow by {largest / span:.3g}, expected an operator "
                "closer to self-adjoint; use shift-invert"
            )
        if progress:
            progress(min(1.0, done / needed))
    # what is left out goes to the last term: the weights sum to 1, which keeps constants and the
    # conserved sum
    sums += left_out[done][:, None] * pair[done % 2]
    if progress:
        progress(1.0)
    return stencil.gather(sums)

    """Terms of a series grow, since the eigenvalues lie too far off the axis."""


def _by_twos(weights):
    """Weights (terms, m) as those of the term before and of the term itself, every second time:
    half the traffic of the sums.
    """
    older, newer = np.zeros_like(weights), np.zeros_like(weights)
    older[1::2], newer[1::2] = weights[: len(weights) - 1 : 2], weights[1::2]
    if len(weights) % 2:
        newer[-1] = weights[-1]
    return older, newer


def _walk(variance):
    """Weights of T_0, T_1, ... and the sum of those that follow each, up to where it falls below
    rounding.
    """
    if variance == 0:
        return np.ones(1), np.zeros(1)
    p = kernels.random_walk(variance, terms_needed(variance, 1e-60))
    p[1:] *= 2
    tail = np.append(np.cumsum(p[:0:-1])[::-1], 0.0)
    return p, tail


def _part(progress, k, n):
    return progress and (lambda fraction: progress((k + fraction) / n))
