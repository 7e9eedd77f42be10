"""Over-smoothing: the depth at which the spread of the features is a given part of what it was."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq

from theory.setting.checks import InputError, positive
from theory.setting.densities import Density
from theory.setting.quadrature import chart_quadrature
from theory.spectrum import curve_spectrum, fourier_basis

MODES = 48


def collapse_depth(decay: float, factor: float, share: float = 1.0) -> float:
    """Layers until the spread is `factor` of its first value ("Over-smoothing").

    log(sqrt(share)/factor)/(-log decay); decay: eigenvalue of a layer on the slowest mode; share:
    part of the first variance of H that this mode holds.
    """
    decay, factor = positive("decay", decay), positive("factor", factor)
    share = positive("share", share)
    if not (decay < 1 and factor < 1 and share <= 1):
        raise InputError(
            f"collapse_depth: got decay {decay:g}, factor {factor:g}, share {share:g}, "
            f"expected all in (0, 1)"
        )
    return math.log(math.sqrt(share) / factor) / -math.log(decay)


def collapse_time(p: Density, formula, factor: float, power: float = 2.0) -> float:
    """The time at which exp(T L) H has spread to `factor` of its first value, on a closed curve.

    Spread over tokens of density p. All modes are followed (Fourier-Galerkin, `curve_spectrum`), so
    that the slowest needs no gap. Another `power` of p gives another drift.
    """
    u, volume = chart_quadrature(p.manifold, 8 * MODES)
    rates, vectors = curve_spectrum(p, 2 * MODES + 1, power, MODES)
    functions = fourier_basis(p.manifold.axes[0], u, MODES)[0] @ vectors
    tokens, h = volume * p(u), p.manifold.function(formula)(u)
    start = functions.T @ (volume * p(u) ** power * h)

    def spread(time):
        values = functions[:, 1:] @ (np.exp(-rates[1:] * time) * start[1:])
        return math.sqrt(tokens @ (values - tokens @ values) ** 2)

    def excess(time):
        return math.log(spread(time) / (factor * spread(0.0)))

    # the spread falls at least as slowly as the slowest mode, but for its first share
    high = 1 / rates[1]
    while excess(high) > 0:
        high *= 2
    return float(brentq(excess, 0.0, high, xtol=1e-13, rtol=1e-13))
