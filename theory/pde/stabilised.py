"""Runge-Kutta-Legendre of order 2 with steps and stages chosen by an embedded estimate of the error.

For operators of any kind with eigenvalues near the negative real axis. The stages of a step reach as far as the bound
of the spectrum demands, so a step is never bound by stability. The leading error of a step is e = (1/6 - c_3) (dt L)^3 H,
with c_3 the cubic coefficient of the stability polynomial, and (dt L)^3 H = 12 (H_n - H_(n+1)) + 6 dt (L H_n + L H_(n+1))
up to higher order (Sommeijer, Shampine and Verwer 1998, J. Comput. Appl. Math. 88). The flow does not amplify errors, so
a step may add its share of what is allowed: half is shared out by time, half by the logarithm of time, since rough
features call for steps in proportion to the time passed.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from theory.setting.checks import InputError
from theory.pde.schemes import legendre_coefficients

_MOST_STEPS = 2**14
_SHORTEST = 1e-12  # of the last time
_SAFETY, _WORST_SHRINK, _BEST_GROWTH = 0.9, 0.2, 4.0
_INTEGRAL, _PROPORTIONAL = 0.35, 0.2  # powers of the new and of the last error; the error per unit step is of order 2


def runge_kutta_legendre(operator, h, times, allowed: float, progress=None, shared=None) -> np.ndarray:
    """H at the increasing times >= 0, (len(times), size), each within about `allowed` in the largest norm.

    Raises InputError if that takes more than 2^14 steps, or steps that rounding drowns.
    """
    stencil, bound, end = operator.stencil, operator.spectral_bound, max(times[-1], 1e-300)
    h = stencil.spread(h)
    slope = stencil.apply(h)
    now, step, last_error, steps, out = 0.0, 2 / bound, 1.0, 0, []
    for t in times:
        while now < t:
            # a last step that leaves next to nothing, and no sliver behind it
            left = t - now
            dt = left if step >= left * (1 - 1e-9) else min(step, left / 2) if step > left / 2 else step
            new, new_slope, cubic = _step(stencil, bound, h, slope, dt)
            estimate = cubic * np.abs(stencil.gather(12 * (h - new) + 6 * dt * (slope + new_slope))).max()
            share = dt / end + math.log1p(dt / (now + 1 / bound)) / math.log1p(end * bound)
            error = max(estimate / (0.5 * share * allowed), 1e-10)
            factor = _SAFETY * error**-_INTEGRAL * last_error**_PROPORTIONAL
            if error <= 1:
                now, h, slope, last_error = (t if dt == left else now + dt), new, new_slope, error
            else:
                factor = min(factor, _SAFETY * error**-0.5)
            proposed = dt * min(max(factor, _WORST_SHRINK), _BEST_GROWTH)
            # a step cut short by an output time says nothing against a longer one
            step = max(proposed, step) if error <= 1 and dt < step else proposed
            steps += 1
            if steps > _MOST_STEPS or step < _SHORTEST * end:
                raise InputError(f"tolerance: {allowed:.3g} needs more or shorter steps of rkl2 than the {_MOST_STEPS} it may take, expected a larger one")
            if progress and error <= 1:
                progress(now / end)
        out.append(stencil.gather(h))
    return np.array(out)


def stages_needed(reach: float) -> int:
    """The odd number of stages s >= 3 with (s^2 + s - 2)/2 >= reach, the step times the spectral bound."""
    s = max(3, math.ceil((math.sqrt(9 + 8 * reach) - 1) / 2 * (1 - 1e-12)))
    return s + 1 - s % 2


@lru_cache
def cubic_defect(s: int) -> float:
    """1/6 less the cubic coefficient of the stability polynomial."""
    mu, nu, a, b, first = legendre_coefficients(s)
    x = np.array([0.0, 1.0, 0.0, 0.0])
    before, last = np.eye(1, 4)[0], np.eye(1, 4)[0] + first * x
    for j in range(2, s + 1):
        times_x = np.append(0.0, last[:-1])
        before, last = last, mu[j] * last + nu[j] * before + (1 - mu[j] - nu[j]) * np.eye(1, 4)[0] + a[j] * times_x + b[j] * x
    return 1 / 6 - last[3]


def _step(stencil, bound, h, slope, dt):
    s = stages_needed(dt * bound)
    mu, nu, a, b, first = legendre_coefficients(s)
    pair = np.array([h, h + first * dt * slope])
    stencil.stages(h, slope, pair, 1, mu[2:], nu[2:], dt * a[2:], dt * b[2:])
    new = pair[s % 2]
    return new, stencil.apply(new), cubic_defect(s)
