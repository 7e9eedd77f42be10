"""Densities of tokens with respect to the Riemannian volume: a formula, normalised, with its
log-gradient.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import sympy as sp

from theory.setting.checks import InputError, shown
from theory.setting.expressions import compile_array
from theory.setting.manifolds import Manifold
from theory.setting.pickling import WithoutCaches
from theory.setting.quadrature import chart_quadrature
from theory.setting.smoothness import SINGULAR, flaw, place, ranges, zero_of

_NODES = {1: (256, 512, 1024, 2048, 4096), 2: (48, 96, 192, 384), 3: (20, 40, 80)}
# the last step of the quadrature over the one before: 2^-a for a singularity of integrable order
# 1 - a, so that it stays above this for a < 0.03 only, and where the integral is infinite
_DIVERGES = 0.98
_LOOK = 20  # modes are looked for this many times as far out as the support
_TAIL = 45.0  # a tail below exp(-45) of the maximum, 3e-20, holds no token


@dataclass(frozen=True)
class Density(WithoutCaches):
    """p on M: proportional to `expression` in the chart symbols, with integral p dV_g = 1."""

    manifold: Manifold
    expression: sp.Expr
    total: float
    support: tuple[tuple[float, float], ...]
    text: str = field(default="", compare=False)  # the formula as it was given

    def __repr__(self):
        formula = "uniform" if self.is_uniform else self.formula
        return f"<Density {formula} on {self.manifold.name}, dimension {self.manifold.dim}>"

    @property
    def formula(self) -> str:
        """As a message quotes it."""
        return shown(self.text or str(self.expression))

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
    "1 + cos(t)/2" on the circle or "exp(z)" on the sphere. Raises InputError unless it is a smooth
    function on the manifold (one value at each point, no kink: the drift is its log-gradient),
    finite and positive everywhere, and normalisable.
    """
    if not isinstance(manifold, Manifold):
        raise InputError(
            f"manifold: got {shown(manifold)}, expected a Manifold such as "
            "theory.setting.manifolds.manifold('circle') gives"
        )
    if isinstance(formula, str) and formula.strip() == "uniform":
        formula = sp.Integer(1)
    expression = manifold.expression("density", formula)
    extra = expression.free_symbols - set(manifold.symbols)
    if extra:
        raise InputError(
            f"density: {shown(str(expression))} uses {extra}, expected only {manifold.symbols}"
        )
    return _checked(manifold, expression, formula if isinstance(formula, str) else str(formula))


@lru_cache(maxsize=256)
def _checked(manifold, expression, text):
    name = shown(text)
    if found := flaw(manifold.axes, [expression]):
        expected = "a smooth function on the manifold"
        if found.kind == SINGULAR and _diverges(manifold, expression):
            expected += f"; it is not normalisable on {manifold.name}"
        elif found.kind == SINGULAR:
            expected += ", with a finite value > 0 everywhere"
        raise InputError(f"density: {name} {found.words}, expected {expected}")
    p = derived_density(manifold, expression, text)
    zero = zero_of(manifold.axes, expression, p.support)
    if zero is not None:
        raise InputError(
            f"density: {name} is 0 at {place(manifold.axes, zero)}, expected a finite value > 0 "
            "everywhere"
        )
    return p


def require_density(value) -> Density:
    """Return `value`, or raise InputError unless it is a Density."""
    if not isinstance(value, Density):
        raise InputError(
            f"density: got {shown(value)}, expected a Density such as "
            "theory.setting.densities.density(manifold, 'exp(z)') gives"
        )
    return value


def derived_density(manifold: Manifold, expression: sp.Expr, text: str = "") -> Density:
    """The density proportional to an expression that was made from a density and from the metric.

    Such a ratio may be 0/0 at a pole of the chart, so only its values at quadrature nodes are
    looked at. Raises InputError where one is not finite and positive, and if the sum of them does
    not settle.
    """
    name = shown(text or str(expression))
    evaluate = compile_array(manifold.symbols, [expression], ())
    support = tuple(_support(axis, evaluate, name) for axis in manifold.axes)
    sums = []
    for n in _NODES[manifold.dim]:
        u, w = chart_quadrature(manifold, n, support)
        values = evaluate(u)
        _check_positive(values, u, manifold, name)
        sums.append(float(values @ w))
        if len(sums) > 1 and abs(sums[-1] - sums[-2]) <= 1e-11 * abs(sums[-1]):
            return Density(manifold, expression, sums[-1], support, text)
    steps = f"refining the quadrature moves its integral from {sums[-2]:.6g} by {_step(sums):.2g}"
    if _grows(sums):
        raise InputError(f"density: {name} is not normalisable on {manifold.name}: {steps}")
    raise InputError(
        f"density: {name} is too sharp or too rough on {manifold.name} for {_NODES[manifold.dim][-1]}"
        f" nodes an axis: {steps}; expected a smoother one"
    )


def _diverges(manifold, expression):
    """Whether the integral of an expression with a singularity grows without bound."""
    evaluate = compile_array(manifold.symbols, [expression], ())
    sums = []
    for n in _NODES[manifold.dim]:
        u, w = chart_quadrature(manifold, n, ranges(manifold.axes))
        with np.errstate(over="ignore"):  # a sum beyond all floats has diverged
            sums.append(float(np.nan_to_num(np.abs(evaluate(u))) @ w))
    return _grows(sums)


def _grows(sums):
    before, last = abs(sums[-2] - sums[-3]), abs(_step(sums))
    return not np.isfinite(sums[-1]) or last > max(_DIVERGES * before, 1e-6 * abs(sums[-1]))


def _step(sums):
    return sums[-1] - sums[-2]


def _check_positive(values, u, manifold, name):
    worst = int(np.argmin(np.where(np.isfinite(values), values, -np.inf)))
    if not (np.isfinite(values[worst]) and values[worst] > 0):
        raise InputError(
            f"density: {name} is {values[worst]:.4g} at {place(manifold.axes, u[worst])}, expected "
            "a finite value > 0 everywhere"
        )


def _support(axis, evaluate, name):
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
        f"density: {name} is not normalisable on the line, or its tails are too heavy: for |u| up "
        f"to 1e6 they stay above {np.exp(-_TAIL):.0e} of its maximum; expected, for instance, "
        "exp(-u**2/2)"
    )
