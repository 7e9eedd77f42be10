"""Kernels at sizes that reach every loop of theirs: several tiles and blocks, odd ends, many
dimensions and features. Small enough to run without the compiler (`make statement-coverage`).
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from theory.setting.pseudo_metrics import cosine, dot_product, squared_distance

N = 530  # more than a tile of 512 keys, and no multiple of the 64 rows of a block


def points(n=N, dim=3, seed=0):
    return np.random.default_rng(seed).standard_normal((n, dim))


def of_definition(x, y, score, temperature, h, window=np.inf, exclude_self=False):
    """(A h) for scores -|x - y|^2/4 or x.y, straight from the definition."""
    apart = ((x[:, None] - y) ** 2).sum(axis=2)
    exponents = (x @ y.T if score == "dot" else -apart / 4) / temperature
    exponents[apart > window**2] = -np.inf
    if exclude_self:
        np.fill_diagonal(exponents, -np.inf)
    weights = np.exp(exponents - exponents.max(axis=1, keepdims=True))
    return weights @ h / weights.sum(axis=1, keepdims=True)


def attend(x, score, temperature, h, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return AttentionOperator(x, score, temperature, **options) @ h


@pytest.mark.parametrize("c", [1, 2, 5])
@pytest.mark.parametrize("dim", [1, 3, 7])
def test_bounded_sums_of_pairs_seen_from_both_sides(c, dim):
    x, h = points(dim=dim), points(dim=c, seed=1)
    found = attend(x, squared_distance(), 1.0, h, engine="dense")
    assert np.abs(found - of_definition(x, x, "square", 1.0, h)).max() < 1e-13


@pytest.mark.parametrize("exclude_self", [False, True])
def test_many_features_and_a_key_left_out(exclude_self):
    x, h = points(), points(dim=11, seed=1)
    found = attend(x, squared_distance(), 1.0, h, engine="dense", exclude_self=exclude_self)
    expected = of_definition(x, x, "square", 1.0, h, exclude_self=exclude_self)
    assert np.abs(found - expected).max() < 1e-13


def test_other_keys_and_scores_of_any_size():
    x, y, h = 30 * points(70), 30 * points(seed=2), points(dim=2, seed=1)
    found = attend(x, dot_product(), 0.5, h, engine="dense", keys=y)
    assert np.abs(found - of_definition(x, y, "dot", 0.5, h)).max() < 1e-10


def test_a_window_and_a_temperature_at_which_most_weights_vanish():
    x, h = points(), points(dim=2, seed=1)
    found = attend(x, squared_distance(), 1e-4, h, engine="dense", window=0.8)
    assert np.abs(found - of_definition(x, x, "square", 1e-4, h, window=0.8)).max() < 1e-12


def test_cosines_are_dot_products_of_directions():
    x, h = points(), points(dim=2, seed=1)
    y = x / np.linalg.norm(x, axis=1, keepdims=True)
    found = attend(x, cosine(), 0.3, h, engine="dense")
    assert np.abs(found - of_definition(y, y, "dot", 0.3, h)).max() < 1e-12


@pytest.mark.parametrize(
    ("engine", "temperature", "tolerance"),
    [("truncated", 1e-3, 1e-10), ("boxes", 1e-3, 1e-10), ("single", 1.0, 1e-4)],
)
def test_other_engines_and_their_transposes(engine, temperature, tolerance):
    x, h = points(dim=2), points(dim=2, seed=1)
    options = {"engine": engine, "tolerance": tolerance}
    found = attend(x, squared_distance(), temperature, h, **options)
    expected = of_definition(x, x, "square", temperature, h)
    assert np.abs(found - expected).max() < 10 * tolerance
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        moved = AttentionOperator(x, squared_distance(), temperature, **options).T @ np.ones(N)
    rows = of_definition(x, x, "square", temperature, np.eye(N))
    assert np.abs(moved - rows.sum(axis=0)).max() < 10 * tolerance * N
