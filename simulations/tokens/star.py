"""Attention at N = infinity for scores with a kink at distance 0: keys on quadrature nodes that are
centred at each query.

On nodes shared by all queries phi(r) = r has a clock error of -(spacing/eps)^2/12. Here every query
has nodes of its own, in geodesic polar coordinates, on panels that shrink geometrically towards
it: a phi that is smooth for r > 0 is integrated to rounding at every temperature. Features live in
a basis of smooth functions, so attention can be iterated.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from itertools import pairwise

import numba
import numpy as np

from simulations.attention import AttentionOperator
from simulations.tokens.sampling import Tokens
from theory.setting.checks import InputError, one_of, positive, whole
from theory.setting.densities import Density
from theory.setting.manifolds import Manifold

MANIFOLDS = ("circle", "sphere")
PANEL_NODES, ANGLES = 12, 24
# the innermost panel is 2^-6 of the kernel's length: clocks of sqrt(r) are right to 4e-8
INNER_PANELS = 6


def star_tokens(density: Density, u, length: float) -> Tokens:
    """Quadrature nodes centred at the point u (d,) of the unit circle or sphere, weights p dV.

    length: the distance at which the kernel begins to fall; panels reach well below it. The weights
    sum to 1. Raises InputError on another manifold.
    """
    m = _unit(density.manifold)
    arcs, weights = _panels(length)
    if m.dim == 1:
        coordinates = (u[0] + np.concatenate([arcs, -arcs]))[:, None]
        weights = np.tile(weights, 2)
    else:
        coordinates = _polar(m, u, arcs)
        weights = np.repeat(weights * np.sin(arcs), ANGLES)
    mass = weights * density(coordinates)
    return Tokens(m, coordinates, m.embed(coordinates), mass / mass.sum())


def _panels(length):
    """Gauss-Legendre nodes and weights on (0, pi/2^k), ..., (pi/4, pi/2), (pi/2, pi)."""
    halvings = np.log2(np.pi / positive("length", length))
    count = max(4, int(np.ceil(halvings)) + INNER_PANELS)
    x, w = np.polynomial.legendre.leggauss(PANEL_NODES)
    edges = np.concatenate([[0.0], np.pi / 2.0 ** np.arange(count, -1, -1)])
    nodes = [low + (high - low) * (x + 1) / 2 for low, high in pairwise(edges)]
    weights = [(high - low) / 2 * w for low, high in pairwise(edges)]
    return np.concatenate(nodes), np.concatenate(weights)


def _polar(m, u, arcs):
    """Chart points of the sphere at the given arcs from u, in ANGLES directions."""
    turn = 2 * np.pi * np.arange(ANGLES) / ANGLES
    directions = np.stack([np.cos(turn), np.sin(turn)], axis=1) @ _tangent_frame(u)
    centre = m.embed(np.atleast_2d(u))
    points = np.cos(arcs)[:, None, None] * centre + np.sin(arcs)[:, None, None] * directions
    x, y, z = np.moveaxis(points.reshape(-1, 3), 1, 0)
    return np.stack([np.arctan2(np.hypot(x, y), z), np.arctan2(y, x) % (2 * np.pi)], axis=1)


def _tangent_frame(u):
    """Unit vectors along colatitude and longitude at u (2,), shape (2, 3)."""
    (ct, st), (cp, sp) = ((np.cos(a), np.sin(a)) for a in u)
    return np.array([[ct * cp, ct * sp, -st], [-sp, cp, 0.0]])


def _unit(m: Manifold) -> Manifold:
    one_of("manifold", m.name, MANIFOLDS)
    radius = np.linalg.norm(m.embed(np.full((1, m.dim), 0.7)))
    if abs(radius - 1) > 1e-12:
        raise InputError(f"manifold: got {m.name} of radius {radius:g}, expected radius 1")
    return m


@dataclass(frozen=True)
class SmoothBasis:
    """Trigonometric functions or spherical harmonics up to `degree`, orthonormal on their nodes.

    nodes: (n, d) chart points; weights: (n,) with sum w F = integral of F dV up to degree
    2 `degree`.
    """

    manifold: Manifold
    degree: int
    nodes: np.ndarray
    weights: np.ndarray

    def __call__(self, u) -> np.ndarray:
        """The basis functions at u (n, d), shape (n, size)."""
        functions = _trigonometric if self.manifold.dim == 1 else _harmonics
        return functions(u, self.degree)

    @property
    def degrees(self) -> np.ndarray:
        """The degree of each function, (size,)."""
        if self.manifold.dim == 1:
            return np.concatenate([[0], *2 * [np.arange(1, self.degree + 1)]])
        orders = range(self.degree + 1)
        pairs = [(n, min(m, 1) + 1) for m in orders for n in range(m, self.degree + 1)]
        return np.repeat(*np.transpose(pairs))

    def tail(self, values) -> float:
        """The largest coefficient of the last degree, of functions given on the nodes, (n, c)."""
        return float(np.abs(self.coefficients(values)[self.degrees == self.degree]).max())

    def coefficients(self, values) -> np.ndarray:
        """Coefficients (size, c) of functions given on the nodes, (n, c)."""
        return self(self.nodes).T @ (self.weights[:, None] * values)


def smooth_basis(manifold: Manifold, degree: int) -> SmoothBasis:
    """The basis of the unit circle (2 degree + 1 functions) or sphere ((degree + 1)^2).

    Raises InputError on another manifold.
    """
    m, degree = _unit(manifold), whole("degree", degree, 2)
    around = 2 * degree + 2
    turn = 2 * np.pi * (np.arange(around) + 0.5) / around
    if m.dim == 1:
        return SmoothBasis(m, degree, turn[:, None], np.full(around, 2 * np.pi / around))
    z, w = np.polynomial.legendre.leggauss(degree + 1)
    nodes = np.stack(np.meshgrid(np.arccos(z), turn, indexing="ij"), axis=-1).reshape(-1, 2)
    return SmoothBasis(m, degree, nodes, np.repeat(w, around) * 2 * np.pi / around)


def _trigonometric(u, degree):
    phase = u * np.arange(1, degree + 1)
    constant = np.full((len(u), 1), np.sqrt(0.5))
    return np.hstack([constant, np.cos(phase), np.sin(phase)]) / np.sqrt(np.pi)


def _harmonics(u, degree):
    """Real spherical harmonics, by the recurrence of normalised Legendre functions in the degree
    (Press et al. 2007, section 6.7), about ten times faster than SciPy's one function at a time."""
    cosine, sine = np.cos(u[:, 0]), np.sin(u[:, 0])
    columns, diagonal = [], np.full(len(u), np.sqrt(1 / (4 * np.pi)))
    for order in range(degree + 1):
        if order:
            diagonal = -np.sqrt((2 * order + 1) / (2 * order)) * sine * diagonal
        around = [np.cos(order * u[:, 1]), np.sin(order * u[:, 1])] if order else [1.0]
        before, now = np.zeros(len(u)), diagonal
        for n in range(order, degree + 1):
            columns += [np.sqrt(2 if order else 1) * now * turn for turn in around]
            above = (n + 1) ** 2 - order**2
            back = np.sqrt((n**2 - order**2) / (4 * n**2 - 1)) if n else 0.0
            now, before = (
                np.sqrt((4 * (n + 1) ** 2 - 1) / above) * (cosine * now - back * before),
                now,
            )
    return np.stack(columns, axis=1)


def attend_basis(density: Density, basis: SmoothBasis, scores, progress=None) -> np.ndarray:
    """A of every basis function at the basis' nodes, for several scores: (scores, n, size).

    scores: pairs (pseudo-metric with a power law, temperature). The keys are those of
    `star_tokens`, so N is infinite.
    """
    out = np.empty((len(scores), len(basis.nodes), basis(basis.nodes[:1]).shape[1]))
    queries = density.manifold.embed(basis.nodes)
    length = min(kernel_length(f, temperature) for f, temperature in scores)
    with _one_thread():
        for i, u in enumerate(progress(basis.nodes) if progress else basis.nodes):
            keys = star_tokens(density, u, length)
            values, query = basis(keys.coordinates), queries[i : i + 1]
            for k, (f, temperature) in enumerate(scores):
                out[k, i] = (AttentionOperator(query, f, temperature, keys=keys) @ values)[0]
    return out


def star_size(dim: int, scores) -> int:
    """How many keys a query of `attend_basis` attends to."""
    length = min(kernel_length(f, temperature) for f, temperature in scores)
    return len(_panels(length)[0]) * (2 if dim == 1 else ANGLES)


def kernel_length(pseudo_metric, temperature: float) -> float:
    """h = (eps/c)^(1/a), where exp(-c r^a/eps) has fallen to 1/e."""
    law = pseudo_metric.power_law
    return (temperature / law.coefficient) ** (1 / law.exponent)


@contextlib.contextmanager
def _one_thread():
    """A single query is too little work to share: waking the threads would take far longer."""
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(threads)


def iterate_basis(basis: SmoothBasis, attended, values, steps: int) -> np.ndarray:
    """A^k of functions given on the nodes, (n, c), from `attended` (n, size) of `attend_basis`.

    Every step is followed by a projection on the basis, exact to rounding where A^k H is smooth.
    """
    step = attended @ basis(basis.nodes).T * basis.weights
    return np.linalg.matrix_power(step, whole("steps", steps, 0)) @ values
