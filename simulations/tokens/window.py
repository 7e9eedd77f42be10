"""Attention inside a sharp window at N = infinity: keys on nodes that fill the window of each
query.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulations.tokens.sampling import Tokens
from theory.setting.densities import Density
from theory.setting.windows import window_quadrature


def window_tokens(density: Density, u, radius: float) -> Iterator[Tokens]:
    """Nodes that fill {y : |y - x| <= radius} for each x = X(u), with weights p dV of sum 1.

    u: (n, d) with d <= 2. Raises InputError where `window_quadrature` does.
    """
    m = density.manifold
    for coordinates, volume in zip(*window_quadrature(m, u, radius), strict=True):
        mass = volume * density(coordinates)
        yield Tokens(m, coordinates, m.embed(coordinates), mass / mass.sum())
