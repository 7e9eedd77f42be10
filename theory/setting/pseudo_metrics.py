"""Pseudo-metrics f(x, y) of a query x and a key y: small means similar. Weights of attention are
exp(-f/eps).

Every score here is f = scale * phi(s), where s is the squared distance or the inner product of a
mapped query and a mapped key. That one form covers distances and their transformations, dot
products, Mahalanobis and cosine scores, and it is what an engine compiles. A function f(x, y) of
two points covers the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy
import sympy as sp

from theory.setting.checks import InputError, finite_array, one_of, positive, shortened, shown
from theory.setting.expressions import parse
from theory.setting.pickling import WithFunctions

_OFF_SPHERE = 1e-6  # of the radius: tokens in single precision are on the sphere
FORMS = ("squared_distance", "inner_product", "function")


@dataclass(frozen=True)
class PowerLaw:
    """phi(r) ~ coefficient * r**exponent as r -> 0: all that the limit keeps of a transformation of
    a metric.
    """

    coefficient: float
    exponent: float

    def __post_init__(self):
        positive("coefficient of the power law", self.coefficient)
        positive("exponent of the power law", self.exponent)


@dataclass(frozen=True)
class PseudoMetric(WithFunctions):
    """f(x, y) = scale * phi(s(x, y)).

    form: "squared_distance" (s = |q(x) - k(y)|^2), "inner_product" (s = q(x).k(y)) or "function" (s
    = 0-dimensional, `point_function(x, y)` gives f). `query_map` and `key_map` send points (n, D)
    to (n, m); None is the identity. `transform` is phi as a SymPy expression in the symbol s; None
    is the identity. `power_law` is the behaviour of f at small distance r where f is a
    transformation of a metric; None where it is not one.
    """

    name: str
    form: str
    scale: float = 1.0
    query_map: Callable[[np.ndarray], np.ndarray] | None = None
    key_map: Callable[[np.ndarray], np.ndarray] | None = None
    transform: sp.Expr | None = None
    point_function: Callable | None = None
    power_law: PowerLaw | None = None
    symmetric: bool = field(default=True)

    def __post_init__(self):
        one_of("form of the pseudo-metric", self.form, FORMS)
        if (self.form == "function") != (self.point_function is not None):
            raise InputError(
                f"{self.name}: `point_function` goes with form 'function' and with no other"
            )

    def map_queries(self, x: np.ndarray) -> np.ndarray:
        """Queries (n, D) as the engine sees them, (n, m)."""
        return x if self.query_map is None else self.query_map(x)

    def map_keys(self, y: np.ndarray) -> np.ndarray:
        """Keys (n, D) as the engine sees them, (n, m)."""
        return y if self.key_map is None else self.key_map(y)

    @cached_property
    def array_transform(self):
        """phi as a function of a NumPy array; a constant phi may return one number."""
        return sp.lambdify(
            [S], self.transform if self.transform is not None else S, modules="numpy"
        )

    def __call__(self, x, y) -> np.ndarray:
        """The matrix f(x_i, y_j), shape (n, m), of points x (n, D) and y (m, D): the definition, in
        NumPy.
        """
        x = finite_array("queries", x, (None, None))
        y = finite_array("keys", y, (None, x.shape[1]))
        if self.form == "function":
            return np.array([[self.point_function(a, b) for b in y] for a in x], dtype=np.float64)
        q, k = self.map_queries(x), self.map_keys(y)
        if self.form == "squared_distance":
            s = scipy.spatial.distance.cdist(q, k, "sqeuclidean")
        else:
            s = q @ k.T
        if self.transform is not None:
            s = np.broadcast_to(sp.lambdify([S], self.transform, modules="numpy")(s), s.shape)
        return self.scale * s

    def paired(self, x, y) -> np.ndarray:
        """f(x_i, y_i) for as many points x (n, D) as y (n, D), shape (n,)."""
        if self.form == "function":
            return np.array(
                [self.point_function(a, b) for a, b in zip(x, y, strict=True)], dtype=np.float64
            )
        q, k = self.map_queries(x), self.map_keys(y)
        s = ((q - k) ** 2).sum(axis=1) if self.form == "squared_distance" else (q * k).sum(axis=1)
        with np.errstate(all="ignore"):
            return self.scale * np.broadcast_to(self.array_transform(s), s.shape)


S = sp.Symbol("s", nonnegative=True)
R = sp.Symbol("r", positive=True)


def squared_distance(scale: float = 0.25) -> PseudoMetric:
    """f = scale |x - y|^2; the default 1/4 is the Gaussian kernel: its clock is the temperature."""
    scale = positive("scale", scale)
    return PseudoMetric(
        f"{scale:g} |x-y|^2", "squared_distance", scale, power_law=PowerLaw(scale, 2.0)
    )


GAUSSIAN = squared_distance(0.25)  # the kernel of heat: its clock is the temperature


def transformed_distance(formula: str) -> PseudoMetric:
    """f = phi(|x - y|) for a formula in r, such as "r", "r**1.5" or "log(1 + r**2)"."""
    phi, law = _phi(formula)
    return PseudoMetric(
        f"phi(r) = {formula}", "squared_distance", transform=phi.subs(R, sp.sqrt(S)), power_law=law
    )


def geodesic_sphere(formula: str = "r**2/4", radius: float = 1.0) -> PseudoMetric:
    """f = phi(geodesic distance) on a sphere (or circle) of the given radius centred at 0.

    An operator with it raises InputError for a token off that sphere.
    """
    phi, law = _phi(formula)
    on_sphere = OnSphere(positive("radius", radius))
    diameter = 2 * on_sphere.radius
    # rounding can push a chord a little over the diameter, where asin has no value
    arc = diameter * sp.asin(sp.Min(1, sp.sqrt(S) / diameter))
    return PseudoMetric(
        f"phi(geodesic) = {formula}",
        "squared_distance",
        query_map=on_sphere,
        key_map=on_sphere,
        transform=phi.subs(R, arc),
        power_law=law,
    )


def dot_product(matrix=None, scale: float = 1.0) -> PseudoMetric:
    """f = -scale x^T A y, the score of self-attention; A defaults to the identity.

    On a sphere of radius rho with A = 1, |x-y|^2 = 2 rho^2 - 2 x.y makes f a transformation of a
    metric up to a constant, scale r^2/2; elsewhere it is none, so `power_law` states that law for A
    = 1 and is None otherwise.
    """
    scale = positive("scale", scale)
    if matrix is None:
        return PseudoMetric(
            "dot product", "inner_product", -scale, power_law=PowerLaw(scale / 2, 2.0)
        )
    a = finite_array("matrix", matrix, (None, None))
    symmetric = a.shape[0] == a.shape[1] and np.allclose(
        a, a.T, rtol=0, atol=1e-14 * np.abs(a).max()
    )
    return PseudoMetric(
        "x^T A y",
        "inner_product",
        -scale,
        query_map=LinearMap(a),
        symmetric=bool(symmetric),
    )


def mahalanobis(matrix, scale: float = 0.25) -> PseudoMetric:
    """f = scale |W (x - y)|^2 for W of shape (m, D): a learned metric, the pull-back of W^T W."""
    w = finite_array("matrix", matrix, (None, None))
    scale, project = positive("scale", scale), LinearMap(w.T)
    return PseudoMetric("|W(x-y)|^2", "squared_distance", scale, query_map=project, key_map=project)


def cosine(scale: float = 1.0) -> PseudoMetric:
    """f = -scale x.y/(|x| |y|); an operator with it raises InputError for a token at the origin."""
    return PseudoMetric(
        "cosine",
        "inner_product",
        -positive("scale", scale),
        query_map=_directions,
        key_map=_directions,
    )


def user_function(
    function: Callable, name: str = "user function", symmetric: bool = False
) -> PseudoMetric:
    """f given as a function of two points (D,) that returns a float and that Numba can compile.

    It goes to another process only if it can be imported: no lambda, no function in a function.
    """
    if not callable(function):
        raise InputError(
            f"pseudo-metric: got {function!r}, expected a function f(x, y) of two points"
        )
    return PseudoMetric(name, "function", point_function=function, symmetric=symmetric)


def _phi(formula):
    phi = parse("phi", formula, {"r": R})
    if phi.free_symbols != {R} or isinstance(phi, sp.Tuple):
        raise InputError(f"phi: got {shown(formula)}, expected a formula in r")
    phi = sp.nsimplify(phi, rational=True)
    expected = "expected c r^a with c > 0 and a > 0"
    try:
        at_zero = sp.limit(phi, R, 0)
        leading = (phi - at_zero).as_leading_term(R) if at_zero.is_real else at_zero
        coefficient, power = leading.as_coeff_exponent(R)
    except (sp.PoleError, NotImplementedError, ValueError, ArithmeticError, AttributeError):
        raise InputError(
            f"phi: {shown(formula)} has no leading power at r = 0, {expected}"
        ) from None
    if not (coefficient.is_positive and power.is_positive):
        raise InputError(
            f"phi: {shown(formula)} behaves like {shortened(str(leading), 40)} at r = 0, {expected}"
        )
    return phi, PowerLaw(float(coefficient), float(power))


@dataclass(frozen=True, eq=False)
class LinearMap:
    """x -> x A for points x (n, D) and A of shape (D, m)."""

    matrix: np.ndarray

    def __call__(self, x):
        dim = self.matrix.shape[0]
        if x.shape[1] != dim:
            raise InputError(
                f"pseudo-metric: its matrix acts on points of R^{dim}, got tokens in R^{x.shape[1]}"
            )
        return x @ self.matrix


@dataclass(frozen=True)
class OnSphere:
    """The identity on points (n, D) of a sphere centred at 0; raises InputError on others."""

    radius: float

    def __call__(self, x):
        norm = np.linalg.norm(x, axis=1)
        worst = int(np.argmax(np.abs(norm - self.radius)))
        if abs(norm[worst] - self.radius) > _OFF_SPHERE * self.radius:
            raise InputError(
                f"geodesic distance: token {worst} has the norm {norm[worst]:.6g}, expected tokens "
                f"on the sphere of radius {self.radius:g} centred at 0"
            )
        return x


def _directions(x):
    norm = np.linalg.norm(x, axis=1, keepdims=True)
    if not (norm > 0).all():
        raise InputError(
            f"cosine: token {int(np.argmin(norm))} lies at the origin, expected a non-zero vector"
        )
    return x / norm
