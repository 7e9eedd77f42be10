"""Clocks: of the leading power of phi, of its next term, of the whole kernel, of the chord.

Sources are the sections of docs/theory.md named in each docstring. Nothing here knows the operator.
"""

from __future__ import annotations

import math

import numpy as np
import scipy
import sympy as sp

from theory.setting.checks import InputError, positive, shown, whole
from theory.setting.expressions import parse
from theory.setting.pseudo_metrics import PowerLaw, PseudoMetric, R, transformed_distance

_REACH = 60.0  # the kernel is followed until exp(-60)


def clock(power_law: PowerLaw, dim: int, temperature: float) -> float:
    """tau(eps): the diffusion time that one application of attention advances ("The clock").

    For f ~ c r^a put h = (eps/c)^(1/a); then tau = m2 h^2/2 with m2 = Gamma((d+2)/a)/(d Gamma(d/a)).
    """
    dim, temperature = whole("dim", dim, 1), positive("temperature", temperature)
    if not isinstance(power_law, PowerLaw):
        raise InputError(
            f"power_law: got {_brief(power_law)}, expected that of a score which is a "
            "transformation of a metric, f ~ c r^a, such as squared_distance().power_law; a score "
            "with a matrix, cosine() and a function of two points have none"
        )
    a = power_law.exponent
    return _second_moment(a, dim) * (temperature / power_law.coefficient) ** (2 / a) / 2


def _brief(given):
    is_score = isinstance(given, PseudoMetric)
    return f"the score {given.name!r} itself" if is_score else shown(given)


def temperature_for(power_law: PowerLaw, dim: int, tau: float) -> float:
    """The temperature whose clock is `tau`: the inverse of `clock`."""
    # tau = clock(c) h^2 with h = (eps/c)^(1/a)
    squared_length = positive("tau", tau) / clock(power_law, dim, power_law.coefficient)
    return power_law.coefficient * squared_length ** (power_law.exponent / 2)


def _second_moment(a, d):
    return math.exp(math.lgamma((d + 2) / a) - math.lgamma(d / a)) / d


def next_term(formula: str) -> tuple[float, float] | None:
    """(b, q) in phi = c r^a (1 + b r^q + ...) at small r, for a formula in r ("Universality").

    None where the leading power is all there is.
    """
    law = transformed_distance(formula).power_law
    coefficient, exponent = (
        sp.nsimplify(v, rational=True) for v in (law.coefficient, law.exponent)
    )
    phi = sp.nsimplify(_above_its_minimum(formula), rational=True)
    rest = sp.simplify(phi / (coefficient * R**exponent) - 1)
    if rest == 0:
        return None
    b, q = rest.as_leading_term(R).as_coeff_exponent(R)
    return float(b), float(q)


def _above_its_minimum(formula):
    phi = parse("phi", formula, {"r": R})
    return phi - sp.limit(phi, R, 0)


def next_term_constant(exponent: float, dim: int, q: float) -> float:
    """C in clock/tau = 1 - b C h^q + ..., for phi = c r^a (1 + b r^q + ...), h = (eps/c)^(1/a).

    Gamma((d+2+a+q)/a)/Gamma((d+2)/a) - Gamma((d+a+q)/a)/Gamma(d/a) ("Universality").
    """
    a, d, q = positive("exponent", exponent), whole("dim", dim, 1), positive("q", q)
    return _moment_ratio(a, d + 2, q) - _moment_ratio(a, d, q)


def _moment_ratio(a, power, q):
    return math.exp(math.lgamma((power + a + q) / a) - math.lgamma(power / a))


def moment_clock(formula: str, dim: int, temperature: float) -> float:
    """The clock from phi as a whole ("Universality"):

    tau = int r^(d+1) e^(-phi/eps) dr/(2 d int r^(d-1) e^(-phi/eps) dr). phi must grow without
    bound: the kernel is followed to where it has fallen by exp(-60). Raises InputError if it does
    not fall so far.
    """
    d, eps = whole("dim", dim, 1), positive("temperature", temperature)
    phi = sp.lambdify([R], _above_its_minimum(formula), "numpy")
    law = transformed_distance(formula).power_law
    h = (eps / law.coefficient) ** (1 / law.exponent)
    reach = h
    while phi(reach) < _REACH * eps:
        reach *= 1.25
        if reach > 1e6 * h:
            raise InputError(
                f"moment_clock: {formula!r} stays below {_REACH:g} eps, expected a phi that grows"
            )

    def moment(k):
        def weighted(r):
            return r**k * np.exp(-phi(r) / eps)

        return scipy.integrate.quad(
            weighted, 0, reach, points=[h, 2 * h, 4 * h], epsabs=0, epsrel=1e-12
        )[0]

    return moment(d + 1) / (2 * d * moment(d - 1))


def moment_temperature_for(formula: str, dim: int, tau: float) -> float:
    """The temperature at which the clock of the moments of phi is `tau`."""
    leading = temperature_for(transformed_distance(formula).power_law, dim, tau)

    def excess(log_ratio):
        return math.log(moment_clock(formula, dim, leading * math.exp(log_ratio)) / tau)

    return leading * math.exp(scipy.optimize.brentq(excess, -5.0, 5.0, xtol=1e-13))


def chord_constant(dim: int) -> float:
    """C in clock(chord) = clock(geodesic)(1 + C tau + ...) on the unit sphere S^d: (d+2)/3.

    Both at one temperature. The chord is r^2 (1 - r^2/12) in the geodesic distance: the next term
    of phi ("Universality"), with h^2 = 4 tau.
    """
    return 4 * next_term_constant(2.0, dim, 2.0) / 12
