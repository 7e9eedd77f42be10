"""Hypotheses of the claims, checked before anything is computed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import sympy as sp

from theory.setting.checks import InputError, shown, whole
from theory.setting.densities import Density
from theory.setting.expressions import compile_array
from theory.setting.geometry import laplacian
from theory.setting.manifolds import Manifold, manifold
from theory.setting.quadrature import chart_quadrature
from theory.setting.scores import Score
from theory.setting.smoothness import KINK, flaw

# what a last step may change of a density, in units of itself, and where that is looked for: true
# claims are refuted from 0.5 on, and references have up to 0.03
MOST_CHANGE = 0.2
LOOKED_AT = {1: 2048, 2: 128, 3: 24}
MOST_LEVELS = 16  # each level halves a step, so more would reach rounding


def require_closed(m: Manifold, claim: str) -> Manifold:
    """Raise InputError unless `m` is closed, a hypothesis of the claim."""
    if not m.closed:
        raise InputError(
            f"manifold: got {m.name}, expected a closed one: "
            f"the claim {claim!r} is false at a boundary"
        )
    return m


def require_varying(p: Density, claim: str) -> Density:
    """Raise InputError for a uniform density, whose drift cannot be measured."""
    if p.is_uniform:
        raise InputError(
            f"density: got a uniform one, expected one that varies: "
            f"the claim {claim!r} measures the drift that it causes"
        )
    return p


def require_resolved(p: Density, clock: float, m: Manifold | None = None) -> Density:
    """Raise InputError for a density that varies within the reach of the last kernel of a study.

    A step of this clock moves what it smooths by clock times the Laplacian, and limits are told
    from steps that move it little: where a density is rougher, the last levels say nothing of the
    limit, and a true claim would be refuted. m: a manifold with another metric than that of p.
    """
    roughness = _roughness(m or p.manifold, p.expression)
    if not clock * roughness <= MOST_CHANGE:
        raise InputError(
            f"density: got {p.formula}, too rough on {p.manifold.name} for a last step of clock "
            f"{clock:.3g}: (Laplacian p)/p reaches {roughness:.3g}, expected at most "
            f"{MOST_CHANGE / clock:.3g}: a smoother one, or a smaller last step"
        )
    return p


@lru_cache(maxsize=256)
def _roughness(m, expression):
    """The largest |Laplacian p|/p, at the nodes of a quadrature (none is at a pole)."""
    u = chart_quadrature(m, LOOKED_AT[m.dim])[0]
    with np.errstate(all="ignore"):
        values = compile_array(m.symbols, [laplacian(m, expression) / expression], ())(u)
    return float(np.abs(values).max()) if np.isfinite(values).all() else np.inf


def require_function(m: Manifold, name: str, formula, kinks: bool = False) -> sp.Expr:
    """The expression of a formula that is a smooth function on M, of the option `name`.

    Raises InputError for one with several values at a point (along a periodic axis, at a pole), a
    singular one, and, unless `kinks` do no harm, one with a kink: L H has its second derivatives.
    """
    h = m.expression(name, formula)
    given = shown(formula if isinstance(formula, str) else str(formula))
    if extra := h.free_symbols - set(m.symbols):
        raise InputError(f"{name}: {given} uses {extra}, expected {m.symbols}")
    found = flaw(m.axes, [h])
    if found and not (kinks and found.kind == KINK):
        raise InputError(
            f"{name}: {given} {found.words}; expected a smooth function on {m.name}, such as "
            f"sin(x1) + x2"
        )
    return h


def check_manifolds(specs: tuple[str, ...], option: str = "manifold") -> tuple[str, ...]:
    """The manifolds of a study, each named once: results are kept by their names.

    option: the one that names them.
    """
    if not specs or len(set(specs)) < len(specs):
        given = ", ".join(specs) or "none"
        raise InputError(f"{option}: got {given}, expected one or more, each named once")
    for spec in specs:
        manifold(spec, option)
    return specs


def check_levels(name: str, value: int) -> int:
    """A number of levels of a convergence study, four to MOST_LEVELS."""
    if whole(name, value, 4) > MOST_LEVELS:
        raise InputError(
            f"{name}: got {shown(value)}, expected at most {MOST_LEVELS}: each halves the step"
        )
    return value


def require_unique_minimum(score: Score, m: Manifold, u, nodes: int = 48) -> None:
    """Raise InputError unless f(x, .) has one deepest minimum, not flat, for each query u (n, d).

    Looked for on a grid: its other local minima must lie higher than a hundredth of the range of f,
    and f must rise about the deepest in every direction. m: a manifold whose axes are periodic.
    """
    count = nodes**2 if m.dim == 1 else nodes
    grid = chart_quadrature(m, count)[0]
    x, y, shape = m.embed(u), m.embed(grid), (count,) * m.dim
    for query in x:
        f = score.paired(np.tile(query, (len(y), 1)), y).reshape(shape)
        if not np.isfinite(f).all():
            raise InputError(
                f"score: {shown(score.name)} is not finite on {m.name}, expected it to be"
            )
        around = [np.roll(f, s, axis=k) for k in range(m.dim) for s in (1, -1)]
        lowest = np.sort(f[np.all([f <= other for other in around], axis=0)])
        gap = 0.01 * np.ptp(f)
        if not gap > 0 or (len(lowest) > 1 and lowest[1] < lowest[0] + gap):
            raise InputError(
                f"score: {shown(score.name)} has several deepest minima on {m.name} for the query "
                f"{query.round(3)}, expected one"
            )
