"""Between two normalisations: integrals by SciPy, and the ends that other functions know."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from theory.crossovers import (
    alpha_clock_and_drift,
    sinkhorn_clock_and_drift,
    window_clock_and_drift,
    window_crossover,
)
from theory.population import clock_and_drift, least_squares, population
from theory.setting.checks import InputError
from theory.setting.geometry import generator_terms
from theory.setting.references import probe_features, reference_density

CIRCLE = reference_density("circle")


@pytest.mark.parametrize("ratio", [0.01, 0.1, 1.0, 20.0])
def test_the_clock_of_a_window_is_a_truncated_second_moment(ratio):
    def weight(s):
        return np.exp(-(s**2) / (4 * ratio))

    second, total = (quad(lambda s, k=k: s**k * weight(s), 0, 1)[0] for k in (2, 0))
    assert window_crossover(ratio) == pytest.approx(3 * second / total, rel=1e-9)


def test_a_small_window_has_that_clock_and_drift_2():
    radius, ratio = 0.03, 0.2
    clock, drift = window_clock_and_drift(CIRCLE, radius, ratio * radius**2)
    assert clock / radius**2 == pytest.approx(window_crossover(ratio) / 6, rel=1e-3)
    assert drift == pytest.approx(2, abs=2e-3)


def test_a_wide_window_is_none():
    assert window_clock_and_drift(CIRCLE, 1.6, 0.01) == pytest.approx(
        clock_and_drift(CIRCLE, 0.01), rel=1e-9
    )
    with pytest.raises(InputError, match="manifold: got ellipse"):
        window_clock_and_drift(reference_density("ellipse"), 0.1, 0.01)


def test_no_sweep_and_no_alpha_are_softmax():
    softmax = clock_and_drift(CIRCLE, 0.02)
    assert alpha_clock_and_drift(CIRCLE, 0.02, 0.0) == pytest.approx(softmax, rel=1e-9)
    assert tuple(sinkhorn_clock_and_drift(CIRCLE, 0.02, [0])[0]) == pytest.approx(softmax, rel=1e-9)


def test_drifts_tend_to_those_of_the_table():
    """2 (1 - alpha) with an error of order eps, and 1 of a balanced matrix."""
    for alpha in (0.25, 1.0, 1.25):
        errors = [
            alpha_clock_and_drift(CIRCLE, eps, alpha)[1] - 2 * (1 - alpha) for eps in (0.02, 0.01)
        ]
        assert errors[0] / errors[1] == pytest.approx(2, rel=0.1)
    softmax, stopped, balanced = sinkhorn_clock_and_drift(CIRCLE, 0.01, [0, 3, 2000])[:, 1]
    assert softmax > stopped > 1.8 and balanced == pytest.approx(1, abs=0.03)


def test_one_sweep_by_hand():
    """Rows, columns and rows of the matrix itself, fitted on the same nodes."""
    tokens = population(CIRCLE, 0.05)
    squares = ((tokens.x[:, None] - tokens.x) ** 2).sum(axis=2)
    matrix = np.exp(-squares / (4 * 0.05)) * tokens.mass
    matrix /= matrix.sum(axis=1, keepdims=True)
    matrix /= tokens.mass @ matrix / tokens.mass
    matrix /= matrix.sum(axis=1, keepdims=True)
    formulas = probe_features(CIRCLE.manifold)
    h = tokens.features(formulas)
    terms = generator_terms(CIRCLE, formulas)(tokens.u)
    clock, transport = least_squares(matrix @ h - h, terms, tokens.mass)
    found = sinkhorn_clock_and_drift(CIRCLE, 0.05, [1])[0]
    assert found == pytest.approx([clock, transport / clock], rel=1e-10)


def test_sweeps_must_increase():
    with pytest.raises(InputError, match="sweeps: got"):
        sinkhorn_clock_and_drift(CIRCLE, 0.02, [3, 1])
