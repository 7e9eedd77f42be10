"""The kernel sum against closed forms, and the dimension against manifolds where it is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import i0e, i1e

from simulations.points.plateau import longest_run, nearest_dimensions, plateau_of
from simulations.points.sums import GROUPS, kernel_sums
from simulations.tokens import iid_tokens
from theory.setting.references import reference_density

# dimension, tokens, density: of manifolds that are curved, flat, uneven
MANIFOLDS = {
    "circle": (1, 800, "uniform"),
    "ellipse": (1, 1000, "reference"),
    "sphere": (2, 1000, "reference"),
    "torus": (2, 1500, "uniform"),
    "sphere3": (3, 1500, "uniform"),
    "flat_torus(dim=3)": (3, 1500, "uniform"),
}


def drawn(name, n, density="uniform", seed=0):
    return iid_tokens(reference_density(name, density), n, np.random.default_rng(seed)).points


def test_sums_are_those_of_another_library():
    x, eps = np.random.default_rng(0).standard_normal((90, 4)), np.array([0.05, 0.7])
    r2 = cdist(x, x, "sqeuclidean")
    sums = kernel_sums(x, eps)
    group = np.arange(90) * GROUPS // 90
    for t, e in enumerate(eps):
        k = np.exp(-r2 / (4 * e))
        a = k / k.sum(axis=1, keepdims=True)
        assert sums.own[t] == pytest.approx(np.diag(a).mean())
        assert sums.jump[t] == pytest.approx((a * r2).sum(axis=1).mean())
        assert sums.neighbours[t] == pytest.approx(1 / (a**2).sum(axis=1).mean())
        np.fill_diagonal(k, 0.0)
        assert sums.kernel[t].sum() == pytest.approx(k.sum())
        assert sums.squares[t].sum() == pytest.approx((k * r2).sum() / (4 * e))
        # symmetric blocks, and each token in one group
        assert np.allclose(sums.kernel[t], sums.kernel[t].T)
        assert len(np.unique(group)) == GROUPS
    assert sums.spread == pytest.approx(r2.sum() / (90 * 89))
    assert sums.spread == pytest.approx(2 * x.var(axis=0, ddof=1).sum())


def circle_slope(eps):
    """2 d log S/d log eps of uniform tokens on the unit circle: S = e^(-z) I_0(z), z = 1/(2 eps)."""
    z = 1 / (2 * eps)
    return 2 * z * (1 - i1e(z) / i0e(z))


def sphere_slope(eps):
    """Of the unit sphere: S = eps (1 - e^(-1/eps))."""
    return 2 * (1 - np.exp(-1 / eps) / (eps * (1 - np.exp(-1 / eps))))


@pytest.mark.parametrize(("name", "slope"), [("circle", circle_slope), ("sphere", sphere_slope)])
def test_the_slope_is_its_closed_form_within_its_interval(name, slope):
    eps = np.array([0.02, 0.1, 0.5])
    samples = [plateau_of(kernel_sums(drawn(name, 1000, seed=s), eps)) for s in range(3)]
    held = [p.intervals[t].contains(slope(e)) for p in samples for t, e in enumerate(eps)]
    assert all(held)
    # intervals of groups of rows would be half as wide; these are no wider than the scatter asks
    for t, e in enumerate(eps):
        for p in samples:
            assert p.intervals[t].half_width < 0.2
            assert not p.intervals[t].contains(1.25 * slope(e))


def test_intervals_hold_the_truth_as_often_as_they_say():
    """At 99.9 %, of 60 samples hardly one misses; intervals of rows in place of pairs would."""
    e = 0.1
    held, narrow, scatter, widths = 0, 0, [], []
    for s in range(60):
        found = plateau_of(kernel_sums(drawn("circle", 200, "exp(cos(t))", s), np.array([e])))
        interval = found.intervals[0]
        scatter.append(interval.value)
        widths.append(interval.standard_error)
    truth = np.mean(scatter)
    ratio = np.mean(widths) / np.std(scatter, ddof=1)
    held = sum(abs(v - truth) < 4 * w for v, w in zip(scatter, widths, strict=True))
    narrow = sum(abs(v - truth) < w for v, w in zip(scatter, widths, strict=True))
    assert held >= 59 and 0.75 < ratio < 1.45
    assert 30 <= narrow <= 56


@pytest.mark.parametrize("name", MANIFOLDS)
def test_the_dimension_of_the_plateau_is_that_of_the_manifold(name):
    d, n, density = MANIFOLDS[name]
    x = drawn(name, n, density)
    sums = kernel_sums(x)
    plateau = plateau_of(sums)
    first, last = plateau.flat
    assert sums.temperatures[last] > 5 * sums.temperatures[first]
    assert plateau.dimension.value == pytest.approx(d, rel=0.07)
    # estimates that know no temperature agree
    for interval in nearest_dimensions(x).values():
        assert interval.value == pytest.approx(plateau.dimension.value, rel=0.15)
    if plateau.chosen is not None:
        # tokens see others all along it, and do not go round the manifold
        inside = slice(plateau.low, plateau.high + 1)
        assert (sums.own[inside] <= 0.1).all() and sums.clocks[plateau.chosen] < 0.3
        assert first <= plateau.low <= plateau.chosen <= plateau.high <= last
    else:
        assert d == 3


def test_more_tokens_widen_the_plateau_to_cold():
    few, many = (kernel_sums(drawn("sphere", n)) for n in (300, 2400))
    ends = [s.temperatures[plateau_of(s).low] for s in (few, many)]
    assert ends[1] < 0.4 * ends[0]


def test_scale_changes_temperatures_alone():
    x = drawn("sphere", 500)
    one, other = plateau_of(kernel_sums(x)), plateau_of(kernel_sums(1000 * x))
    assert (one.low, one.chosen, one.high) == (other.low, other.chosen, other.high)
    assert one.dimension.value == pytest.approx(other.dimension.value)


def test_two_tight_clusters_have_no_plateau_between_them():
    """A wide range of temperatures where the sum does not grow at all is no manifold of dimension 0."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.standard_normal((150, 12)) * 0.01 + c for c in (0, 5)])
    plateau = plateau_of(kernel_sums(x))
    assert (plateau.others < 0.05).sum() > 5
    assert plateau.flat is None and plateau.chosen is None and plateau.dimension is None


def test_own_pairs_press_the_slope_down():
    sums = kernel_sums(drawn("sphere", 400))
    plateau = plateau_of(sums)
    assert (plateau.with_own <= plateau.others + 1e-12).all()
    assert plateau.with_own[0] < 0.5 * plateau.others[0]


def test_on_a_circle_the_published_choice_is_past_the_plateau():
    """Its slope exceeds 1 where the chord is shorter than the arc: 1.2 at its maximum."""
    eps = np.geomspace(1e-3, 1, 200)
    assert 1.2 < circle_slope(eps).max() < 1.25
    plateau = plateau_of(kernel_sums(drawn("circle", 600)))
    assert plateau.with_own[plateau.published] > 1.15
    assert plateau.published > plateau.flat[1]


def test_the_longest_run():
    values = np.array([3.0, 1.0, 1.05, 1.09, 1.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0])
    assert longest_run(values) == (5, 10)
    assert longest_run(values[:8]) == (1, 4)
    assert longest_run(values[:4]) is None
    assert longest_run(np.full(20, 0.3)) is None


@pytest.mark.parametrize("step", [1.0, 1 / 99])
def test_neighbours_that_are_equally_far_tell_no_dimension(step):
    found = nearest_dimensions(step * np.arange(100.0)[:, None])
    assert found["two nearest"] is None  # not 1e13, nor nan
    assert found["maximum likelihood"].value == pytest.approx(1.1, abs=0.1)
