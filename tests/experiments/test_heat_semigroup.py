"""The heat semigroup in closed form, and mistakes that `heat_semigroup` refutes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from simulations.attention import AttentionOperator
from simulations.experiments.heat_semigroup import sphere
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from theory.claims import heat_semigroup as claim
from theory.heat_kernel import transition_density
from theory.heat_semigroup import heat_kernel_on_sphere, step_after
from theory.predictions import heat_semigroup as predictions
from theory.setting.checks import InputError


def speed(t):
    return np.sqrt(43 / 2 + 8 * np.cos(3 * t) + 9 / 2 * np.cos(6 * t))


def node_row():
    measured = sphere.kernel_on_nodes(Run(None, quiet=True)).quantities
    predicted = predictions.predict(claim.Parameters())
    return judge_quantities(measured, {claim.NODE_TIME: predicted[claim.NODE_TIME]})[0]


def test_the_diffusion_time_is_supported_and_a_wrong_clock_refuted(monkeypatch):
    assert node_row().verdict == "supported"

    def warmer(tokens, pseudo_metric, temperature, **options):
        return AttentionOperator(tokens, pseudo_metric, 1.03 * temperature, **options)

    monkeypatch.setattr(sphere, "AttentionOperator", warmer)
    assert node_row().verdict == "refuted"


def test_softmax_is_no_heat_semigroup(monkeypatch):
    def softmax(tokens, pseudo_metric, temperature, *, key_bias=None, **options):
        # the column sums left out
        return AttentionOperator(tokens, pseudo_metric, temperature, **options)

    monkeypatch.setattr(sphere, "AttentionOperator", softmax)
    assert node_row().verdict != "supported"


def test_arc_length_is_the_integral_of_the_speed():
    assert claim.curve_length() == pytest.approx(quad(speed, 0, 2 * np.pi)[0], rel=1e-12)
    u = np.array([0.3, 1.3, 5.0])
    arcs = [quad(speed, 0, t)[0] / claim.curve_length() for t in u]
    assert claim.arc(u[:, None]) == pytest.approx(arcs, abs=1e-9)
    # the density is that of the demonstration: (1 + 0.4 sin u)/(2 pi) in the chart
    p = claim.curve_density()
    assert p(u[:, None]) * speed(u) == pytest.approx((1 + 0.4 * np.sin(u)) / (2 * np.pi))


@pytest.mark.parametrize("time", claim.TIMES)
def test_the_step_function_spreads_by_the_gaussian_kernel(time):
    length, n = claim.curve_length(), 200_000
    y = (np.arange(n) + 0.5) / n
    for s in (0.1, 0.3, 0.55, 0.9):
        r2 = [((s - y + turn) * length) ** 2 for turn in (-1, 0, 1)]
        kernel = np.exp(-np.array(r2) / (4 * time)).sum(axis=0) / np.sqrt(4 * np.pi * time)
        expected = (kernel * claim.step_function(y)).mean() * length
        assert step_after([s], time, length)[0] == pytest.approx(expected, abs=1e-6)


def test_the_heat_kernel_is_that_of_the_eigenfunctions():
    u, _ = claim.sphere_probes()
    for k, x in enumerate(claim.source_points()):
        right = transition_density(claim.sphere_density(), claim.SPHERE_TIME, x[None], u, 0.0)
        assert predictions.kernel(u)[:, k] == pytest.approx(right, abs=1e-10)
    x, w = np.polynomial.legendre.leggauss(60)
    assert 2 * np.pi * w @ heat_kernel_on_sphere(x, claim.SPHERE_TIME) == pytest.approx(1.0)


def test_the_first_sizes_are_those_of_the_demonstrations():
    p = claim.Parameters()
    assert p.sphere_sizes()[0] == (15, 1000) and p.curve_sizes(0.5)[0] == (8, 500)
    assert p.curve_sizes(2.0)[0] == (32, 500)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"n_seeds": 1}, "n_seeds: got 1, expected a whole number >= 3"),
        ({"n_curve_tokens": 100_000}, "n_curve_tokens: got 100000"),
        ({"n_sphere_tokens": 5}, "n_sphere_tokens: got 5"),
    ],
)
def test_bad_parameters_are_refused(bad, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**bad)
