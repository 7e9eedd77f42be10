"""Clusters: the mechanisms against their definitions, and each formula with a twin that must fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from simulations.dynamics.clusters import cluster_history, gather
from simulations.dynamics.evolve import evolve_tokens
from simulations.experiments.clusters import Parameters
from theory.setting.checks import InputError
from theory.clusters import (
    chain_multiplier,
    closest_pair,
    mode_growth,
    pair_lifetime,
    pair_step,
    pair_steps,
    plateau_length,
)
from theory.setting.pseudo_metrics import squared_distance

GAUSSIAN = squared_distance(0.25)


def test_gathering_joins_across_the_seam_and_keeps_mass_and_centre():
    positions, mass, labels = gather([0.0, 0.5, 1.0 - 1e-7, 1e-7], [1.0, 2.0, 1.0, 4.0], 1.0)
    order = np.argsort(mass)
    assert mass[order].tolist() == [2.0, 6.0]
    assert labels[0] == labels[2] == labels[3] != labels[1]
    seam = positions[order[1]]
    assert abs((seam + 0.5) % 1.0 - 0.5 - 0.5e-7) < 1e-12
    # tokens that are no neighbours stay apart
    assert len(gather([0.0, 0.5, 1.0 - 1e-5], np.ones(3), 1.0)[0]) == 3


def test_gathered_tokens_move_like_all_of_them():
    x = np.random.default_rng(4).random(60) * 2 * np.pi
    keep = [0, 3, 12, 40]
    history = cluster_history(x, GAUSSIAN, 0.02, 2 * np.pi, 40, keep)
    path = evolve_tokens(x[:, None], GAUSSIAN, 0.02, keep, period=2 * np.pi)[:, :, 0]
    distance = np.abs((history.kept - path + np.pi) % (2 * np.pi) - np.pi)
    assert distance.max() < 1e-5
    counts = [len(p) for p in history.positions]
    assert counts[0] == 60 and (np.diff(counts) < 0).all() and counts[-1] < 12
    assert all(abs(m.sum() - 60) < 1e-9 for m in history.masses)
    # without their masses the clusters move elsewhere
    light = evolve_tokens(history.positions[-1][:, None], GAUSSIAN, 0.5, [1])[0]
    heavy = evolve_tokens(history.positions[-1][:, None], GAUSSIAN, 0.5, [1], weights=history.masses[-1])[0]
    assert np.abs(light - heavy).max() > 1e-3


def test_all_tokens_may_become_one():
    history = cluster_history([1.0, 1.1, 1.2], GAUSSIAN, 0.05, 2 * np.pi, 30, [0, 30])
    assert len(history.positions[-1]) == 1
    assert np.abs(history.kept[1] - 1.1).max() < 1e-12


@pytest.mark.parametrize("keep", [[3, 2], [31], [-1]])
def test_steps_to_keep_are_checked(keep):
    with pytest.raises(InputError):
        cluster_history([1.0, 2.0], GAUSSIAN, 0.05, 2 * np.pi, 30, keep)


def test_growth_is_the_linear_response_of_gaussian_weights():
    """1 + E[(1 - cos k z)(z^2/(2 eps) - 1)], z normal with variance 2 eps: a chain of spacing zero."""
    eps = 0.3
    for k in (0.5, 1 / np.sqrt(eps), 3.0):
        weight = lambda z, k=k: np.exp(-z * z / (4 * eps)) / np.sqrt(4 * np.pi * eps) * (1 - np.cos(k * z)) * (z * z / (2 * eps) - 1)  # noqa: E731
        response = 1 + quad(weight, -20, 20, limit=400)[0]
        assert abs(mode_growth(eps * k**2) - response) < 1e-9
        assert abs(chain_multiplier(0.01 * k, 0.01, eps) - response) < 1e-9
        assert abs(chain_multiplier(0.01 * k, 0.01, eps, repulsion=0.0) - response) > 0.05
    q = np.linspace(0, 4, 4001)
    assert abs(q[np.argmax(mode_growth(q))] - 1) < 1e-12 and abs(mode_growth(1.0) - 1 - 2 / np.e) < 1e-15


@pytest.mark.parametrize("ratio", [1.0, 0.3, 5.0])
def test_two_clusters_move_as_their_formula(ratio):
    delta, eps = 0.6, 0.02
    start, masses = np.array([[0.0], [delta]]), np.array([1.0, ratio])
    moved = np.diff(evolve_tokens(start, GAUSSIAN, eps, [1, 2, 3], weights=masses)[:, :, 0], axis=1)[:, 0]
    for distance in moved:
        delta = pair_step(delta, eps, ratio)
        assert abs(distance - delta) < 1e-13
    assert abs(pair_step(0.6, eps, ratio) - pair_step(0.6, eps, 1 / ratio)) < 1e-15
    if ratio != 1.0:
        assert abs(pair_step(0.6, eps) - pair_step(0.6, eps, ratio)) > 1e-3


def test_equal_clusters_follow_the_hyperbolic_tangent():
    delta = np.linspace(0.1, 3, 20)
    assert np.abs(pair_step(delta, 0.2) - delta * np.tanh(delta**2 / 1.6)).max() < 1e-14
    assert np.abs(pair_step(delta, 0.2) - delta * np.tanh(delta**2 / 0.8)).max() > 0.1


@pytest.mark.parametrize("ratio", [1.0, 0.4])
def test_lifetime_is_what_steps_add_up_to(ratio):
    eps = 0.01
    steps = [pair_steps(np.sqrt(4 * eps * x), eps, ratio, tolerance=1e-6) for x in (9.0, 12.0)]
    ratios = steps / pair_lifetime(np.sqrt(4 * eps * np.array([9.0, 12.0])), eps, ratio)
    assert abs(ratios[1] - 1) < 5e-3 < abs(ratios[0] - 1) < 5e-2
    with pytest.raises(InputError, match="still"):
        pair_steps(1.0, eps, tolerance=1e-6, most=10)


def test_the_pair_that_merges_first_is_the_closest_unless_masses_tell_otherwise():
    positions = np.array([0.1, 6.0, 1.0, 3.0])
    distance, ratio, isolation = closest_pair(positions, np.ones(4), 2 * np.pi, 0.01)
    assert abs(distance - (0.1 - 6.0 + 2 * np.pi)) < 1e-12 and ratio == 1.0 and isolation > 10
    assert abs(closest_pair([0.0, 1.0, 2.01, 4.0], [1.0, 1.0, 9.0, 1.0], 6.0, 0.05)[0] - 1.01) < 1e-12


def test_plateaus_are_the_logarithm_of_the_disorder():
    eps, sites = 1 / 32, np.arange(6.0)
    merged = []
    for u in (1e-3, 1e-6):
        path = evolve_tokens((sites + u * (-1.0) ** sites)[:, None], GAUSSIAN, eps, range(800), period=6.0)[:, :, 0]
        merged.append(int(np.argmax(np.diff(path, axis=1).min(axis=1) < 1e-6)))
    predicted = plateau_length([1e-3, 1e-6], 1.0, eps)
    assert abs(np.diff(merged)[0] / np.diff(predicted)[0] - 1) < 0.01
    # the constant holds to leading order in eps/a^2 only
    assert abs(merged[0] - predicted[0]) < 0.1 * merged[0]
    nearest_at_rest = np.log(1e3) / np.log(chain_multiplier(np.pi, 1.0, eps, repulsion=0.0))
    assert abs(np.diff(merged)[0] / nearest_at_rest - 1) > 0.04
    with pytest.raises(InputError, match="displacement"):
        plateau_length(0.5, 1.0, eps)


@pytest.mark.parametrize("wrong", [{"fastest": 4}, {"n_samples": 13}, {"n_runs": 2}, {"n_steps": 0}, {"seed": -1}])
def test_parameters_are_checked(wrong):
    with pytest.raises(InputError):
        Parameters(**wrong)
