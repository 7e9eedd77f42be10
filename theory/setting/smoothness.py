"""Where a formula in the chart is no smooth function on the manifold: singular or with a kink
inside, not closing up along a periodic axis, or not smooth at a pole.

Elementary functions are smooth but at the zeros of a few arguments (of |a|, log a, 1/a, a root), so
the question inside the chart is where those vanish; along its ends it is one of periodicity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp

from theory.setting.checks import shown
from theory.setting.expressions import compile_array

SINGULAR, KINK, TWO_VALUES = "singular", "kink", "two values"

# cells an axis where zeros are looked for: of a formula on M, or of a score on M x M
_GRID = {1: 1024, 2: 64, 3: 20, 4: 8, 6: 4}
_STARTS = 12  # local minima that are followed
_ZOOMS, _SHRINK = 45, 0.6  # of the cell about a minimum, to 1e-10 of it
# |g| at a minimum over |g| a cell away: a double zero comes down to rounding
_ZERO = 1e-8
_CLOSES = 1e-9  # of the largest value: rounding of what closes up is far less
_LINE = 10.0  # as far as an infinite axis is looked at
_NEAR_POLE = 0.01 / np.pi  # of an axis; harmonic k has fallen to 1e-2k there
_ANGLES = 16  # around a pole


@dataclass(frozen=True)
class Flaw:
    """Why a formula is no smooth function: `kind`, and `words` to follow its text."""

    kind: str
    words: str


def flaw(axes, expressions) -> Flaw | None:
    """What keeps formulas in the symbols of chart `axes` from being smooth on M, None if nothing.

    Looked for on a grid with its minima followed: a spike narrower than a cell may be missed.
    A kink is told from a jump: it closes up, its derivative, or that of a part, does not.
    """
    return _flaw(tuple(axes), tuple(map(sp.sympify, expressions)))


@lru_cache(maxsize=256)
def _flaw(axes, expressions):
    for expression in expressions:
        if found := inner_flaw(axes, expression, quoted=len(expressions) == 1):
            return found
    for expression in expressions:
        if found := _at_the_ends(axes, expression):
            return found
    return None


def zero_of(axes, expression, within=None) -> np.ndarray | None:
    """A chart point (d,) where a smooth function vanishes, None if it has one sign.

    within: (low, high) of each axis, by default all of it. Powers, products and exponentials are
    taken apart, so that the zeros of x**2 are those of x, where the sign changes.
    """
    within = tuple(within or ranges(axes))
    for factor in _factors(sp.sympify(expression)):
        zero = zero_of_values(compile_array([a.symbol for a in axes], [factor], ()), within)
        if zero is not None:
            return zero
    return None


def zero_of_values(evaluate, within) -> np.ndarray | None:
    """A point (d,) within [(low, high), ...] where a function u (n, d) -> (n,) vanishes, or None.

    Between a positive and a negative value of a grid there is one; else the lowest local minima of
    |g| are followed.
    """
    low, high = np.array(within, dtype=np.float64).T
    grid = _grid(within)
    points = grid.reshape(-1, len(low))
    values = evaluate(points)
    values = np.where(np.isfinite(values), values, np.nan)
    if np.isnan(values).all():
        return None
    least, most = int(np.nanargmin(values)), int(np.nanargmax(values))
    if values[least] < 0 < values[most]:
        return _sign_change(evaluate, points[least], points[most])
    size = np.where(np.isnan(values), np.inf, np.abs(values))
    starts = points[_lowest_minima(size.reshape(grid.shape[:-1]))]
    return _followed(evaluate, starts, (high - low) / _GRID[len(low)], low, high)


def place(axes, u) -> str:
    """A chart point in words."""
    return ", ".join(f"{a.symbol} = {round(x, 9) + 0.0:.4g}" for a, x in zip(axes, u, strict=True))


def ranges(axes) -> list[tuple[float, float]]:
    """(low, high) of each axis, an infinite one cut off."""
    return [
        (max(a.low, -_LINE), min(a.high, _LINE)) if a.kind == "infinite" else (a.low, a.high)
        for a in axes
    ]


# --- inside the chart ---


def inner_flaw(axes, expression, quoted: bool = False) -> Flaw | None:
    """What keeps a formula from being smooth inside the chart, whatever it does at its ends.

    quoted: the caller quotes the formula as it was typed, so that only a part of it is named.
    """
    # where a formula is singular, a kink of one of its parts is not what matters
    critical = sorted(_critical(expression), key=lambda found: found[0] == KINK)
    for kind, part, argument in critical:
        zero = zero_of(axes, argument)
        if zero is not None:
            words = {SINGULAR: "is singular", KINK: "has a kink"}[kind]
            named, part = _exact(expression), _exact(part)
            within = "" if quoted and part == named else f", in {shown(str(part), 40)}"
            return Flaw(kind, f"{words} at {place(axes, zero)}{within}")
    points = _grid(ranges(axes)).reshape(-1, len(axes))
    values = compile_array([a.symbol for a in axes], [expression], ())(points)
    bad = ~np.isfinite(values)
    if bad.any():
        where = place(axes, points[np.argmax(bad)])
        return Flaw(SINGULAR, f"is {values[np.argmax(bad)]:g} at {where}")
    return None


def _exact(e):
    """Without the factors 1.0 of unit radii."""
    return e.xreplace({f: sp.Integer(int(f)) for f in e.atoms(sp.Float) if float(f).is_integer()})


def _critical(e):
    """(kind, part, argument): each part of a formula that is not smooth where its argument is 0.

    The innermost come first. Every kink counts, that of |a|^3 in its third derivative too: the
    densities and features of the claims are smooth, and SymPy's second derivative of it no function.
    """
    if not e.free_symbols:
        return
    for inner in e.args:
        yield from _critical(inner)
    base, power = e.args if isinstance(e, sp.Pow) else (None, None)
    if isinstance(e, sp.Abs):
        yield KINK, e, e.args[0]
    elif isinstance(e, sp.log):
        yield SINGULAR, e, e.args[0]
    elif isinstance(e, sp.tan):
        yield SINGULAR, e, sp.cos(e.args[0])
    elif isinstance(e, sp.asin | sp.acos):
        yield KINK, e, (1 - e.args[0]) * (1 + e.args[0])
    elif base is not None and base.free_symbols:
        if power.free_symbols or float(power) < 0:
            yield SINGULAR, e, base
        elif not float(power).is_integer():
            yield KINK, e, base


def _factors(e):
    """What vanishes wherever e does: e itself, or the factors of a product, the base of a power."""
    if isinstance(e, sp.Mul):
        return [f for part in e.args for f in _factors(part)]
    if isinstance(e, sp.Pow) and not e.exp.free_symbols and e.base.free_symbols:
        return _factors(e.base)
    never = isinstance(e, sp.exp) or (isinstance(e, sp.Pow) and not e.base.free_symbols)
    return [] if never or (not e.free_symbols and e != 0) else [e]


def _grid(within):
    """Points with the ends of the ranges, (n + 1, ..., d)."""
    lines = [np.linspace(a, b, _GRID[len(within)] + 1) for a, b in within]
    return np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1)


def _sign_change(evaluate, below, above):
    for _ in range(60):
        middle = (below + above) / 2
        if evaluate(middle[None])[0] < 0:
            below = middle
        else:
            above = middle
    return above


def _lowest_minima(size):
    """Flat indices of the lowest local minima of an array, one a plateau or so."""
    padded = np.pad(size, 1, constant_values=np.inf)
    inner = tuple(slice(1, -1) for _ in range(size.ndim))
    low = np.ones(size.shape, dtype=bool)
    for k in range(size.ndim):
        # of equal neighbours the first is taken
        low &= (size < np.roll(padded, 1, axis=k)[inner]) & (
            size <= np.roll(padded, -1, axis=k)[inner]
        )
    candidates = np.flatnonzero(low)
    candidates = np.append(candidates, np.argmin(size))
    return candidates[np.argsort(size.ravel()[candidates])][:_STARTS]


def _followed(evaluate, centres, width, low, high):
    """The first start (k, d) whose minimum of |g|, followed in ever smaller cells, is a zero."""
    k, d = centres.shape
    offsets = np.stack(np.meshgrid(*[[-1, -0.5, 0, 0.5, 1]] * d, indexing="ij"), axis=-1)
    offsets = offsets.reshape(-1, d)
    around = None
    for _ in range(_ZOOMS):
        tried = np.clip(centres[:, None, :] + offsets * width, low, high)
        values = np.abs(evaluate(tried.reshape(-1, d))).reshape(k, -1)
        values = np.where(np.isfinite(values), values, np.inf)
        if around is None:
            around = np.where(np.isfinite(values), values, 0).max(axis=1)
        best = values.argmin(axis=1)
        centres, width = tried[np.arange(k), best], _SHRINK * width
    zeros = np.flatnonzero(values[np.arange(k), best] <= _ZERO * around)
    return centres[zeros[0]] if len(zeros) else None


# --- at the ends of its axes ---


def _at_the_ends(axes, expression):
    if not any(axis.symbol in expression.free_symbols for axis in axes):
        return None
    function = compile_array([a.symbol for a in axes], [expression], ())
    inside = _scattered(axes)
    scale = np.abs(function(inside)).max()
    for k, axis in enumerate(axes):
        if axis.kind == "periodic" and (found := _along_circle(axes, k, function, inside, scale)):
            return found
        for sign, end, turn in zip((1, -1), (axis.low, axis.high), axis.turns or (), strict=False):
            found = _at_pole(axes, (k, sign, end, turn), function, inside, scale)
            if found:
                return found
    return None


def _along_circle(axes, k, function, inside, scale):
    axis = axes[k]
    ends = [_moved(inside, k, end) for end in (axis.low, axis.high)]
    first, last = map(function, ends)
    apart = np.abs(first - last)
    worst = int(np.argmax(apart))
    if not apart[worst] <= _CLOSES * scale:
        return Flaw(
            TWO_VALUES,
            f"does not close up along {axis.symbol}: it is {first[worst]:.4g} at {axis.symbol} = "
            f"{axis.low:.4g} and {last[worst]:.4g} at {axis.high:.4g}, the same point",
        )
    turned = inside.copy()
    turned[:, k] += axis.length
    # tokens and windows cross the end, where the formula is evaluated beyond it
    if not np.abs(function(turned) - function(inside)).max() <= _CLOSES * scale:
        return Flaw(
            KINK,
            f"has a kink at {axis.symbol} = {axis.low:.4g}: it closes up there but does not go on "
            f"with the period {axis.length:.4g}",
        )
    return None


def _at_pole(axes, pole, function, inside, scale):
    """In polar coordinates: one value at the pole, f(-s, turn + half) = f(s, turn), and harmonic k
    of the turn of order s^k.
    """
    k, sign, end, turn = pole
    axis, circle = axes[k], axes[turn]
    at_pole = _moved(inside, k, end)
    angles = circle.low + circle.length * np.arange(_ANGLES) / _ANGLES
    around = function(_turned(at_pole[:1], turn, angles))
    where = f"the pole {axis.symbol} = {end:.4g}"
    if not np.ptp(around) <= _CLOSES * scale:
        return Flaw(
            TWO_VALUES,
            f"has several values at {where}: {around.min():.4g} to {around.max():.4g}, expected "
            f"one for all {circle.symbol}",
        )
    s = sign * 0.3 * np.abs(inside[:, k] - end)
    near, across = _moved(inside, k, end + s), _moved(inside, k, end - s)
    across[:, turn] += circle.length / 2
    even = np.abs(function(near) - function(across)).max() <= _CLOSES * scale
    if even and (sizes := _harmonics(function, at_pole[:1], pole, axis.length, angles)) is not None:
        wide, narrow = sizes
        orders = np.arange(len(wide))
        seen = (orders >= 2) & (wide > 1e-11 * scale)
        with np.errstate(all="ignore"):
            even = not (np.log2(wide / narrow) < orders - 0.5)[seen].any()
    return None if even else Flaw(KINK, f"has a kink at {where}, as a cone has")


def _harmonics(function, at_pole, pole, length, angles):
    k, sign, end, turn = pole
    found = []
    for share in (1.0, 0.5):
        ring = _moved(at_pole, k, end + sign * share * _NEAR_POLE * length)
        found.append(np.abs(np.fft.rfft(function(_turned(ring, turn, angles))))[:-1] / len(angles))
    return found


def _moved(u, k, value):
    u = u.copy()
    u[:, k] = value
    return u


def _turned(u, k, values):
    u = np.repeat(u, len(values), axis=0)
    u[:, k] = values
    return u


def _scattered(axes):
    """Chart points (37, d) off every symmetric position."""
    steps = np.array([0.6180339887498949, 0.7548776662466927, 0.8191725133961645])[: len(axes)]
    low, high = np.array(ranges(axes), dtype=np.float64).T
    return low + (0.5 + np.arange(1, 38)[:, None] * steps) % 1.0 * (high - low)
