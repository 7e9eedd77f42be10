"""Time integration of dH/dt = L H: schemes with their order beside them, each a function that makes one step."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from theory.setting.checks import InputError, positive
from theory.pde.operators import Operator

STAGES = 15  # of Runge-Kutta-Legendre: odd


@dataclass(frozen=True)
class Scheme:
    """A one-step scheme.

    order: of convergence in time. reach: the largest stable step times the spectral bound (infinite if implicit).
    maximum_principle: the largest step times max |L_ii| that keeps H in its range on an operator that allows it
    (infinite: always; zero: never promised). make: (operator, step) -> function H -> H one step later.
    """

    name: str
    order: int
    reach: float
    maximum_principle: float
    make: Callable

    def largest_step(self, operator: Operator) -> float:
        """The largest stable step (Gershgorin bound)."""
        return self.reach / operator.spectral_bound

    def stepper(self, operator: Operator, step: float):
        """The function that advances H by `step`; raises InputError as `check` does."""
        self.check(operator, step)
        return self.make(operator, step)

    def check(self, operator: Operator, step: float) -> None:
        """Raise InputError naming the largest stable step unless `step` is stable."""
        step = positive("step", step)
        if step > self.largest_step(operator) * (1 + 1e-12):
            raise InputError(f"step: {step:.6g} is unstable for {self.name}, the largest stable step is {self.largest_step(operator):.6g}")


def _euler(operator, dt):
    m = operator.matrix
    return lambda h: h + dt * (m @ h)


def _heun(operator, dt):
    m = operator.matrix

    def step(h):
        slope = m @ h
        return h + dt / 2 * (slope + m @ (h + dt * slope))

    return step


@lru_cache
def legendre_coefficients(s: int):
    """mu, nu, a, b (s + 1,) and the first slope of RKL2 with s stages (Meyer, Balsara and Aslam 2014, equations 16 to 20).

    y_1 = h + first dt L h, y_j = mu_j y_(j-1) + nu_j y_(j-2) + (1 - mu_j - nu_j) h + dt (a_j L y_(j-1) + b_j L h).
    """
    c = np.array([1 / 3, 1 / 3] + [(j * j + j - 2) / (2 * j * (j + 1)) for j in range(2, s + 1)])
    w = 4 / (s * s + s - 2)
    mu, nu, a, b = np.zeros((4, s + 1))
    for j in range(2, s + 1):
        mu[j] = (2 * j - 1) / j * c[j] / c[j - 1]
        nu[j] = -(j - 1) / j * c[j] / c[j - 2]
        a[j] = mu[j] * w
        b[j] = -(1 - c[j - 1]) * a[j]
    return mu, nu, a, b, c[1] * w


def _runge_kutta_legendre(operator, dt, s=STAGES):
    """RKL2 (Meyer, Balsara and Aslam 2014, J. Comput. Phys. 257)."""
    m = operator.matrix
    mu, nu, a, b, first = legendre_coefficients(s)

    def step(h):
        slope = m @ h
        before, last = h, h + first * dt * slope
        for j in range(2, s + 1):
            before, last = last, mu[j] * last + nu[j] * before + (1 - mu[j] - nu[j]) * h + dt * (a[j] * (m @ last) + b[j] * slope)
        return last

    return step


def _backward_euler(operator, dt):
    return resolvent(operator, dt)


def _crank_nicolson(operator, dt):
    solve, m = resolvent(operator, dt / 2), operator.matrix
    return lambda h: solve(h + dt / 2 * (m @ h))


def _tr_bdf2(operator, dt):
    """Trapezoidal rule, then backward differences; L-stable (Bank et al. 1985), with one factorisation for both stages."""
    gamma = 2 - math.sqrt(2)
    solve, m = resolvent(operator, gamma * dt / 2), operator.matrix

    def step(h):
        middle = solve(h + gamma * dt / 2 * (m @ h))
        return solve((middle - (1 - gamma) ** 2 * h) / (gamma * (2 - gamma)))

    return step


def resolvent(operator, dt):
    """H -> (I - dt L)^-1 H, in the symmetric scaling C - dt C L that keeps the conserved sum to rounding."""
    c = sp.diags(operator.capacity)
    factors = splu((c - dt * operator.inflow_matrix).tocsc(), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    weights = operator.capacity

    def solve(h):
        scaled = weights * h if h.ndim == 1 else weights[:, None] * h
        out = factors.solve(scaled)
        # one refinement: it takes the rounding of the factors out of the conserved sum
        residual = scaled - (weights * out.T).T + dt * (weights * (operator.matrix @ out).T).T
        return out + factors.solve(residual)

    return solve


SCHEMES = {
    scheme.name: scheme
    for scheme in (
        Scheme("euler", 1, 2.0, 1.0, _euler),
        Scheme("heun", 2, 2.0, 1.0, _heun),
        Scheme("rkl2", 2, (STAGES**2 + STAGES - 2) / 2, 0.0, _runge_kutta_legendre),
        Scheme("backward-euler", 1, math.inf, math.inf, _backward_euler),
        Scheme("crank-nicolson", 2, math.inf, 2.0, _crank_nicolson),
        Scheme("tr-bdf2", 2, math.inf, 0.0, _tr_bdf2),
    )
}
