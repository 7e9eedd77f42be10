"""Densities of tokens with respect to the Riemannian volume: a formula, normalised, with its
log-gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy as sp

from theory.setting.checks import InputError
from theory.setting.expressions import compile_array
from theory.setting.manifolds import Manifold
from theory.setting.pickling import WithoutCaches
from theory.setting.quadrature import chart_quadrature

_NODES = {1: (256, 512, 1024, 2048, 4096), 2: (48, 96, 192, 384), 3: (20, 40, 80)}
_LOOK = 20  # modes are looked for this many times as far out as the support
_TAIL = 45.0  # a tail below exp(-45) of the maximum, 3e-20, holds no token


@dataclass(frozen=True)
class Density(WithoutCaches):
    """p on M: proportional to `expression` in the chart symbols, with integral p dV_g = 1."""

    manifold: Manifold
    expression: sp.Expr
    total: float
    support: tuple[tuple[float, float], ...]

    def __call__(self, u) -> np.ndarray:
        """p at chart points u (n, d), shape (n,), in units of 1/volume."""
        return self._evaluate(self.manifold.check_coordinates(u)) / self.total

    def log_gradient(self, u) -> np.ndarray:
        """d(log p)/du^a at u (n, d), shape (n, d): the covector, not yet raised by the metric."""
        return self._log_gradient(self.manifold.check_coordinates(u))

    @property
    def log_expression(self) -> sp.Expr:
        """log p up to a constant."""
        return sp.log(self.expression)

    @cached_property
    def is_uniform(self) -> bool:
        return not self.expression.free_symbols

    @cached_property
    def _evaluate(self):
        return compile_array(self.manifold.symbols, [self.expression], ())

    @cached_property
    def _log_gradient(self):
        gradient = [sp.diff(self.log_expression, s) for s in self.manifold.symbols]
        return compile_array(self.manifold.symbols, gradient, (self.manifold.dim,))


def density(manifold: Manifold, formula: str | sp.Expr = "uniform") -> Density:
    """The density on `manifold` proportional to `formula`, or "uniform".

    A formula may use the chart symbols and the ambient coordinates (`Manifold.names`), for instance
    "1 + cos(t)/2" on the circle or "exp(z)" on the sphere. Raises InputError if it is negative,
    zero, not finite or not integrable anywhere on the manifold.
    """
    if not isinstance(manifold, Manifold):
        raise InputError(
            f"manifold: got {manifold!r}, expected a Manifold such as "
            "theory.setting.manifolds.manifold('circle') gives"
        )
    if isinstance(formula, str) and formula.strip() == "uniform":
        formula = sp.Integer(1)
    expression = manifold.expression("density", formula)
    extra = expression.free_symbols - set(manifold.symbols)
    if extra:
        raise InputError(f"density: {expression} uses {extra}, expected only {manifold.symbols}")
    evaluate = compile_array(manifold.symbols, [expression], ())
    support = tuple(_support(axis, evaluate, expression) for axis in manifold.axes)
    return Density(
        manifold, expression, _integral(manifold, evaluate, support, expression), support
    )


def _integral(manifold, evaluate, support, expression):
    previous = None
    for n in _NODES[manifold.dim]:
        u, w = chart_quadrature(manifold, n, support)
        values = evaluate(u)
        _check_positive(values, u, manifold, expression)
        total = float(values @ w)
        if previous is not None and abs(total - previous) <= 1e-11 * abs(total):
            return total
        earlier, previous = previous, total
    raise InputError(
        f"density: {expression} is not normalisable on {manifold.name}: refining the quadrature "
        "moves its integral "
        f"from {earlier:.6g} to {previous:.6g}"
    )


def _check_positive(values, u, manifold, expression):
    worst = int(np.argmin(np.where(np.isfinite(values), values, -np.inf)))
    if not (np.isfinite(values[worst]) and values[worst] > 0):
        where = ", ".join(f"{s} = {x:.4g}" for s, x in zip(manifold.symbols, u[worst], strict=True))
        raise InputError(
            f"density: {expression} is {values[worst]:.4g} at {where}, expected a finite value > 0 "
            "everywhere"
        )


def _support(axis, evaluate, expression):
    if axis.kind != "infinite":
        return (axis.low, axis.high)
    reach = 1.0
    while reach < 1e6:
        near = np.linspace(-reach, reach, 4001)
        # as dense a look far outside, so that a second mode beyond a gap is not lost
        wide = np.linspace(-_LOOK * reach, _LOOK * reach, 4000 * _LOOK + 1)
        values, beyond = evaluate(near[:, None]), evaluate(wide[:, None])
        if np.isfinite(values).all() and values.max() > 0:
            least = np.exp(-_TAIL) * max(values.max(), np.nanmax(beyond))
            outside = np.abs(wide) >= 0.9 * reach
            if np.isfinite(beyond).all() and (beyond[outside] < least).all():
                held = near[values > least]
                return (float(held[0]), float(held[-1]))
        reach *= 1.5
    raise InputError(
        f"density: {expression} is not normalisable on the line: it does not decay for |u| up to "
        "1e6"
    )
