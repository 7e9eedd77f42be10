"""Attention by position on an equispaced grid: a convolution, with a transport and a clock."""

from __future__ import annotations

import numpy as np
import sympy as sp

from simulations.attention.normalisations import convolution
from simulations.observables.generator import feature_columns
from simulations.statistics.fits import fit_coefficients
from simulations.statistics.limits import romberg
from simulations.store.quantities import Measurement, Number
from theory.claims import normalisations as claim
from theory.setting.manifolds import manifold

GRIDS = 64 * 2 ** np.arange(5)


def convolution_moments() -> Measurement:
    """Coefficients of H' and H'' in (A - I)H, in units of the spacing, on ever finer grids."""
    m = manifold("circle")
    (t,) = m.symbols
    features = [sp.cos(t), sp.sin(t), sp.cos(2 * t), sp.sin(2 * t)]
    levels = []
    for n in GRIDS:
        spacing = 2 * np.pi / n
        u = spacing * np.arange(n)[:, None]
        h, first, second = (
            feature_columns(m, [sp.diff(f, t, order) for f in features], u) for order in (0, 1, 2)
        )
        moved = convolution(claim.FILTER, n) @ h - h
        transport, diffusion = fit_coefficients(moved, [first, second])
        levels.append([diffusion / spacing**2, transport / spacing])
    clock, transport = (romberg(column) for column in np.array(levels).T)
    return Measurement(
        {
            claim.CONVOLUTION_CLOCK: Number(clock),
            claim.CONVOLUTION_TRANSPORT: Number(transport),
        }
    )
