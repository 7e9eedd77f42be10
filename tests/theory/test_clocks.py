"""Clocks: the next term of phi, the moments of the kernel, the chord; known values and twins."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from theory.clocks import (
    chord_constant,
    clock,
    moment_clock,
    moment_temperature_for,
    next_term,
    next_term_constant,
    temperature_for,
)
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import PowerLaw, transformed_distance


def test_known_constants_of_the_next_term():
    assert [next_term_constant(2.0, d, 1.0) for d in (1, 2)] == pytest.approx(
        [1.693, 1.994], abs=5e-4
    )
    assert [chord_constant(d) for d in (1, 2, 5)] == pytest.approx([1, 4 / 3, 7 / 3], rel=1e-12)


@pytest.mark.parametrize(
    ("formula", "term"),
    [
        ("r**2 + r**3", (1.0, 1.0)),
        ("3*r + r**2.5", (1 / 3, 1.5)),
        ("log(1 + r**2)", (-0.5, 2.0)),
        ("1 - cos(r)", (-1 / 12, 2.0)),
        ("2*r**3", None),
        ("r**2/3 + 5", None),
    ],
)
def test_the_next_term_is_read_off_the_formula(formula, term):
    found = next_term(formula)
    assert found == (term if term is None else pytest.approx(term))


@pytest.mark.parametrize("formula", ["r**2 + r**3", "r - r**2/3 + r**3", "2*r**1.5 + r**2"])
@pytest.mark.parametrize("dim", [1, 2, 4])
def test_next_term_is_the_first_error_of_the_clock(formula, dim):
    law, (b, q) = transformed_distance(formula).power_law, next_term(formula)
    h = 1e-3
    eps = law.coefficient * h**law.exponent
    error = (moment_clock(formula, dim, eps) / clock(law, dim, eps) - 1) / h**q
    predicted = -b * next_term_constant(law.exponent, dim, q)
    assert error == pytest.approx(predicted, rel=0.05)
    assert error != pytest.approx(1.1 * predicted, rel=0.05)


def test_the_chord_is_a_next_term_of_the_arc():
    # second moments on the circle, of the chord's kernel and of the arc's, by quadrature
    def moment(squared, eps):
        def weight(r):
            return np.exp(-squared(r) / eps)

        return quad(lambda r: r**2 * weight(r), 0, np.pi)[0] / quad(weight, 0, np.pi)[0] / 2

    eps = 0.002
    ratio = moment(lambda r: 4 * np.sin(r / 2) ** 2, eps) / moment(np.square, eps)
    assert (ratio - 1) / (eps / 4) == pytest.approx(chord_constant(1), rel=0.02)


def test_moment_clock_of_a_pure_power_is_the_leading_clock():
    assert moment_clock("3*r**1.5", 2, 0.02) == pytest.approx(
        clock(PowerLaw(3, 1.5), 2, 0.02), rel=1e-10
    )
    assert abs(moment_clock("r**2 + r**3", 2, 0.02) / clock(PowerLaw(1, 2), 2, 0.02) - 1) > 0.1
    with pytest.raises(InputError, match="expected a phi that grows"):
        moment_clock("1 - exp(-r**2)", 1, 0.02)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_temperatures_are_inverses_of_clocks(dim):
    law = PowerLaw(0.7, 1.3)
    assert clock(law, dim, temperature_for(law, dim, 0.03)) == pytest.approx(0.03, rel=1e-12)
    eps = moment_temperature_for("r**2 + r**3", dim, 0.03)
    assert moment_clock("r**2 + r**3", dim, eps) == pytest.approx(0.03, rel=1e-10)
    assert eps > 1.2 * temperature_for(PowerLaw(1, 2), dim, 0.03)
