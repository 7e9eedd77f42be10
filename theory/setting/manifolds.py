"""Manifolds: a chart, an embedding, the metric tensor it induces, and the volume.

A manifold is its embedding X(u). The metric g_ab = dX/du^a . dX/du^b is differentiated
symbolically, so a new closed curve or surface is one line:

    trefoil = closed_curve("trefoil", "(sin(u) + 2*sin(2*u), cos(u) - 2*cos(2*u), -sin(3*u))")
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy as sp

from theory.setting.checks import (
    InputError,
    finite_array,
    one_of,
    real,
    shortened,
    shown,
    value_of,
    within,
)
from theory.setting.crossings import crossing
from theory.setting.expressions import compile_array, parse
from theory.setting.pickling import WithoutCaches
from theory.setting.smoothness import flaw, place, ranges, zero_of_values

END_KINDS = ("periodic", "wall", "infinite", "pole")
SIZES = (1e-6, 1e6)  # of a radius or a length: their fourth powers stay exact in float64
_CAP = 0.02  # of an axis with poles, left out where the metric is looked at
MOST_NAME = 48  # characters of the name of an embedding, in messages


@dataclass(frozen=True)
class Axis:
    """One chart coordinate, running from `low` to `high`.

    kind: "periodic" (low and high are one point), "wall" (the manifold has a boundary at both
    ends), "infinite" (the real line) or "pole" (the manifold closes smoothly at both ends, where a
    periodic axis collapses to a point: `turns` holds the index of that axis at the low and at the
    high end).
    """

    symbol: sp.Symbol
    low: float
    high: float
    kind: str = "periodic"
    turns: tuple[int, int] | None = None

    def __post_init__(self):
        one_of("axis kind", self.kind, END_KINDS)
        if not self.low < self.high:
            raise InputError(
                f"axis {self.symbol}: got the range [{self.low}, {self.high}], expected low < high"
            )
        if (self.kind == "pole") != (self.turns is not None):
            raise InputError(f"axis {self.symbol}: `turns` goes with kind 'pole' and with no other")

    @property
    def length(self) -> float:
        return self.high - self.low


@dataclass(frozen=True)
class Manifold(WithoutCaches):
    """An embedded Riemannian manifold M of dimension d in R^D, in one chart.

    `embedding` holds D expressions in the chart symbols. `closed_form_metric`, where given,
    replaces the differentiated metric (the tests hold the two against each other).
    """

    name: str
    axes: tuple[Axis, ...]
    embedding: tuple[sp.Expr, ...]
    closed_form_metric: sp.ImmutableMatrix | None = None

    def __post_init__(self):
        if not 1 <= len(self.axes) <= 3:
            raise InputError(f"{self.name}: got {len(self.axes)} chart axes, expected 1, 2 or 3")
        for axis in self.axes:
            for turn in axis.turns or ():
                if self.axes[turn].kind != "periodic":
                    raise InputError(
                        f"{self.name}: axis {axis.symbol} has a pole about "
                        f"{self.axes[turn].symbol}, which is not periodic"
                    )
        extra = set().union(*(e.free_symbols for e in self.embedding)) - set(self.symbols)
        if extra:
            raise InputError(
                f"{self.name}: the embedding uses {extra}, expected only {self.symbols}"
            )
        if any(not isinstance(e, sp.Expr) for e in self.embedding):
            raise InputError(f"{self.name}: got {self.embedding}, expected a tuple of formulas")
        u = self._probe_points()
        finite_array(
            f"{self.name}: embedding at probe points", self.embed(u), (len(u), self.ambient_dim)
        )
        self._require_closing(u)
        if found := flaw(self.axes, self.embedding):
            raise InputError(
                f"{self.name}: the embedding {found.words}; expected a smooth one (of formulas in "
                f"sines and cosines)"
            )
        self._require_immersion(u)
        if all(np.isfinite(axis.length) for axis in self.axes):
            self._refuse_crossing()

    def __repr__(self):
        return f"<Manifold {self.name}: dimension {self.dim}, in R^{self.ambient_dim}>"

    def _require_closing(self, u) -> None:
        for k, axis in enumerate(self.axes):
            if axis.kind == "periodic":
                first, last = u.copy(), u.copy()
                first[:, k], last[:, k] = axis.low, axis.high
                gap = np.abs(self.embed(first) - self.embed(last)).max()
                if gap > 1e-9:
                    raise InputError(
                        f"{self.name}: the embedding does not close up along {axis.symbol}: its "
                        f"ends are {gap:.3g} apart"
                    )
            for end, turn in zip((axis.low, axis.high), axis.turns or (), strict=False):
                moved = u.copy()
                moved[:, k] = end
                turned = moved.copy()
                turned[:, turn] += 1.0
                gap = np.abs(self.embed(moved) - self.embed(turned)).max()
                if gap > 1e-9:
                    raise InputError(
                        f"{self.name}: the circle of {self.axes[turn].symbol} does not shrink to a "
                        f"pole at {axis.symbol} = {end:.4g}: its points are {gap:.3g} apart"
                    )

    def _require_immersion(self, u) -> None:
        points = np.vstack([u, self._regular_points()])
        eigenvalues = np.linalg.eigvalsh(finite_array(
            f"{self.name}: metric", self.metric(points), (len(points), self.dim, self.dim)
        ))  # fmt: skip
        smallest, largest = eigenvalues.min(), eigenvalues.max()
        if not smallest > 1e-12 * largest:
            raise InputError(
                f"{self.name}: the metric has eigenvalues from {smallest:.3g} to {largest:.3g} "
                f"inside the chart, expected an immersion (all > 0, of comparable size)"
            )

        # the poles of the chart itself are no fault of the metric
        inner = [
            (low + _CAP * (high - low), high - _CAP * (high - low))
            if a.kind == "pole"
            else (low, high)
            for a, (low, high) in zip(self.axes, ranges(self.axes), strict=True)
        ]
        flat = zero_of_values(lambda v: np.linalg.det(self.metric(v)), inner)
        if flat is not None:
            raise InputError(
                f"{self.name}: the metric is degenerate at {place(self.axes, flat)}, expected an "
                f"immersion"
            )

    def _refuse_crossing(self) -> None:
        if (met := crossing(self.axes, self.embedding)) is None:
            return
        kind = {1: "curve", 2: "surface"}.get(self.dim, "manifold")
        if self.dim == 1:
            (first,), (second,) = met
            where = f"{self.symbols[0]} = {first:.4g} and {second:.4g}"
        else:
            where = " and at ".join(place(self.axes, u) for u in met)
        raise InputError(
            f"{self.name}: the {kind} crosses itself at {where}, expected an embedding: it meets "
            f"itself nowhere and is covered once"
        )

    def _probe_points(self) -> np.ndarray:
        """Chart points (37, d) off every symmetric position, used only to check the manifold."""
        golden = np.array([0.6180339887498949, 0.7548776662466927, 0.8191725133961645])[: self.dim]
        unit = (0.5 + np.arange(1, 38)[:, None] * golden) % 1.0
        low = np.array([max(a.low, -3.0) for a in self.axes])
        high = np.array([min(a.high, 3.0 if a.kind == "infinite" else np.inf) for a in self.axes])
        return low + unit * (high - low)

    def _regular_points(self) -> np.ndarray:
        """A grid (n, d) that meets multiples of an eighth of each axis, where singular points like
        to be; no pole.
        """
        n = {1: 48, 2: 24}.get(self.dim, 8)
        lines = []
        for axis in self.axes:
            low, high = (
                max(axis.low, -3.0),
                min(axis.high, 3.0 if axis.kind == "infinite" else np.inf),
            )
            line = np.linspace(low, high, n + 1)
            lines.append(line[1:-1] if axis.kind == "pole" else line)
        return np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, self.dim)

    @property
    def symbols(self) -> tuple[sp.Symbol, ...]:
        return tuple(axis.symbol for axis in self.axes)

    @property
    def dim(self) -> int:
        """d, the dimension of M."""
        return len(self.axes)

    @property
    def ambient_dim(self) -> int:
        """D, the dimension of the space that M is embedded in."""
        return len(self.embedding)

    @property
    def closed(self) -> bool:
        """True if M is compact and has no boundary."""
        return all(axis.kind in ("periodic", "pole") for axis in self.axes)

    @property
    def names(self) -> dict[str, sp.Expr]:
        """What a formula on M may use: the chart symbols and the ambient coordinates x1..xD (x, y,
        z up to D = 3).
        """
        ambient = {f"x{k + 1}": e for k, e in enumerate(self.embedding)}
        short = dict(zip("xyz", self.embedding, strict=False)) if self.ambient_dim <= 3 else {}
        return {str(s): s for s in self.symbols} | short | ambient

    @cached_property
    def jacobian_expression(self) -> sp.ImmutableMatrix:
        return sp.ImmutableMatrix(self.embedding).jacobian(list(self.symbols))

    @cached_property
    def metric_expression(self) -> sp.ImmutableMatrix:
        """g, a (d, d) matrix of expressions: the first fundamental form of the embedding."""
        if self.closed_form_metric is not None:
            return self.closed_form_metric
        return sp.ImmutableMatrix(self.jacobian_expression.T * self.jacobian_expression)

    @cached_property
    def volume_expression(self) -> sp.Expr:
        return sp.sqrt(self.metric_expression.det())

    @cached_property
    def inverse_metric_expression(self) -> sp.ImmutableMatrix:
        return self.metric_expression.adjugate() / self.metric_expression.det()

    def embed(self, u) -> np.ndarray:
        """Chart coordinates u (n, d) to points of R^D (n, D)."""
        return self._embed(self.check_coordinates(u))

    def jacobian(self, u) -> np.ndarray:
        """dX/du at u (n, d), shape (n, D, d)."""
        return self._jacobian(self.check_coordinates(u))

    def metric(self, u) -> np.ndarray:
        """Metric tensor g_ab at u (n, d), shape (n, d, d)."""
        return self._metric(self.check_coordinates(u))

    def inverse_metric(self, u) -> np.ndarray:
        """g^ab at u (n, d), shape (n, d, d)."""
        return self._inverse_metric(self.check_coordinates(u))

    def volume(self, u) -> np.ndarray:
        """sqrt(det g) at u (n, d), shape (n,): the density of dV_g in the chart."""
        return self._volume(self.check_coordinates(u))

    def check_coordinates(self, u) -> np.ndarray:
        return finite_array(f"coordinates on {self.name}", u, (None, self.dim))

    def expression(self, name: str, formula: str | sp.Expr) -> sp.Expr:
        """A function on M as an expression in the chart symbols; a string may use everything in
        `names`. Raises InputError for anything but a formula, such as a Python function.
        """
        if callable(formula) and not isinstance(formula, sp.Basic):
            raise InputError(
                f"{name}: got the Python function {getattr(formula, '__name__', formula)!r}, "
                f"expected a formula such as '1 + {next(iter(self.names))}**2'"
            )
        try:
            parsed = (
                parse(name, formula, self.names)
                if isinstance(formula, str)
                else sp.sympify(formula)
            )
        except sp.SympifyError:
            parsed = None
        if not isinstance(parsed, sp.Expr):
            raise InputError(f"{name}: got {shown(formula)}, expected one formula")
        return parsed

    def function(self, formula: str | sp.Expr):
        """Compile a function on M into u (n, d) -> (n,)."""
        return compile_array(self.symbols, [self.expression("function", formula)], ())

    @cached_property
    def _embed(self):
        return compile_array(self.symbols, self.embedding, (self.ambient_dim,))

    @cached_property
    def _jacobian(self):
        return compile_array(
            self.symbols, list(self.jacobian_expression), (self.ambient_dim, self.dim)
        )

    @cached_property
    def _metric(self):
        return compile_array(self.symbols, list(self.metric_expression), (self.dim, self.dim))

    @cached_property
    def _inverse_metric(self):
        return compile_array(
            self.symbols, list(self.inverse_metric_expression), (self.dim, self.dim)
        )

    @cached_property
    def _volume(self):
        return compile_array(self.symbols, [self.volume_expression], ())


# --- a manifold from its embedding alone ---


def closed_curve(name: str, embedding: str, symbol: str = "u") -> Manifold:
    """The closed curve with the given embedding, a tuple of formulas 2 pi periodic in `symbol`."""
    return _closed(name, embedding, (symbol,))


def closed_surface(name: str, embedding: str, symbols: tuple[str, str] = ("u", "v")) -> Manifold:
    """The torus-like surface with the given embedding, a tuple of formulas 2 pi periodic in both
    symbols.
    """
    return _closed(name, embedding, symbols)


def capped_surface(name: str, embedding: str) -> Manifold:
    """The sphere-like surface with the given embedding in theta (0 to pi, a pole at each end) and
    phi (2 pi periodic).
    """
    theta, phi = sp.symbols("theta phi", real=True)
    axes = (Axis(theta, 0.0, np.pi, "pole", (1, 1)), Axis(phi, 0.0, 2 * np.pi))
    return Manifold(name, axes, _tuple(name, embedding, (theta, phi)))


def times_circle(base: Manifold) -> Manifold:
    """The product M x S^1 with a circle of length 2 pi: the axes of M (one or two), then the angle
    s.
    """
    s = sp.Symbol("s", real=True)
    if s in base.symbols:
        raise InputError(f"base: {base.name} has an axis named s already, expected other names")
    metric = sp.ImmutableMatrix(sp.diag(base.metric_expression, 1))
    return Manifold(
        f"{base.name} x S^1",
        (*base.axes, Axis(s, 0.0, 2 * np.pi)),
        (*base.embedding, sp.cos(s), sp.sin(s)),
        metric,
    )


def _closed(name, embedding, symbols):
    symbols = sp.symbols(symbols, real=True)
    parsed = _tuple(name, embedding, symbols)
    axes = tuple(Axis(s, 0.0, 2 * np.pi) for s in symbols)
    return Manifold(shortened(name, MOST_NAME), axes, parsed)


def _tuple(name, embedding, symbols):
    if not isinstance(name, str):
        raise InputError(f"name: got {shown(name)}, expected text")
    # an embedding without a name is its own
    what = "embedding" if name == embedding else f"embedding of {shortened(name, MOST_NAME)}"
    parsed = parse(what, embedding, {str(s): s for s in symbols})
    if not isinstance(parsed, sp.Tuple):
        raise InputError(
            f"{what}: got {shown(embedding)}, expected a tuple of formulas such as "
            "'(2*cos(u), sin(u))'"
        )
    return tuple(parsed)


# --- the built-in manifolds, with their closed-form metrics ---


def circle(radius: float = 1.0) -> Manifold:
    """Circle of the given radius in R^2, by the angle t."""
    r = sp.Float(within("radius", radius, *SIZES))
    t = sp.Symbol("t", real=True)
    return Manifold(
        "circle", (Axis(t, 0.0, 2 * np.pi),), (r * sp.cos(t), r * sp.sin(t)), _diagonal(r**2)
    )


def ellipse(a: float = 2.0, b: float = 1.0) -> Manifold:
    """Ellipse with semi-axes a and b in R^2, by the eccentric angle t."""
    a, b = sp.Float(within("a", a, *SIZES)), sp.Float(within("b", b, *SIZES))
    t = sp.Symbol("t", real=True)
    metric = _diagonal((a * sp.sin(t)) ** 2 + (b * sp.cos(t)) ** 2)
    return Manifold("ellipse", (Axis(t, 0.0, 2 * np.pi),), (a * sp.cos(t), b * sp.sin(t)), metric)


def sphere(radius: float = 1.0) -> Manifold:
    """Sphere S^2 of the given radius in R^3, by colatitude theta and longitude phi."""
    r = sp.Float(within("radius", radius, *SIZES))
    theta, phi = sp.symbols("theta phi", real=True)
    axes = (Axis(theta, 0.0, np.pi, "pole", (1, 1)), Axis(phi, 0.0, 2 * np.pi))
    embedding = (
        r * sp.sin(theta) * sp.cos(phi),
        r * sp.sin(theta) * sp.sin(phi),
        r * sp.cos(theta),
    )
    return Manifold("sphere", axes, embedding, _diagonal(r**2, (r * sp.sin(theta)) ** 2))


def sphere3(radius: float = 1.0) -> Manifold:
    """Sphere S^3 of the given radius in R^4, in Hopf coordinates: circle xi1 collapses at eta = 0,
    xi2 at pi/2.
    """
    r = sp.Float(within("radius", radius, *SIZES))
    eta, xi1, xi2 = sp.symbols("eta xi1 xi2", real=True)
    axes = (
        Axis(eta, 0.0, np.pi / 2, "pole", (1, 2)),
        Axis(xi1, 0.0, 2 * np.pi),
        Axis(xi2, 0.0, 2 * np.pi),
    )
    embedding = (
        r * sp.sin(eta) * sp.cos(xi1),
        r * sp.sin(eta) * sp.sin(xi1),
        r * sp.cos(eta) * sp.cos(xi2),
        r * sp.cos(eta) * sp.sin(xi2),
    )
    return Manifold(
        "sphere3", axes, embedding, _diagonal(r**2, (r * sp.sin(eta)) ** 2, (r * sp.cos(eta)) ** 2)
    )


def torus(major: float = 2.0, minor: float = 1.0) -> Manifold:
    """Torus of revolution in R^3: u goes round the axis, v round the tube."""
    big, small = sp.Float(within("major", major, *SIZES)), sp.Float(within("minor", minor, *SIZES))
    if not small < big:
        raise InputError(
            f"torus: got minor = {float(small):g} and major = {float(big):g}, expected minor < "
            "major"
        )
    u, v = sp.symbols("u v", real=True)
    ring = big + small * sp.cos(v)
    axes = (Axis(u, 0.0, 2 * np.pi), Axis(v, 0.0, 2 * np.pi))
    return Manifold(
        "torus",
        axes,
        (ring * sp.cos(u), ring * sp.sin(u), small * sp.sin(v)),
        _diagonal(ring**2, small**2),
    )


def flat_torus(dim: int = 2) -> Manifold:
    """Flat torus T^d in R^(2d), a product of unit circles with angles u1..ud; d = 1, 2 or 3."""
    if real("dim", dim) not in (1, 2, 3):
        raise InputError(f"dim: got {dim:g}, expected 1, 2 or 3")
    dim = int(dim)
    angles = sp.symbols(f"u1:{dim + 1}", real=True)
    embedding = tuple(f(u) for u in angles for f in (sp.cos, sp.sin))
    return Manifold(
        f"flat_torus{dim}",
        tuple(Axis(u, 0.0, 2 * np.pi) for u in angles),
        embedding,
        _diagonal(*[sp.Integer(1)] * dim),
    )


def line() -> Manifold:
    """The real line, by its coordinate u; wants a density that decays, such as exp(-u**2/2)."""
    u = sp.Symbol("u", real=True)
    return Manifold("line", (Axis(u, -np.inf, np.inf, "infinite"),), (u,), _diagonal(sp.Integer(1)))


def interval(length: float = 1.0) -> Manifold:
    """The closed interval [0, length], by its coordinate u: a manifold with boundary."""
    u = sp.Symbol("u", real=True)
    return Manifold(
        "interval",
        (Axis(u, 0.0, within("length", length, *SIZES), "wall"),),
        (u,),
        _diagonal(sp.Integer(1)),
    )


def _diagonal(*entries):
    return sp.ImmutableMatrix(sp.diag(*entries))


MANIFOLDS = {
    f.__name__: f for f in (circle, ellipse, sphere, sphere3, torus, flat_torus, line, interval)
}


def manifold(spec: str | Manifold, option: str = "manifold") -> Manifold:
    """The manifold described by `spec`, the value of `option`.

    A built-in name ("sphere"), a name with parameters ("ellipse(a=3, b=1)"), or the embedding of a
    closed curve in u, or of a closed surface in u and v ("(2*cos(u), sin(u))"). Raises InputError
    otherwise.
    """
    if isinstance(spec, Manifold):
        return spec
    if not isinstance(spec, str):
        raise InputError(f"{option}: got {shown(spec)}, expected a name or an embedding")
    spec = " ".join(spec.split())
    with value_of(option, spec, shortened(spec, MOST_NAME)):
        return _described(spec, option)


def _described(spec, option):
    if spec.startswith("("):
        closed = closed_surface if _mentions(spec, "v", option) else closed_curve
        return closed(spec, spec)
    name, opened, arguments = spec.partition("(")
    if name.strip() not in MANIFOLDS or (opened and not arguments.endswith(")")):
        raise InputError(
            f"{option}: got {shown(spec)}, expected one of {', '.join(MANIFOLDS)}, or an embedding "
            "such as '(2*cos(u), sin(u))'"
        )
    return MANIFOLDS[name.strip()](**_keywords(spec, name.strip(), arguments[:-1], option))


def _mentions(spec, symbol, option):
    u, v = sp.symbols("u v", real=True)
    return any(str(s) == symbol for s in parse(option, spec, {"u": u, "v": v}).free_symbols)


def _keywords(spec, name, arguments, option):
    if not arguments.strip():
        return {}
    known = MANIFOLDS[name].__code__.co_varnames[: MANIFOLDS[name].__code__.co_argcount]
    keywords = {}
    for part in arguments.split(","):
        key, _, value = (piece.strip() for piece in part.partition("="))
        if key not in known:
            raise InputError(
                f"{option}: got {shown(part.strip(), 20)} in {shown(spec)}, but {name} takes "
                f"{', '.join(f'{k}=...' for k in known) or 'no parameters'}"
            )
        if key in keywords:
            raise InputError(f"{option}: got {key} twice in {shown(spec)}, expected it once")
        try:
            keywords[key] = float(value)
        except ValueError:
            raise InputError(
                f"{option}: got {key}={shown(value, 20)} in {shown(spec)}, expected a number"
            ) from None
    return keywords
