"""Clusters on a flat circle: gathering, histories and lives against all tokens moved together."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.dynamics import clusters
from simulations.dynamics.clusters import cluster_history, gather, steps_to_merge
from simulations.dynamics.evolve import evolve_tokens
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import GAUSSIAN


def test_gathering_joins_across_the_seam_and_keeps_mass_and_centre():
    places = [0.0, 0.5, 1.0 - 1e-7, 1e-7]
    positions, mass, labels = gather(places, [1.0, 2.0, 1.0, 4.0], 1.0)
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
    last, masses = history.positions[-1][:, None], history.masses[-1]
    light = evolve_tokens(last, GAUSSIAN, 0.5, [1])[0]
    heavy = evolve_tokens(last, GAUSSIAN, 0.5, [1], weights=masses)[0]
    assert np.abs(light - heavy).max() > 1e-3


def test_all_tokens_may_become_one():
    history = cluster_history([1.0, 1.1, 1.2], GAUSSIAN, 0.05, 2 * np.pi, 30, [0, 30])
    assert len(history.positions[-1]) == 1
    assert np.abs(history.kept[1] - 1.1).max() < 1e-12


@pytest.mark.parametrize("keep", [[3, 2], [31], [-1]])
def test_steps_to_keep_are_checked(keep):
    with pytest.raises(InputError):
        cluster_history([1.0, 2.0], GAUSSIAN, 0.05, 2 * np.pi, 30, keep)


@pytest.mark.parametrize("weights", [None, [1.0, 3.0]])
def test_steps_to_merge_are_those_of_the_path(weights):
    tokens = np.array([[0.0], [0.5]])
    path = evolve_tokens(tokens, GAUSSIAN, 0.01, range(200), weights=weights)
    expected = int(np.argmax(np.ptp(path[:, :, 0], axis=1) <= 1e-6))
    assert expected > 20
    assert steps_to_merge(tokens, GAUSSIAN, 0.01, 1e-6, weights=weights) == expected


def test_clusters_that_never_merge_are_refused(monkeypatch):
    monkeypatch.setattr(clusters, "MOST_STEPS", 200)
    with pytest.raises(InputError, match="still apart after 200 steps"):
        steps_to_merge([[0.0], [1.0]], GAUSSIAN, 0.01, 1e-6)
