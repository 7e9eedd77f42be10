"""Errors of a field: the norm of each level and seed, of all seeds at once."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.store.quantities import Field
from simulations.verdict.fields import field_errors


@pytest.fixture
def field():
    """Three levels of five seeds, of which the last level has run two: (points, functions) each."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(3, 5, 7, 2))
    values[2, 2:] = np.nan
    u = rng.uniform(size=(7, 1))
    return Field(values, u, rng.uniform(0.1, 1.0, 7), np.array([0.4, 0.2, 0.1]))


def target(u):
    return np.concatenate([np.sin(u), u**2], axis=1)


def expected(field, norm):
    """By the definition, a level and a seed after the other."""
    apart = field.values - target(field.coordinates)
    if norm == "sup":
        return [[max(map(abs, e.ravel())) for e in level] for level in apart]
    share = field.weights / field.weights.sum()
    return [[np.sqrt(share @ (e[:, 0] ** 2 + e[:, 1] ** 2)) for e in level] for level in apart]


@pytest.mark.parametrize("norm", ["l2", "sup"])
def test_the_error_of_a_seed_is_the_norm_over_its_points_and_functions(field, norm):
    found = field_errors(field, field.values, target, norm)
    assert found.shape == (3, 5)
    np.testing.assert_allclose(found, expected(field, norm), rtol=1e-14)


@pytest.mark.parametrize("norm", ["l2", "sup"])
def test_a_seed_that_was_not_run_has_no_error(field, norm):
    found = field_errors(field, field.values, target, norm)
    assert np.isnan(found[2, 2:]).all() and np.isfinite(found[:2]).all()
    assert np.isfinite(found[2, :2]).all()


@pytest.mark.parametrize("norm", ["l2", "sup"])
def test_a_large_error_of_one_seed_is_that_seed_s_alone(field, norm):
    before = field_errors(field, field.values, target, norm)
    field.values[1, 3, 4, 1] += 100.0
    changed = field_errors(field, field.values, target, norm) != before
    # what was not run equals nothing
    assert np.argwhere(changed & ~np.isnan(before)).tolist() == [[1, 3]]
