"""Parameters under which a claim says nothing are refused at the door, before anything is computed."""

from __future__ import annotations

import pytest

from simulations.experiments import load
from simulations.experiments.settings import nodes_for, sparse_nodes
from theory.setting.checks import InputError
from theory.setting.manifolds import manifold


@pytest.mark.parametrize(
    ("claim", "changed", "message"),
    [
        ("markov", {"n_tokens": 50}, "n_tokens: got 50"),
        ("generator", {"n_levels": 3}, "n_levels: got 3"),
        ("generator", {"n_levels": 10**9}, "n_levels: got 1000000000, expected at most 16"),
        ("sampling_noise", {"n_levels": 9}, "n_levels: got 9, expected at most 6"),
        (
            "sampling_noise",
            {"slowing_temperature": 1e30},
            r"slowing_temperature: got 1e\+30, expected a number from 0.001 to 0.1",
        ),
        ("spectrum", {"temperature": 1e-30}, "temperature: got 1e-30, expected a number from"),
        ("universality", {"time": 1e-30}, "time: got 1e-30"),
        ("universality", {"manifolds": ("circle", "circle")}, "each named once"),
        (
            "universality",
            {"scores": ("r", "r")},
            "scores: got r, r, expected two or more, each named once",
        ),
        ("normalisations", {"alphas": (1e30,)}, r"alphas: got 1e\+30"),
        ("normalisations", {"share": 0.0}, "share: got 0"),
        ("evolution", {"time": 1e30}, r"time: got 1e\+30"),
        ("new_metric", {"smallest_radius": 1e30}, "smallest_radius: got 1e\\+30"),
        (
            "entropy_production",
            {"torque": 1e-30},
            "torque: got 1e-30, expected a number from 0.01 to 10",
        ),
        ("first_order", {"strength": 1e30}, "strength: got 1e"),
        (
            "broken_assumptions",
            {"temperature": 1e-7},
            "temperature: got 9.8e-11 at the finest of 6 levels",
        ),
        ("new_metric", {"surface_densities": ("blob", "exp(x)")}, "density: unknown name 'blob'"),
    ],
)
def test_parameters_that_say_nothing_are_refused(claim, changed, message):
    parameters = load(claim).Parameters
    parameters()
    with pytest.raises(InputError, match=message):
        parameters(**changed)


@pytest.mark.parametrize("nodes", [nodes_for, sparse_nodes])
def test_a_kernel_wider_than_the_manifold_is_refused(nodes):
    assert nodes(manifold("circle"), 1.0)
    with pytest.raises(InputError, match=r"temperature: got 2 on circle, expected at most 1\.23"):
        nodes(manifold("circle"), 2.0)
