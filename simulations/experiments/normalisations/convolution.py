"""The claim `normalisations`, equispaced tokens: attention by position is a convolution, its moments drift and clock."""

from __future__ import annotations

import numpy as np
import sympy as sp

from simulations.statistics.orders import romberg
from simulations.attention.normalisations import convolution
from simulations.observables import fit_coefficients
from simulations.verdict import check
from theory.setting.manifolds import manifold
from theory.normalisations import filter_moments

FILTER = np.array([1.0, 0.0, 3.0, 2.0, 4.0, 6.0, 1.0, 5.0, 2.0]) / 24  # off every symmetry


def convolution_checks() -> list:
    """Clock and transport of a fixed asymmetric filter on ever finer equispaced grids, over its moments."""
    m = manifold("circle")
    (t,), ratios = m.symbols, []
    features = [sp.cos(t), sp.sin(t), sp.cos(2 * t), sp.sin(2 * t)]
    for n in 64 * 2 ** np.arange(5):
        u = 2 * np.pi * np.arange(n)[:, None] / n
        h, first, second = (np.stack([m.function(sp.diff(f, t, order))(u) for f in features], axis=1) for order in (0, 1, 2))
        moments = np.array(filter_moments(FILTER, 2 * np.pi / n))
        transport, diffusion = fit_coefficients(convolution(FILTER, n) @ h - h, [first, second])
        ratios.append(np.array([transport, 2 * diffusion]) / moments)
    transport, diffusion = (romberg(np.array(ratios)[:, k]) for k in (0, 1))
    variance = float(1 - moments[0] ** 2 / moments[1])
    return [
        check("convolution: clock over half the second moment", 1.0, diffusion, {"half its variance": variance, "10 % off": 1.1}),
        check("convolution: transport over the first moment", 1.0, transport, {"no transport": 0.0, "10 % off": 1.1}),
    ]
