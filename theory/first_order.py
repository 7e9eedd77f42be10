"""First-order analysis of attention for a pseudo-metric f(x, y) that need not be symmetric, nor vanish at y = x.

docs/theory.md, "First-order analysis": (a) a window of radius R at fixed temperature, (b) all keys as eps -> 0,
(c) high temperature, (d) W = c I + eps B on the sphere. Nothing here knows the attention operator.
A force b is a covector field: a tuple of d expressions b_a in the chart symbols.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import sympy as sp

from theory.setting.checks import InputError, finite_array, positive
from theory.setting.densities import Density
from theory.setting.expressions import compile_array
from theory.setting.geometry import drift_terms, generator_terms, values_of
from theory.setting.quadrature import chart_quadrature
from theory.setting.scores import Score
from theory.setting.windows import window_quadrature

# --- (a) and (d): the drift of an asymmetric score ---


def first_order_generator(p: Density, covectors, formulas, coefficients=None):
    """Compile u (n, d) -> L H = Laplacian H + 2 <grad log p, grad H> + 2 <b, grad H> + ..., (n, c).

    One term for each covector field b; `coefficients`, by default 2 throughout, replaces the 2s:
    that of the density first ("Local attention").
    """
    drifts = [2.0] * (1 + len(covectors)) if coefficients is None else coefficients
    terms = drift_terms(p, covectors, formulas)

    def evaluate(u):
        laplacian, *others = terms(u)
        return laplacian + sum(c * t for c, t in zip(drifts, others, strict=True))

    return evaluate


def window_response(p: Density, score: Score, temperature: float, radius: float, u, formulas):
    """(A - I) H of infinitely many tokens in closed windows of radius R, (n, c), at u (n, d).

    int_{|y-x|<=R} (H(y) - H(x)) exp(-f/T) p dV / int_{|y-x|<=R} exp(-f/T) p dV, by quadrature.
    """
    m, t = p.manifold, positive("temperature", temperature)
    nodes, weights = window_quadrature(m, u, radius)
    n, k, d = nodes.shape
    flat = nodes.reshape(-1, d)
    scores = score.paired(np.repeat(m.embed(u), k, axis=0), m.embed(flat)).reshape(n, k)
    weights = weights * p(flat).reshape(n, k) * np.exp((scores.min(axis=1)[:, None] - scores) / t)
    weights /= weights.sum(axis=1, keepdims=True)
    means = [(weights * m.function(h)(flat).reshape(n, k)).sum(axis=1) for h in formulas]
    return np.stack(means, axis=1) - values_of(m, formulas, u)


# --- (b): global attention as eps -> 0 ---


@dataclass(frozen=True)
class Transport:
    """Global attention as eps -> 0: the map x -> y*(x), the minimiser of f(x, .), and the expansion there ("Transport").

    Coordinates of queries u and of minimisers v are (n, d).
    """

    density: Density
    score: Score

    @cached_property
    def _in_chart(self):
        expression, v = self.score.in_chart(self.density.manifold)
        return expression, v, (*self.density.manifold.symbols, *v)

    @cached_property
    def _gradient(self):
        f, v, symbols = self._in_chart
        return compile_array(symbols, [sp.diff(f, s) for s in v], (len(v),))

    @cached_property
    def _hessian(self):
        f, v, symbols = self._in_chart
        return compile_array(symbols, [sp.diff(f, *s) for s in product(v, repeat=2)], (len(v),) * 2)

    @cached_property
    def _third(self):
        f, v, symbols = self._in_chart
        return compile_array(symbols, [sp.diff(f, *s) for s in product(v, repeat=3)], (len(v),) * 3)

    def minimisers(self, u, start=None, nodes: int = 64) -> np.ndarray:
        """y*(x), chart coordinates (n, d): Newton's method from `start` (n, d), by default the best of a grid.

        Raises InputError where it does not end in a non-degenerate minimum.
        """
        u, m = self.density.manifold.check_coordinates(u), self.density.manifold
        v = self._best_of_grid(u, nodes) if start is None else m.check_coordinates(start)
        for _ in range(40):
            both = np.hstack([u, v])
            try:
                step = np.linalg.solve(self._hessian(both), self._gradient(both)[:, :, None])[
                    :, :, 0
                ]
            except np.linalg.LinAlgError:
                raise InputError(
                    f"score {self.score.name}: f(x, .) has no curvature at {v[0]}, expected a non-degenerate minimum"
                ) from None
            v = v - step * np.minimum(
                1, 0.3 / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-300)
            )
        both = np.hstack([u, v])
        smallest, slope = (
            np.linalg.eigvalsh(self._hessian(both)).min(),
            np.abs(self._gradient(both)).max(),
        )
        if not (
            smallest > 1e-6
            and slope < 1e-9
            and all(
                axis.low < x.min() and x.max() < axis.high
                for axis, x in zip(m.axes, v.T, strict=True)
                if axis.kind == "pole"
            )
        ):
            raise InputError(
                f"score {self.score.name}: the minimum of f(x, .) has slope {slope:.2g} and curvature {smallest:.2g}, expected 0 and > 0"
            )
        return v

    def _best_of_grid(self, u, nodes):
        f, _, symbols = self._in_chart
        grid, evaluate = (
            chart_quadrature(self.density.manifold, nodes, self.density.support)[0],
            compile_array(symbols, [f], ()),
        )

        def lowest(x):
            queries = np.broadcast_to(x, grid.shape)
            scores = evaluate(np.hstack([queries, grid]))
            return grid[np.argmin(scores)]

        return np.array([lowest(x) for x in u])

    def terms(self, u, v, formulas, *, chart_volume: bool = True) -> list[np.ndarray]:
        """The three terms of C in A H(x) = H(y*) + eps C + O(eps^2), each (n, c) ("Transport").

        tr(F^-1 d2H)/2, <F^-1 d log q, dH> and -<F^-1 (F^-1 : d3f), dH>/2 at y*, all of them chart
        partials, q = p sqrt(det g). `chart_volume` False puts the invariant density p in place of
        q: chart partials mixed with covariant ones, a rival.
        """
        m, d = self.density.manifold, self.density.manifold.dim
        h, pairs = [m.expression("features", k) for k in formulas], product(m.symbols, repeat=2)
        log_q = self.density.log_expression + (sp.log(m.volume_expression) if chart_volume else 0)
        slopes = [sp.diff(k, s) for k in h for s in m.symbols]
        bends = [sp.diff(k, *s) for k, s in product(h, list(pairs))]
        first = compile_array(m.symbols, slopes, (len(h), d))(v)
        second = compile_array(m.symbols, bends, (len(h), d, d))(v)
        density_slope = compile_array(m.symbols, [sp.diff(log_q, s) for s in m.symbols], (d,))(v)
        both = np.hstack([u, v])
        inverse = np.linalg.inv(self._hessian(both))
        skew = np.einsum("nab,nbcd,ncd->na", inverse, self._third(both), inverse)
        return [
            np.einsum("nab,nkab->nk", inverse, second) / 2,
            np.einsum("nab,nb,nka->nk", inverse, density_slope, first),
            -np.einsum("na,nka->nk", skew, first) / 2,
        ]

    def shares(self, u, minima) -> np.ndarray:
        """Weights q(y_i) det(F_i)^(-1/2), normalised, of minima y_i of equal depth: (k, n) for minima (k, n, d) ("Transport").

        In chart partials, q = p sqrt(det g). Raises InputError if f is not equally deep in them.
        """
        m, (f, _, symbols) = self.density.manifold, self._in_chart
        score = compile_array(symbols, [f], ())
        depths = np.array([score(np.hstack([u, v])) for v in minima])
        apart = np.ptp(depths, axis=0).max()
        if apart > 1e-9:
            raise InputError(
                f"score {self.score.name}: its minima differ in depth by up to {apart:.2g}, "
                f"expected equal ones"
            )

        def weight(v):
            curvature = np.linalg.det(self._hessian(np.hstack([u, v])))
            return self.density(v) * m.volume(v) / np.sqrt(curvature)

        weights = np.array([weight(v) for v in minima])
        return weights / weights.sum(axis=0)


def sphere_transport(matrix, points) -> tuple[np.ndarray, np.ndarray]:
    """(y*, |W^T x|) for the dot product -x^T W y on the unit sphere: y* = W^T x/|W^T x|; points (n, D) ("Transport")."""
    pulled = finite_array("points", points, (None, None)) @ finite_array(
        "matrix", matrix, (None, None)
    )
    length = np.linalg.norm(pulled, axis=1)
    if not length.min() > 0:
        raise InputError("matrix: W^T x is 0 for some query, expected a unique largest score")
    return pulled / length[:, None], length


def sphere_terms(p: Density, formulas, v, length) -> list[np.ndarray]:
    """(Laplacian H)(y*)/(2 |W^T x|) and <grad log p, grad H>(y*)/(2 |W^T x|), each (n, c).

    The first and twice the second are the coefficient of eps for the dot product on the unit
    sphere ("Transport"): F = |W^T x| g and D^3 f = 0 there.
    """
    return [term / (2 * length[:, None]) for term in generator_terms(p, formulas)(v)]


# --- (c): high temperature ---


def high_temperature_terms(scores, features, weights=None) -> list[np.ndarray]:
    """[E H, Cov(f(x, .), H), E[(f - E f)^2 (H - E H)]], each (n, c) ("High temperature").

    A H is the first less the second over T and half the third over T^2, to second order. scores
    f (n, m), features H (m, c), weights (m,) of the mean E over the keys, by default equal.
    """
    f = finite_array("scores", scores, (None, None))
    h = finite_array("features", features, (f.shape[1], None))
    w = np.full(len(h), 1 / len(h)) if weights is None else weights / np.sum(weights)
    centred, t = h - w @ h, f - (f @ w)[:, None]
    mean = np.broadcast_to(w @ h, (len(f), h.shape[1]))
    return [mean, (t * w) @ centred, (t**2 * w) @ centred]
