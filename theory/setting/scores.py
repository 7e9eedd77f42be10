"""Scores given as formulas: f(x, y) in the coordinates x1..xD of the query and y1..yD of the key.

One formula serves both sides: compiled, it is the pseudo-metric of an attention operator; pulled
back to a chart, SymPy differentiates it for the predictions of docs/theory.md, "First-order
analysis".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import sympy as sp

from theory.setting.checks import InputError, finite_array, shown, whole
from theory.setting.expressions import compile_array, parse
from theory.setting.manifolds import Manifold
from theory.setting.pickling import WithoutCaches
from theory.setting.pseudo_metrics import PseudoMetric, dot_product, user_function
from theory.setting.quadrature import chart_quadrature


@dataclass(frozen=True)
class PointFormula(WithoutCaches):
    """An expression in `query_symbols(D)` and `key_symbols(D)` as a function of two points (D,)."""

    expression: sp.Expr
    ambient_dim: int

    @cached_property
    def py_func(self):
        """The plain function f(x, y), for a compiler."""
        places = {s: sp.Symbol(f"x[{k}]") for k, s in enumerate(query_symbols(self.ambient_dim))}
        places |= {s: sp.Symbol(f"y[{k}]") for k, s in enumerate(key_symbols(self.ambient_dim))}
        body = sp.Float(1) * self.expression.xreplace(places)
        return sp.lambdify(sp.symbols("x y"), body, modules="math")

    def __call__(self, x, y):
        return self.py_func(x, y)


@dataclass(frozen=True, eq=False)
class Score(WithoutCaches):
    """f(x, y) on R^D: an expression in `query_symbols(D)` and `key_symbols(D)`; `matrix` is W where
    f = -x^T W y.
    """

    name: str
    expression: sp.Expr
    ambient_dim: int
    matrix: np.ndarray | None = field(default=None)

    @cached_property
    def pseudo_metric(self) -> PseudoMetric:
        """f as an attention operator takes it."""
        if self.matrix is not None:
            return dot_product(self.matrix)
        return user_function(PointFormula(self.expression, self.ambient_dim), self.name)

    def in_chart(self, manifold: Manifold) -> tuple[sp.Expr, tuple[sp.Symbol, ...]]:
        """f(X(u), X(v)) as an expression in the chart symbols u of the query and v of the key, and
        the symbols v.
        """
        if manifold.ambient_dim != self.ambient_dim:
            raise InputError(
                f"score: got a formula on R^{self.ambient_dim}, expected one on "
                f"R^{manifold.ambient_dim} for {manifold.name}"
            )
        v = key_chart(manifold)
        there = dict(zip(manifold.symbols, v, strict=True))
        at_query = zip(query_symbols(self.ambient_dim), manifold.embedding, strict=True)
        at_key = (
            (s, e.xreplace(there))
            for s, e in zip(key_symbols(self.ambient_dim), manifold.embedding, strict=True)
        )
        return self.expression.xreplace(dict([*at_query, *at_key])), v

    def key_slope(self, manifold: Manifold) -> tuple[sp.Expr, ...]:
        """d f(X(u), X(v))/dv^a at v = u: the tangential grad_y f at y = x, as a covector in the
        chart.
        """
        expression, v = self.in_chart(manifold)
        there = dict(zip(v, manifold.symbols, strict=True))
        return tuple(sp.diff(expression, s).xreplace(there) for s in v)

    def key_curvature(self, manifold: Manifold, nodes: int = 12) -> float:
        """A bound of the second derivatives of f in the key: the largest eigenvalue of Hess_y f.

        In absolute value, with respect to the metric, in the chart, over a grid of pairs.
        """
        expression, v = self.in_chart(manifold)
        hessian = [sp.diff(expression, a, b) for a in v for b in v]
        evaluate = compile_array((*manifold.symbols, *v), hessian, (len(v),) * 2)
        grid = chart_quadrature(manifold, nodes)[0]
        n = len(grid)
        queries, keys = np.repeat(grid, n, axis=0), np.tile(grid, (n, 1))
        inverse = np.tile(manifold.inverse_metric(grid), (n, 1, 1))
        second = inverse @ evaluate(np.hstack([queries, keys]))
        if not np.isfinite(second).all():
            raise InputError(
                f"score: {shown(self.name)} has no finite second derivatives in the key on "
                f"{manifold.name}, expected a smooth one of moderate size"
            )
        curvatures = np.linalg.eigvals(second)
        return float(np.abs(curvatures).max())

    def paired(self, x, y) -> np.ndarray:
        """f(x_i, y_i) of points x (n, D) and y (n, D), shape (n,): the formula, in NumPy."""
        return self._evaluate(np.hstack([x, y]))

    @property
    def exchanged(self) -> Score:
        """f(y, x): the score with query and key exchanged, W transposed."""
        x, y = query_symbols(self.ambient_dim), key_symbols(self.ambient_dim)
        swap = dict(zip(x + y, y + x, strict=True))
        matrix = None if self.matrix is None else self.matrix.T
        return Score(
            f"{self.name}, exchanged", self.expression.xreplace(swap), self.ambient_dim, matrix
        )

    @cached_property
    def _evaluate(self):
        symbols = query_symbols(self.ambient_dim) + key_symbols(self.ambient_dim)
        return compile_array(symbols, [self.expression], ())


def score(formula: str, ambient_dim: int, name: str = "score") -> Score:
    """The score with this formula, such as "(x1 - y2)**2 + x1*y1/3"; raises InputError, with the
    `name` of the option, for one that cannot be read.
    """
    dim = whole("ambient_dim", ambient_dim, 1)
    names = {str(s): s for s in (*query_symbols(dim), *key_symbols(dim))}
    parsed = parse(name, formula, names)
    if isinstance(parsed, sp.Tuple):
        raise InputError(f"{name}: got the tuple {shown(formula)}, expected one formula")
    return Score(formula, parsed, dim)


def bilinear(matrix) -> Score:
    """f(x, y) = -x^T W y for W (D, D), the score of self-attention with W = W_Q^T W_K."""
    w = finite_array("matrix", matrix, (None, None))
    if w.shape[0] != w.shape[1]:
        raise InputError(f"matrix: got shape {w.shape}, expected a square one")
    x, y = sp.Matrix(query_symbols(len(w))), sp.Matrix(key_symbols(len(w)))
    return Score("-x^T W y", -(x.T * sp.Matrix(w) * y)[0], len(w), w)


def query_symbols(dim: int) -> tuple[sp.Symbol, ...]:
    """x1..xD."""
    return sp.symbols(f"x1:{dim + 1}", real=True)


def key_symbols(dim: int) -> tuple[sp.Symbol, ...]:
    """y1..yD."""
    return sp.symbols(f"y1:{dim + 1}", real=True)


def key_chart(manifold: Manifold) -> tuple[sp.Symbol, ...]:
    """Symbols v for the chart coordinates of a key, beside those of the query."""
    return tuple(sp.Symbol(f"{s}_key", real=True) for s in manifold.symbols)
