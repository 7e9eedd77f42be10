"""Stationary density, current and entropy production of a diffusion with a force,
L H = Laplacian H + 2 <grad log p + b, grad H>.

docs/theory.md, "Entropy production". Nothing here knows the attention operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
import sympy as sp

from theory.setting.checks import InputError, finite_array, whole
from theory.setting.densities import Density
from theory.setting.expressions import compile_array
from theory.setting.manifolds import Manifold
from theory.setting.quadrature import chart_quadrature
from theory.spectrum import fourier_basis

_BALANCED = 1e-4  # net current through a test function, at most
_SETTLED = 1e-5  # relative change of the rate from one degree to the next
# of trigonometric functions on curves and tori, of polynomials elsewhere
_FOURIER_DEGREES = {1: (12, 18, 27, 40, 60), 2: (4, 6, 9, 12, 16)}
_POLYNOMIAL_DEGREES = (5, 7, 9, 12, 15)


@dataclass(frozen=True)
class Polynomials:
    """Polynomials in the ambient coordinates up to `degree`, mixed (m, k) to be orthonormal.

    scale: what coordinates are divided by, so that powers stay near 1.
    """

    manifold: Manifold
    degree: int
    scale: float
    mix: np.ndarray | None = None

    @cached_property
    def powers(self) -> np.ndarray:
        """Exponents (m, D) of the monomials."""
        axes = range(self.manifold.ambient_dim)
        return np.array(
            [
                [factors.count(a) for a in axes]
                for total in range(self.degree + 1)
                for factors in combinations_with_replacement(axes, total)
            ]
        )

    def __call__(self, u) -> tuple[np.ndarray, np.ndarray]:
        """Values (n, k) and chart partials (n, k, d) at chart points u (n, d)."""
        x = self.manifold.embed(u) / self.scale
        jacobian = self.manifold.jacobian(u) / self.scale
        exponents, axes = self.powers, range(self.manifold.ambient_dim)
        table = x ** np.arange(self.degree + 1)[:, None, None]
        power = [table[exponents[:, a], :, a].T for a in axes]
        slope = [exponents[:, a] * table[np.maximum(exponents[:, a] - 1, 0), :, a].T for a in axes]
        value, partials = np.prod(power, axis=0), 0.0
        for b in axes:
            along = np.prod([slope[a] if a == b else power[a] for a in axes], axis=0)
            partials = partials + along[:, :, None] * jacobian[:, b, None, :]
        if self.mix is None:
            return value, partials
        return value @ self.mix, np.stack(
            [partials[:, :, a] @ self.mix for a in range(self.manifold.dim)], axis=2
        )

    def next_degree(self) -> Polynomials:
        """The monomials of one degree more, as they are."""
        return Polynomials(self.manifold, self.degree + 1, self.scale)


@dataclass(frozen=True)
class Trigonometric:
    """Products of 1, cos k t, sin k t, k up to `degree`, of each axis of a periodic chart."""

    manifold: Manifold
    degree: int

    def __call__(self, u) -> tuple[np.ndarray, np.ndarray]:
        """Values (n, k) and chart partials (n, k, d) at chart points u (n, d)."""
        lines = [
            fourier_basis(axis, u[:, k, None], self.degree)
            for k, axis in enumerate(self.manifold.axes)
        ]
        values = [value for value, _ in lines]
        partials = [
            _products([slope if j == k else values[j] for j in range(len(lines))])
            for k, (_, slope) in enumerate(lines)
        ]
        return _products(values), np.stack(partials, axis=2)

    def next_degree(self) -> Trigonometric:
        """The functions of one degree more."""
        return Trigonometric(self.manifold, self.degree + 1)


def _products(factors):
    product = factors[0]
    for factor in factors[1:]:
        product = (product[:, :, None] * factor[:, None, :]).reshape(len(product), -1)
    return product


@dataclass(frozen=True)
class StationaryState:
    """rho = q sum_k c_k psi_k and J = 2 rho (grad log p + b) - grad rho ("Entropy production").

    force: b_a, d expressions in the chart. log_guess: log q, an expression. nodes (n, d) with
    weights (n,) of dV: where integrals are taken.
    """

    tokens_density: Density
    force: tuple[sp.Expr, ...]
    log_guess: sp.Expr
    basis: Polynomials | Trigonometric
    coefficients: np.ndarray
    nodes: np.ndarray
    weights: np.ndarray

    def density(self, u) -> np.ndarray:
        """rho, (n,), of integral 1."""
        return self._trial(u)[0]

    def driven(self, u) -> np.ndarray:
        """2 rho (grad log p + b), covectors (n, d): the part of J that the drift carries."""
        return 2 * self.density(u)[:, None] * self._drift(u)

    def spread(self, u) -> np.ndarray:
        """-grad rho, covectors (n, d): the part of J that diffusion carries."""
        return -self._trial(u)[1]

    def current(self, u) -> np.ndarray:
        """J, covectors (n, d)."""
        return self.driven(u) + self.spread(u)

    @cached_property
    def entropy_rate(self) -> float:
        """int |J|^2/rho dV: the limit of e/tau."""
        squares = self._squares(self.current(self.nodes))
        return float(self.weights @ (squares / self.density(self.nodes)))

    @cached_property
    def entropy_bound(self) -> float:
        """int |2 b|^2 rho dV: at least the entropy rate, and equal to it iff div(b rho) = 0."""
        squares = self._squares(2 * self._force(self.nodes))
        return float(self.weights @ (squares * self.density(self.nodes)))

    @cached_property
    def imbalance(self) -> float:
        """The largest net current through a test function of one degree more, of L2 norm 1."""
        m = self.tokens_density.manifold
        values, slopes = self.basis.next_degree()(self.nodes)
        norms = np.sqrt(self.weights @ values**2)
        raised = np.einsum("nab,nb->na", m.inverse_metric(self.nodes), self.current(self.nodes))
        flow = self.weights[:, None] * raised
        return float(np.abs(np.tensordot(slopes, flow, axes=((0, 2), (0, 1))) / norms).max())

    def _squares(self, covector):
        inverse = self.tokens_density.manifold.inverse_metric(self.nodes)
        return np.einsum("nab,na,nb->n", inverse, covector, covector)

    @cached_property
    def _known(self) -> dict:
        return {}

    def _trial(self, u):
        """rho and its chart partials, remembered for each set of points."""
        key = u.tobytes()
        if key not in self._known:
            values, slopes = _tilted(self.basis, self.log_guess, u)
            self._known[key] = (
                values @ self.coefficients,
                np.einsum("nka,k->na", slopes, self.coefficients),
            )
        return self._known[key]

    def _drift(self, u):
        return self.tokens_density.log_gradient(u) + self._force(u)

    @cached_property
    def _force(self):
        m = self.tokens_density.manifold
        return compile_array(m.symbols, [sp.sympify(b) for b in self.force], (m.dim,))


def stationary_state(
    p: Density, force, degree: int | None = None, log_guess: sp.Expr | None = None
) -> StationaryState:
    """Solve div(2 rho (grad log p + b)) = Laplacian rho on a closed manifold by Galerkin's method.

    rho = q sum c_k psi_k with psi the polynomials in the ambient coordinates, tested against the
    same: spectrally accurate. log_guess: a guess log q of log rho, by default that without a force,
    2 log p. degree: of the polynomials, by default raised until the entropy rate has settled.
    Raises InputError on a manifold with boundary, and where rho is not positive or not settled.
    """
    m = p.manifold
    if not m.closed or m.dim > 2:
        raise InputError(
            f"manifold: got {m.name}, expected a closed curve or surface: "
            f"no stationary state is sought elsewhere"
        )
    guess = 2 * p.log_expression if log_guess is None else log_guess
    if degree is not None:
        return _checked(_galerkin(p, force, whole("degree", degree, 1), guess))
    first, *more = _FOURIER_DEGREES[m.dim] if _periodic(m) else _POLYNOMIAL_DEGREES
    before = _galerkin(p, force, first, guess)
    for d in more:
        state = _galerkin(p, force, d, guess)
        change = abs(state.entropy_rate - before.entropy_rate)
        if change <= _SETTLED * max(state.entropy_rate, 1e-3 * state.entropy_bound):
            return _checked(state)
        before = state
    raise InputError(
        f"force: the entropy rate still moves by {change:.2g} of {before.entropy_rate:.4g} at "
        f"degree {before.basis.degree}, expected a weaker force or a smoother density"
    )


def rotation_entropy_rate(matrix) -> float:
    """4 int |K x|^2 rho dV = (4/3) |K|^2 (Frobenius), for uniform tokens on the unit sphere S^2
    and K antisymmetric (3, 3) ("Entropy production"). Raises InputError for another matrix."""
    k = finite_array("matrix", matrix, (3, 3))
    if np.abs(k + k.T).max() > 1e-12 * np.abs(k).max():
        raise InputError(
            f"matrix: got one whose symmetric part reaches {np.abs(k + k.T).max() / 2:.2g}, "
            f"expected an antisymmetric one"
        )
    return float(4 / 3 * (k**2).sum())


def _galerkin(p, force, degree, guess) -> StationaryState:
    m = p.manifold
    u, w = chart_quadrature(m, 8 * degree + 41 if m.dim == 1 else 4 * degree + 21)
    basis = _basis(m, degree, u, w)
    drift_free = StationaryState(p, tuple(force), guess, basis, np.zeros(0), u, w)
    drift = 2 * drift_free._drift(u)
    trial, trial_slopes = _tilted(basis, guess, u)
    flux = drift[:, None, :] * trial[:, :, None] - trial_slopes
    # the net current through every test function must vanish
    raised = np.matmul(flux, w[:, None, None] * m.inverse_metric(u))
    balance = np.tensordot(basis(u)[1], raised, axes=((0, 2), (0, 2)))
    c = np.linalg.svd(balance)[2][-1]
    return StationaryState(p, tuple(force), guess, basis, c / (w @ (trial @ c)), u, w)


def _checked(state: StationaryState) -> StationaryState:
    lowest = state.density(state.nodes).min()
    if not (lowest > 0 and state.imbalance < _BALANCED):
        raise InputError(
            f"degree: got {state.basis.degree}, which leaves an imbalance of "
            f"{state.imbalance:.2g} and a density from {lowest:.2g}; "
            f"expected < {_BALANCED:g} and > 0: raise the degree"
        )
    return state


def _periodic(m) -> bool:
    return all(axis.kind == "periodic" for axis in m.axes)


def _basis(m, degree, u, w) -> Polynomials | Trigonometric:
    """Functions on M up to a degree; of polynomials those that differ on M, orthonormal."""
    if _periodic(m):
        return Trigonometric(m, degree)
    scale = float(np.abs(m.embed(u)).max())
    values = Polynomials(m, degree, scale)(u)[0]
    # of the triangular factor alone: the same singular values, at a fraction of the cost
    _, size, right = np.linalg.svd(np.linalg.qr(np.sqrt(w)[:, None] * values, mode="r"))
    kept = size > 1e-10 * size[0]
    return Polynomials(m, degree, scale, right[kept].T / size[kept])


def _tilted(basis, guess, u):
    """q psi (n, k) and its chart partials (n, k, d), with q scaled to about 1."""
    m = basis.manifold
    log_q, *slopes = compile_array(
        m.symbols, [guess, *(sp.diff(guess, s) for s in m.symbols)], (1 + m.dim,)
    )(u).T
    psi, psi_slopes = basis(u)
    # exp of a guess is far from overflow: it is the logarithm of a density
    q = np.exp(log_q)[:, None]
    trial, log_slope = q * psi, np.stack(slopes, axis=1)[:, None, :]
    return trial, q[:, :, None] * psi_slopes + log_slope * trial[:, :, None]
