"""Clocks beyond the leading power of phi: the next term, the moments of the whole kernel, the chord, a finite sample.

Sources are the sections of docs/theory.md named in each docstring. Nothing here knows the attention operator.
"""

from __future__ import annotations

import math

import numpy as np
import sympy as sp
from scipy.integrate import quad

from theory.setting.checks import InputError, positive, whole
from theory.setting.densities import Density
from theory.setting.expressions import parse
from theory.setting.pseudo_metrics import PowerLaw, R, transformed_distance

_REACH = 60.0  # the kernel is followed until exp(-60)


def clock(power_law: PowerLaw, dim: int, temperature: float) -> float:
    """tau(eps): the diffusion time that one application of attention advances ("The clock").

    For f ~ c r^a put h = (eps/c)^(1/a); then tau = m2 h^2/2 with m2 = Gamma((d+2)/a)/(d Gamma(d/a)).
    """
    dim, temperature = whole("dim", dim, 1), positive("temperature", temperature)
    a = power_law.exponent
    return _second_moment(a, dim) * (temperature / power_law.coefficient) ** (2 / a) / 2


def temperature_for(power_law: PowerLaw, dim: int, tau: float) -> float:
    """The temperature whose clock is `tau`: the inverse of `clock`."""
    dim, tau = whole("dim", dim, 1), positive("tau", tau)
    a = power_law.exponent
    return power_law.coefficient * (2 * tau / _second_moment(a, dim)) ** (a / 2)


def _second_moment(a, d):
    return math.exp(math.lgamma((d + 2) / a) - math.lgamma(d / a)) / d


def next_term(formula: str) -> tuple[float, float]:
    """(b, q) in phi = c r^a (1 + b r^q + ...) at small r, for a formula in r ("Universality").

    Raises InputError if the leading power is all there is.
    """
    phi = sp.nsimplify(parse("phi", formula, {"r": R}), rational=True)
    law = transformed_distance(formula).power_law
    leading = sp.nsimplify(law.coefficient, rational=True) * R ** sp.nsimplify(law.exponent, rational=True)
    rest = sp.simplify((phi - sp.limit(phi, R, 0)) / leading - 1)
    if rest == 0:
        raise InputError(f"next_term: {formula!r} is a power of r, expected a formula with a second term")
    b, q = rest.as_leading_term(R).as_coeff_exponent(R)
    return float(b), float(q)


def next_term_constant(exponent: float, dim: int, q: float) -> float:
    """C in clock/tau = 1 - b C h^q + ..., for phi = c r^a (1 + b r^q + ...) and h = (eps/c)^(1/a) ("Universality").

    Gamma((d+2+a+q)/a)/Gamma((d+2)/a) - Gamma((d+a+q)/a)/Gamma(d/a).
    """
    a, d, q = positive("exponent", exponent), whole("dim", dim, 1), positive("q", q)
    return _moment_ratio(a, d + 2, q) - _moment_ratio(a, d, q)


def _moment_ratio(a, power, q):
    return math.exp(math.lgamma((power + a + q) / a) - math.lgamma(power / a))


def moment_clock(formula: str, dim: int, temperature: float) -> float:
    """tau = int r^(d+1) e^(-phi/eps) dr/(2 d int r^(d-1) e^(-phi/eps) dr), from phi as a whole ("Universality").

    phi must grow without bound: the kernel is followed to where it has fallen by exp(-60). Raises InputError if it
    does not fall so far.
    """
    d, eps = whole("dim", dim, 1), positive("temperature", temperature)
    phi = sp.lambdify([R], parse("phi", formula, {"r": R}) - sp.limit(parse("phi", formula, {"r": R}), R, 0), "numpy")
    law = transformed_distance(formula).power_law
    h = (eps / law.coefficient) ** (1 / law.exponent)
    reach = h
    while phi(reach) < _REACH * eps:
        reach *= 1.25
        if reach > 1e6 * h:
            raise InputError(f"moment_clock: {formula!r} stays below {_REACH:g} eps, expected a phi that grows")
    moments = [
        quad(lambda r, k=k: r**k * np.exp(-phi(r) / eps), 0, reach, points=[h, 2 * h, 4 * h], epsabs=0, epsrel=1e-12)[0]
        for k in (d + 1, d - 1)
    ]
    return moments[0] / (2 * d * moments[1])


def chord_constant(dim: int) -> float:
    """C in clock(chord) = clock(geodesic)(1 + C tau + ...) on the unit sphere S^d at one temperature: (d+2)/3.

    The chord is r^2 (1 - r^2/12) in the geodesic distance: the next term of phi ("Universality"), with h^2 = 4 tau.
    """
    return 4 * next_term_constant(2.0, dim, 2.0) / 12


def sample_clock(density: Density, power_law: PowerLaw, u, temperature: float, n_tokens: int) -> np.ndarray:
    """Expected clock of N i.i.d. tokens over tau at chart points u (n, d), shape (n,), for any power law ("Universality").

    1 - s (1 - 2^(-d/a) + 2^(-(d+2)/a)) with s = 1/(N p int e^(-f/eps)), to first order in s.
    """
    n, eps, d, a = whole("n_tokens", n_tokens, 2), positive("temperature", temperature), density.manifold.dim, power_law.exponent
    h = (eps / power_law.coefficient) ** (1 / a)
    ball = math.pi ** (d / 2) / math.gamma(d / 2 + 1)
    s = 1 / (n * density(u) * ball * h**d * math.gamma(d / a + 1))
    return 1 - s * (1 - 2 ** (-d / a) + 2 ** (-(d + 2) / a))


def clock_error(formula: str, dim: int, temperature: float) -> float:
    """The relative error of the leading clock, moment clock/clock - 1, at this temperature ("Universality")."""
    return moment_clock(formula, dim, temperature) / clock(transformed_distance(formula).power_law, dim, temperature) - 1
