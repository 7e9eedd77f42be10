"""Tokens on a manifold: i.i.d., stratified, and quadrature nodes that stand for infinitely many.

Random tokens are drawn exactly. The chart is cut into small cells whose masses are known; a uniform
number picks a cell, and inside the cell a token is drawn by rejection. Independent uniform numbers
give i.i.d. tokens; one uniform number in each of N equal parts of [0, 1], with the cells in
serpentine order, gives stratified ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from theory.setting.checks import InputError, fits, whole
from theory.setting.densities import Density, require_density
from theory.setting.manifolds import Manifold
from theory.setting.nodes import largest_spacing
from theory.setting.quadrature import chart_quadrature

_CELLS = {1: 4096, 2: 256, 3: 40}
_MOST_CELLS = {1: 2**21, 2: 1600, 3: 120}
_CELLS_PER_TOKEN = 4
_MARGIN = 1.2


@dataclass(frozen=True)
class Tokens:
    """Tokens on a manifold: chart coordinates (n, d), points (n, D), and weights (n,) that sum to
    1, or None if equal. spacing: of quadrature nodes, the largest distance of neighbours.
    """

    manifold: Manifold
    coordinates: np.ndarray
    points: np.ndarray
    weights: np.ndarray | None = None
    spacing: float | None = None

    def __repr__(self):
        kind = "" if self.weights is None else " with weights"
        spacing = "" if self.spacing is None else f", at most {self.spacing:.3g} apart"
        return f"<{len(self)} Tokens{kind} on {self.manifold.name}{spacing}>"

    def __len__(self) -> int:
        return len(self.points)


def iid_tokens(density: Density, n_tokens: int, rng: np.random.Generator) -> Tokens:
    """N independent tokens of density p. Raises InputError for n_tokens < 2 or an rng that is no
    NumPy Generator.
    """
    n, rng = _check_count(density, n_tokens), _check_rng(rng)
    return _draw(density, rng.random(n), _CELLS[density.manifold.dim], rng)


def stratified_tokens(density: Density, n_tokens: int, rng: np.random.Generator) -> Tokens:
    """N tokens, one in each of N parts of M of equal mass 1/N, up to a cell: parts are runs of
    neighbouring cells.

    There are at least four cells a token. Their own density fluctuates far less than that of i.i.d.
    tokens. Errors as for `iid_tokens`.
    """
    n, rng, d = _check_count(density, n_tokens), _check_rng(rng), density.manifold.dim
    cells = min(max(_CELLS[d], int(np.ceil((_CELLS_PER_TOKEN * n) ** (1 / d)))), _MOST_CELLS[d])
    return _draw(density, (np.arange(n) + rng.random(n)) / n, cells, rng)


def quadrature_tokens(density: Density, nodes) -> Tokens:
    """Quadrature nodes with weights p dV that sum to 1: on them a sum over tokens is the N ->
    infinity limit.

    nodes: per axis, an int or d ints, at least 2; InputError for more than the memory holds.
    Attention warns (CoarseNodesWarning) where they are too coarse for its temperature;
    `theory.setting.nodes.nodes_for` says how many it needs.
    """
    m = require_density(density).manifold
    u, w = chart_quadrature(m, nodes, density.support)
    mass = w * density(u)
    spacing = largest_spacing(m, nodes, density.support)
    return Tokens(m, u, m.embed(u), mass / mass.sum(), spacing)


SAMPLERS = {"iid": iid_tokens, "stratified": stratified_tokens}


def _check_count(density, n_tokens):
    m = require_density(density).manifold
    return fits("n_tokens", whole("n_tokens", n_tokens, 2), 8 * (6 * m.dim + m.ambient_dim + 8))


def _check_rng(rng):
    if not isinstance(rng, np.random.Generator):
        raise InputError(
            f"rng: got {type(rng).__name__}, expected a numpy.random.Generator such as "
            "numpy.random.default_rng(1)"
        )
    return rng


def _draw(density, uniforms, cells, rng):
    manifold = density.manifold
    edges, masses, bounds, order, cumulative = _tables(density, cells)
    place = np.searchsorted(cumulative, uniforms * cumulative[-1], side="right")
    picked = order[place.clip(max=len(order) - 1)]
    index = np.stack(np.unravel_index(picked, masses.shape), axis=1)
    low = np.stack([e[2 * index[:, k]] for k, e in enumerate(edges)], axis=1)
    width = np.array([e[2] - e[0] for e in edges])
    coordinates, waiting = np.empty((len(picked), manifold.dim)), np.arange(len(picked))
    while len(waiting):
        trial = low[waiting] + width * rng.random((len(waiting), manifold.dim))
        ratio = density(trial) * manifold.volume(trial) / bounds.ravel()[picked[waiting]]
        if ratio.max() > 1:
            raise InputError(
                f"density: {density.formula} varies too fast to be sampled (a factor of "
                f"{_MARGIN * ratio.max():.3g} within a cell of 1/{cells} of the chart)"
            )
        accepted = rng.random(len(waiting)) < ratio
        coordinates[waiting[accepted]] = trial[accepted]
        waiting = waiting[~accepted]
    return Tokens(manifold, coordinates, manifold.embed(coordinates))


@lru_cache(maxsize=4)
def _tables(density, cells):
    """(edges, masses, bounds, serpentine order, cumulated masses) of the cells, once a density."""
    edges = [np.linspace(low, high, 2 * cells + 1) for low, high in density.support]
    masses, bounds = _cell_tables(density, edges)
    order = _serpentine(masses.shape)
    return edges, masses, bounds, order, np.cumsum(masses.ravel()[order])


def _cell_tables(density, edges):
    """Mass of each cell by Simpson's rule, and an upper bound of the chart density on it, both of
    shape (cells,) * d.
    """
    d = len(edges)
    u = np.stack(np.meshgrid(*edges, indexing="ij"), axis=-1).reshape(-1, d)
    # chart ends at a pole carry no mass, but rounding may leave a formula undefined there
    table = np.nan_to_num(density(u) * density.manifold.volume(u)).reshape([len(e) for e in edges])
    masses = bounds = table
    for k in range(d):
        left, middle, right = (_take(masses, k, s) for s in (0, 1, 2))
        masses = (left + 4 * middle + right) / 6
        bounds = np.maximum(
            np.maximum(_take(bounds, k, 0), _take(bounds, k, 1)), _take(bounds, k, 2)
        )
    return masses, _MARGIN * bounds


def _take(table, axis, start):
    stop = table.shape[axis] - 2 + start
    index = [slice(None)] * table.ndim
    index[axis] = slice(start, stop if start < 2 else None, 2)
    return table[tuple(index)]


def _serpentine(shape):
    """Flat indices of the cells in an order in which neighbours touch."""
    order = np.arange(int(np.prod(shape))).reshape(shape)
    for k in range(1, len(shape)):
        rows = order.reshape(-1, *shape[k:])
        rows[1::2] = rows[1::2, ::-1].copy()
    return order.ravel()
