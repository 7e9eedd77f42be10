"""Samplers on densities that are nearly points, nearly flat, or many narrow peaks: their law is that
of SciPy or of a closed form, whatever the density.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ive

from simulations.tokens.sampling import SAMPLERS, quadrature_tokens
from simulations.tokens.thinning import thinned
from theory.setting.checks import MOST_MESSAGE, InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold

EXAMPLES = settings(max_examples=25, deadline=None, derandomize=True, database=None)
N = 2000
LEAST = 1e-9  # a probability of the test that no example of a right sampler goes below
CONCENTRATIONS = st.sampled_from([0.0, 1e-9, 0.1, 1.0, 30.0, 300.0])
SEEDS = st.integers(0, 10**6)
KINDS = st.sampled_from(sorted(SAMPLERS))


def drawn(p, kind, seed):
    """Tokens, or None where the density is refused, which must be in a line."""
    try:
        return SAMPLERS[kind](p, N, np.random.default_rng(seed))
    except InputError as refused:
        assert "\n" not in str(refused) and len(str(refused)) <= MOST_MESSAGE
        return None


def agree(uniforms, kind):
    """Values that must be uniform on [0, 1] are, and stratified ones more evenly than by chance."""
    found = stats.kstest(uniforms, "uniform")
    return found.pvalue > LEAST and (kind == "iid" or found.statistic < 5 / np.sqrt(N) / 3)


@EXAMPLES
@given(CONCENTRATIONS, KINDS, SEEDS)
def test_a_peak_on_the_circle_is_von_mises(k, kind, seed):
    tokens = drawn(density(manifold("circle"), f"exp({k!r}*x)"), kind, seed)
    if tokens is None:
        return
    angle = np.arctan2(tokens.points[:, 1], tokens.points[:, 0])
    law = stats.vonmises(k) if k > 0 else stats.uniform(-np.pi, 2 * np.pi)
    assert len(tokens) == N and np.isfinite(tokens.points).all()
    assert agree(law.cdf(angle), kind)


@EXAMPLES
@given(CONCENTRATIONS, KINDS, SEEDS)
def test_a_peak_on_the_sphere_is_exponential_in_height_and_uniform_around(k, kind, seed):
    tokens = drawn(density(manifold("sphere"), f"exp({k!r}*z)"), kind, seed)
    if tokens is None:
        return
    z = tokens.points[:, 2]
    share = (z + 1) / 2 if k < 1e-6 else np.expm1(-k * (1 - z)) / np.expm1(-2 * k)
    height = share if k < 1e-6 else 1 - share
    assert np.abs(np.linalg.norm(tokens.points, axis=1) - 1).max() < 1e-14
    assert agree(height.clip(0, 1), kind)
    around = np.arctan2(tokens.points[:, 1], tokens.points[:, 0]) / (2 * np.pi) + 0.5
    assert stats.kstest(around, "uniform").pvalue > LEAST


@EXAMPLES
@given(st.integers(1, 40), st.sampled_from([0.0, 0.5, 0.999]), KINDS, SEEDS)
def test_many_peaks_on_the_circle_have_their_closed_form(peaks, depth, kind, seed):
    tokens = drawn(density(manifold("circle"), f"1 + {depth!r}*cos({peaks}*t)"), kind, seed)
    if tokens is None:
        return
    t = np.mod(tokens.coordinates[:, 0], 2 * np.pi)
    assert agree((t + depth * np.sin(peaks * t) / peaks) / (2 * np.pi), kind)


@EXAMPLES
@given(CONCENTRATIONS, SEEDS)
def test_halves_of_a_sample_are_the_sample(k, seed):
    tokens = drawn(density(manifold("circle"), f"exp({k!r}*x)"), "iid", seed)
    if tokens is None:
        return
    halves = thinned(tokens, np.random.default_rng(seed))
    together = np.concatenate([half.coordinates for half in halves])
    assert np.array_equal(np.sort(together, axis=0), np.sort(tokens.coordinates, axis=0))


@EXAMPLES
@given(CONCENTRATIONS, st.integers(300, 500))
def test_weights_of_nodes_are_a_probability_with_its_mean(k, nodes):
    tokens = quadrature_tokens(density(manifold("circle"), f"exp({k!r}*x)"), nodes)
    assert abs(tokens.weights.sum() - 1) < 1e-13 and (tokens.weights >= 0).all()
    assert np.abs(tokens.weights @ tokens.points - [ive(1, k) / ive(0, k), 0]).max() < 1e-11


def test_a_sampler_that_ignores_the_density_would_be_seen():
    angle = np.random.default_rng(0).uniform(-np.pi, np.pi, N)
    assert not agree(stats.vonmises(1.0).cdf(angle), "iid")
