"""What first-order analysis says of a head, where it must be exact and where it must not."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.heads import Head
from simulations.heads.measures import diffusion, displacement
from theory import heads as predicted
from theory.first_order import high_temperature_terms

D, D_K, N = 6, 3, 40


def context(size: float, n: int = N, causal: bool = False, seed: int = 3, skewed: bool = False):
    rng = np.random.default_rng(seed)
    head = Head(*(size * rng.standard_normal((2, D_K, D))))
    tokens = rng.exponential(size=(n, D)) - 1 if skewed else rng.standard_normal((n, D))
    return head.on(tokens, causal)


def local(c):
    return predicted.local(c.queries, c.keys, c.allowed, c.temperature)


def alone(c):
    return predicted.density_alone(c.allowed)


def moved(c, kernel):
    return kernel @ c.tokens - c.tokens


def miss(c, kernel):
    return np.linalg.norm(displacement(c) - moved(c, kernel))


@pytest.mark.parametrize("causal", [False, True])
def test_the_local_form_is_right_to_first_order(causal):
    """Scores four times as small: what f does is a fourth, what the form misses a sixteenth."""
    large, small = context(0.1, causal=causal), context(0.05, causal=causal)
    without = [miss(c, alone(c)) for c in (large, small)]
    assert without[0] / without[1] == pytest.approx(4, rel=0.1)
    assert miss(large, local(large)) / miss(small, local(small)) == pytest.approx(16, rel=0.15)


def test_the_local_form_is_the_force_through_the_covariance():
    """C b with C the covariance of the tokens and b = W_K^T q/eps, the gradient of -f/eps."""
    rng = np.random.default_rng(4)
    maps, biases = rng.standard_normal((2, D_K, D)), rng.standard_normal((2, D_K))
    head, x = Head(*maps, *biases), rng.standard_normal((N, D))
    c = head.on(x)
    force = c.queries @ head.w_k / head.temperature
    expected = x.mean(axis=0) - x + force @ np.cov(x.T, bias=True)
    np.testing.assert_allclose(moved(c, local(c)), expected, atol=1e-12)


def test_the_local_form_is_the_first_term_at_high_temperature():
    c = context(0.3)
    mean, first, _ = high_temperature_terms(c.pseudo_metric, c.tokens)
    np.testing.assert_allclose(local(c) @ c.tokens, mean - first / c.temperature, atol=1e-12)


@pytest.mark.parametrize("causal", [False, True])
def test_one_clock_is_the_local_form_where_the_window_is_round(causal):
    """The corners of a cross in all directions: C is a multiple of I; stretched it is not."""
    rng = np.random.default_rng(6)
    head, corners = Head(*rng.standard_normal((2, D_K, D))), np.vstack([np.eye(D), -np.eye(D)])

    def both(tokens):
        c = head.on(tokens, causal)
        arrays = (c.queries, c.keys, c.tokens, c.allowed, c.temperature)
        return moved(c, local(c))[-1], moved(c, predicted.one_clock(*arrays))[-1]

    # the last token sees all of them, also under a mask
    np.testing.assert_allclose(*both(corners), atol=1e-12)
    apart = np.subtract(*both(corners * np.arange(1, D + 1)))
    assert np.abs(apart).max() > 0.1


def test_one_clock_follows_the_force_in_the_span_of_few_tokens():
    rng = np.random.default_rng(7)
    head, x = Head(*rng.standard_normal((2, D_K, D))), rng.standard_normal((4, D))
    c = head.on(x)
    step = predicted.one_clock(c.queries, c.keys, c.tokens, c.allowed, c.temperature)
    centred = x - x.mean(axis=0)
    basis = np.linalg.svd(centred)[2][:3]
    force = c.queries @ head.w_k / head.temperature
    tau2 = (centred**2).sum() / 4 / 3
    expected = x.mean(axis=0) - x + tau2 * force @ basis.T @ basis
    np.testing.assert_allclose(moved(c, step), expected, atol=1e-10)


@pytest.mark.parametrize("causal", [False, True])
def test_every_form_is_a_kernel_whose_rows_sum_to_one(causal):
    c = context(0.3, 8, causal)
    arrays = (c.queries, c.keys, c.allowed)
    clock = predicted.one_clock(c.queries, c.keys, c.tokens, c.allowed, c.temperature)
    for kernel in (alone(c), local(c), clock, predicted.transport(*arrays)):
        np.testing.assert_allclose(kernel.sum(axis=1), 1, atol=1e-12)
        assert not kernel[~c.allowed].any()


def unexplained(c):
    """The share of what f does that the local form misses, in norm."""
    return miss(c, local(c)) / miss(c, alone(c))


@pytest.mark.parametrize("seed", range(3))
def test_gaussian_keys_make_the_local_form_exact_at_any_spread(seed):
    """A x = m + S M^T x/eps for Gaussian keys (Castin et al. 2025): on many, up to sampling."""
    few, many, skewed = (
        context(0.4, n, seed=seed, skewed=bent)
        for n, bent in ((100, False), (1600, False), (1600, True))
    )
    assert many.pseudo_metric.std() / many.temperature > 0.4
    assert 2 * unexplained(many) < min(unexplained(few), unexplained(skewed))


def test_the_transport_form_is_the_limit_of_small_temperature():
    c = context(60.0)
    step = predicted.transport(c.queries, c.keys, c.allowed)
    far = miss(c, alone(c))
    assert miss(c, step) < 0.1 * far < miss(c, local(c))
    assert diffusion(c).mean() < 0.1 * diffusion(context(1e-6)).mean()


def test_transport_keeps_to_the_keys_that_are_allowed():
    c = context(60.0, causal=True)
    step = predicted.transport(c.queries, c.keys, c.allowed)
    np.testing.assert_allclose(moved(c, step)[0], 0, atol=1e-12)
    assert miss(c, step) < 0.1 * miss(c, local(c))


def test_uniform_attention_is_the_density_alone():
    c = context(1e-8, causal=True)
    assert miss(c, alone(c)) < 1e-12
    last = ((c.tokens - c.tokens.mean(axis=0)) ** 2).sum(axis=1).mean()
    assert diffusion(c)[-1] == pytest.approx(last)
