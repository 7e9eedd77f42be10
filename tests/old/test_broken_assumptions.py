"""Laws of the failures against what they stand for: moments of a cut kernel, exact spectra, and twins that must fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from simulations.attention import AttentionOperator, LonelyTokensWarning
from simulations.experiments.broken_assumptions import Parameters
from simulations.experiments.broken_gaps import cluster_study, pieces_study, symmetric_matrix
from simulations.experiments.settings import GAUSSIAN, nodes_for, reference_density
from simulations.store.results import Run
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from theory.boundary import (
    SHORTENING,
    WALL_RATE,
    flat_layer,
    flat_layer_height,
    flat_layer_norm,
    interval_evolution,
    layer,
    shortened_eigenvalue,
)
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.failures import connected_rate, ellipse_leader, expected_pieces, gap_escape_rate, lattice_clock
from theory.setting.manifolds import manifold


def cut_moment(depth, power):
    """E[Z^power] of a standard normal that is kept above -depth."""
    weights = [quad(lambda z, k=k: z**k * np.exp(-(z**2) / 2), -depth, 12, epsabs=1e-14)[0] for k in (power, 0)]
    return weights[0] / weights[1]


@pytest.mark.parametrize("depth", [0.0, 0.4, 1.3, 3.0])
def test_layers_are_moments_of_the_cut_kernel(depth):
    # H = x: the mean jump. H = x^2/2, flat at the wall: (x + Z)^2/2 - x^2/2 over 1/2, less the bulk's 1
    assert layer(depth) == pytest.approx(cut_moment(depth, 1), rel=1e-9)
    assert layer(depth) != pytest.approx(np.exp(-(depth**2) / 2) / np.sqrt(2 * np.pi), rel=1e-4)
    jump = 2 * depth * cut_moment(depth, 1) + cut_moment(depth, 2)
    assert flat_layer(depth) == pytest.approx(jump - 1, abs=1e-9)


def test_constants_of_the_wall():
    assert WALL_RATE == pytest.approx(np.sqrt(2) * layer(0.0), rel=1e-14)
    assert flat_layer_height() == pytest.approx(flat_layer(np.linspace(0, 4, 40_001)).max(), rel=1e-8)
    grid = np.linspace(0, 12, 120_001)
    for q in (1, 2):
        assert flat_layer_norm(q) == pytest.approx(np.trapezoid(flat_layer(grid) ** q, grid), rel=1e-6)
    assert flat_layer_norm(1) != pytest.approx(1.1 * flat_layer_norm(2), rel=0.1)


def test_the_shortened_interval_gives_the_eigenvalues_to_order_three_halves():
    p, length, k, temperatures = density(manifold("interval(length=2)")), 2.0, np.arange(1, 4), (4e-4, 1e-4)
    rates = []
    for eps in temperatures:
        operator = AttentionOperator(quadrature_tokens(p, nodes_for(p.manifold, eps)), GAUSSIAN, eps)
        rates.append(-np.log(np.linalg.eigvalsh(symmetric_matrix(operator))[::-1][1:4]) / eps)

    def falls_by(laws):
        coarse, fine = (np.abs(rate / law - 1) for rate, law in zip(rates, laws, strict=True))
        return coarse / fine

    law = [np.array([shortened_eigenvalue(int(j), length, eps) for j in k]) for eps in temperatures]
    plain = [(k * np.pi / length) ** 2 for _ in temperatures]
    lengthened = [(k * np.pi / (length + 2 * SHORTENING * np.sqrt(eps))) ** 2 for eps in temperatures]
    # a quarter of the temperature: an eighth of an error of order 3/2, half of one of order 1/2
    assert falls_by(law) == pytest.approx(8 * np.ones(3), rel=0.15)
    assert falls_by(plain) == pytest.approx(2 * np.ones(3), rel=0.15)
    assert falls_by(lengthened) == pytest.approx(2 * np.ones(3), rel=0.15)


@pytest.mark.parametrize(("wall", "formula"), [("neumann", "cos(pi*u)"), ("dirichlet", "sin(pi*u)")])
def test_interval_evolution_of_a_mode(wall, formula):
    p = density(manifold("interval"))
    u = np.linspace(0, 1, 9)[:, None]
    start = p.manifold.function(formula)(u)
    after = interval_evolution(p, [formula], 0.1, u, wall)[:, 0]
    assert after == pytest.approx(np.exp(-(np.pi**2) * 0.1) * start, abs=1e-10)
    assert after != pytest.approx(np.exp(-(np.pi**2) * 0.11) * start, abs=1e-3)


def test_interval_evolution_is_that_of_the_finite_differences():
    from theory.pde import evolve

    p, u = reference_density("interval"), np.linspace(0.05, 0.95, 7)[:, None]
    exact = evolve(p, "sin(3*u)", [0.05], cells=512).at(u)[0]
    galerkin, wrong = (interval_evolution(p, ["sin(3*u)"], 0.05, u, wall)[:, 0] for wall in ("neumann", "dirichlet"))
    assert np.abs(galerkin - exact).max() < 1e-5
    assert np.abs(wrong - exact).max() > 0.1
    with pytest.raises(InputError, match="got circle, expected an interval"):
        interval_evolution(reference_density("circle"), ["cos(t)"], 0.1, u)


def test_escape_rate_lies_between_the_bounds_of_kato_and_temple():
    study = cluster_study(Parameters(temperature=0.004))
    rate, law, slack = (study[key] for key in ("escape", "escape_expected", "escape_slack"))
    assert (rate <= law * (1 + 1e-5)).all()
    wide = slice(6, None)
    assert (law[wide] - rate[wide] <= slack[wide] + 1e-13).all()
    assert (np.abs(1.1 * rate[wide] - law[wide]) > slack[wide]).all()
    assert study["connected"][-1] == pytest.approx(0.004 * connected_rate(1.6 + study["gaps"][-1]))


def test_flow_across_a_gap_by_brute_force():
    x, y = (np.arange(4000) + 0.5) / 4000, 1.3 + 0.5 * (np.arange(2000) + 0.5) / 2000

    def mass(a, b):
        return np.exp(-((a[:, None] - b) ** 2) / 0.04).sum()

    across, inside = mass(x, y), (mass(x, x), mass(y, y))
    total = sum(inside) + 2 * across
    expected = across * total / ((inside[0] + across) * (inside[1] + across))
    assert gap_escape_rate((1.0, 0.5), 0.3, 0.01) == pytest.approx(expected, rel=1e-4)
    assert gap_escape_rate((1.0, 0.5), 0.33, 0.01) != pytest.approx(expected, rel=0.1)


def test_pieces_are_eigenvalues_one():
    tokens, window = iid_tokens(density(manifold("circle")), 80, np.random.default_rng(3)), 0.2
    operator = AttentionOperator(tokens, GAUSSIAN, 1.0, window=2 * np.sin(window / 2))
    with pytest.warns(LonelyTokensWarning):
        matrix = symmetric_matrix(operator)
    ones = int((np.linalg.eigvalsh(matrix) > 1 - 1e-9).sum())
    angle = np.sort(tokens.coordinates[:, 0])
    gaps = np.diff(np.append(angle, angle[0] + 2 * np.pi))
    assert ones == (gaps > window).sum() > 1
    assert ones != (gaps > 2 * window).sum()


def test_expected_pieces_are_met():
    study = pieces_study(Parameters(n_seeds=12), Run(None, True))
    half = 4 * study["pieces"].std() / np.sqrt(len(study["pieces"]))
    assert abs(study["pieces"].mean() - study["pieces_expected"]) < half
    assert abs(study["pieces"].mean() - 1) > half
    assert expected_pieces(2, np.pi) == pytest.approx(1.0)


def test_lattice_clock_from_crowded_to_lonely():
    assert lattice_clock(0.1, 0.1) == pytest.approx(1.0, abs=1e-12)
    assert lattice_clock(1.0, 1 / 40) == pytest.approx(40 * np.exp(-10), rel=1e-3)
    assert lattice_clock(1.0, 1 / 40) != pytest.approx(80 * np.exp(-10), rel=1e-1)


def test_leader_has_the_largest_score():
    t, keys = np.linspace(0.1, 6.1, 13), np.linspace(-np.pi, np.pi, 200_001)
    best = keys[np.argmax(9 * np.cos(t)[:, None] * np.cos(keys) + np.sin(t)[:, None] * np.sin(keys), axis=1)]
    assert np.abs(np.exp(1j * best) - np.exp(1j * ellipse_leader(t, 3.0, 1.0))).max() < 1e-4
    assert np.abs(np.exp(1j * best) - np.exp(1j * np.arctan2(np.sin(t), 3 * np.cos(t)))).max() > 1e-2


def test_bad_input_is_named():
    with pytest.raises(InputError, match="temperature: got 0.1"):
        Parameters(temperature=0.1)
    with pytest.raises(InputError, match="expected one far below the length squared"):
        shortened_eigenvalue(1, 1.0, 1.0)
    with pytest.raises(InputError, match="expected an arc below 2 pi"):
        expected_pieces(10, 7.0)
    with pytest.raises(InputError, match="gap: got 0"):
        gap_escape_rate((1.0, 1.0), 0.0, 0.01)
