"""Bootstrap intervals: equal to SciPy's, and as wide as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulations.statistics.bootstrap import bootstrap_intervals
from theory.setting.checks import InputError


def ratio(means):
    return (means[..., 0] / means[..., 1])[..., None]


def skewed(rng, n):
    size = rng.gamma(2.0, size=n)
    return np.stack([size * rng.gamma(1.5, size=n), size], axis=1)


def test_the_interval_is_scipys():
    samples = skewed(np.random.default_rng(2), 300)
    (ours,) = bootstrap_intervals(ratio, samples, np.random.default_rng(0), 0.95)
    theirs = stats.bootstrap(
        (samples[:, 0], samples[:, 1]),
        lambda a, b, axis: a.mean(axis=axis) / b.mean(axis=axis),
        paired=True, n_resamples=20_000, rng=np.random.default_rng(1),
    ).confidence_interval  # fmt: skip
    width = theirs.high - theirs.low
    assert abs(ours.low - theirs.low) < 0.05 * width
    assert abs(ours.high - theirs.high) < 0.05 * width


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng, held = np.random.default_rng(3), 0
    for _ in range(400):
        (found,) = bootstrap_intervals(ratio, skewed(rng, 80), rng, 0.9, 1000)
        held += found.contains(1.5)
    # four standard errors of a share of 0.9, and two points for what 80 samples cannot know
    assert 0.9 - 0.06 - 0.02 < held / 400 < 0.9 + 0.06


def test_a_mean_has_students_interval():
    samples = np.random.default_rng(4).standard_normal((400, 1))
    (found,) = bootstrap_intervals(lambda m: m, samples, np.random.default_rng(5), 0.95)
    half = 1.96 * samples.std() / 20
    assert found.half_width == pytest.approx(half, rel=0.1)


def test_what_never_changes_has_no_width():
    (found,) = bootstrap_intervals(ratio, np.ones((20, 2)), np.random.default_rng(0))
    assert (found.value, found.low, found.high) == (1, 1, 1)


def test_too_few_samples_are_refused():
    with pytest.raises(InputError, match="bootstrap"):
        bootstrap_intervals(ratio, np.ones((4, 2)), np.random.default_rng(0))
