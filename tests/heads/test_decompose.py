"""The decomposition of a head: closed forms, other libraries, and heads whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from simulations.heads import Head, decompose
from simulations.heads.head import rotary_angles
from simulations.heads.matrices import parts, symmetry_score
from simulations.heads.measures import diffusion, displacement
from simulations.heads.triangles import metric_fit, sampled_triples
from theory.setting.checks import InputError

D, D_K, N = 12, 4, 9


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture
def head(rng):
    return Head(*rng.standard_normal((2, D_K, D)), *rng.standard_normal((2, D_K)))


def test_attention_is_the_softmax_of_the_scores_with_their_biases(head, rng):
    x = rng.standard_normal((N, D))
    scores = (x @ head.w_q.T + head.b_q) @ (x @ head.w_k.T + head.b_k).T / np.sqrt(D_K)
    np.testing.assert_allclose(head.on(x).attention, softmax(scores, axis=1), rtol=1e-12)
    hidden = np.where(np.tri(N) > 0, scores, -np.inf)
    np.testing.assert_allclose(head.on(x, causal=True).attention, softmax(hidden, axis=1))


def test_rotary_scores_depend_on_the_distance_of_positions_alone(head):
    x = np.ones((N, D))
    turned = rotary_angles(N, D_K, 100.0)
    scores = head.on(x, rotation=turned).pseudo_metric
    for offset in range(-3, 4):
        np.testing.assert_allclose(np.ptp(np.diagonal(scores, offset)), 0, atol=1e-12)
    assert np.ptp(scores) > 0.1


def test_symmetry_score_of_known_matrices(rng):
    b = rng.standard_normal((D, D))
    assert symmetry_score(b + b.T) == pytest.approx(1)
    assert symmetry_score(b - b.T) == pytest.approx(-1)
    # independent entries: the parts hold (n + 1)/(2 n) and (n - 1)/(2 n) of the square
    many = [symmetry_score(rng.standard_normal((40, 40))) for _ in range(200)]
    assert np.mean(many) == pytest.approx(1 / 40, abs=0.01)
    with pytest.raises(InputError, match="is 0"):
        symmetry_score(np.zeros((3, 3)))


def test_definiteness_counts_the_signs_of_the_symmetric_part(rng):
    root = rng.standard_normal((D_K, D))
    one_map = parts(root.T @ root)
    assert (one_map.positive, one_map.negative, one_map.negative_share) == (D_K, 0, 0)
    skew = rng.standard_normal((2, 2))
    found = parts(np.diag([2.0, 1.0]) * [[1, 0], [0, -1]] + (skew - skew.T))
    assert (found.positive, found.negative) == (1, 1)
    assert found.negative_share == pytest.approx(1 / 5)


def test_a_distance_is_a_metric_and_its_square_is_none(rng):
    x = rng.standard_normal((30, 1))
    distance = np.abs(x - x.T)
    triples = sampled_triples(30, 10**6, rng)
    exact = metric_fit(distance, triples)
    assert (exact.constant, exact.violations, exact.negative, exact.asymmetry) == (0, 0, 0, 0)
    # of three points on a line the square of the longest side is more than the other two together
    squared = metric_fit(distance**2, triples)
    assert squared.violations == pytest.approx(1 / 3, abs=0.01)
    assert metric_fit(distance**2 + squared.least_constant, triples).constant == pytest.approx(
        -squared.least_constant
    )
    off = ~np.eye(30, dtype=bool)
    raised = np.where(off, distance**2 + squared.least_constant, 0)
    assert metric_fit(raised, triples).violations == 0


def test_sampled_triples_are_distinct_and_spread(rng):
    all_of_them = sampled_triples(5, 60, rng)
    assert len(np.unique(all_of_them, axis=0)) == 60
    some = sampled_triples(40, 4000, rng)
    assert all(len(set(t)) == 3 for t in some)
    assert np.bincount(some[:, 2], minlength=40).std() < 3 * 10


def test_a_metric_head_is_reversible_with_a_real_spectrum_and_one_with_two_maps_is_not(rng):
    w, x = rng.standard_normal((D_K, D)), rng.standard_normal((N, D))
    same, other = decompose(w, w, x), decompose(w, rng.standard_normal((D_K, D)), x)
    assert same.matrix.symmetry_score == pytest.approx(1)
    assert same.mean("entropy_production") == pytest.approx(0, abs=1e-9)
    assert same.mean("complex_share") == 0 and same.mean("asymmetry") < 1e-12
    assert other.mean("entropy_production") > 0.01 and other.mean("asymmetry") > 0.1


def test_a_key_bias_on_a_metric_head_mends_the_spread(rng):
    """Tokens of equal |x|_A have no spread, and c + f then vanishes on the diagonal."""
    w, x = rng.standard_normal((D_K, D)), rng.standard_normal((N, D))
    x /= np.sqrt(((x @ w.T) ** 2).sum(axis=1, keepdims=True))
    even = decompose(w, w, x)
    assert even.mean("norm_spread") < 1e-12 and even.mean("diagonal_spread") < 1e-12
    x[0] *= 2
    assert decompose(w, w, x).mean("norm_spread") > 0.1


def test_effective_keys_of_uniform_and_of_copying_attention(rng):
    x = rng.standard_normal((N, D))
    small, large = 1e-9 * np.eye(D), 1e3 * np.eye(D)
    assert decompose(small, small, x).mean("effective_keys") == pytest.approx(N)
    copying = decompose(large, large, x / np.linalg.norm(x, axis=1, keepdims=True))
    assert copying.mean("effective_keys") == pytest.approx(1)
    assert copying.mean("received_least") == pytest.approx(1)


def test_entropy_production_is_that_of_the_chain(head, rng):
    x = rng.standard_normal((N, D))
    a = head.on(x).attention
    law = np.linalg.matrix_power(a, 4000)[0]
    flow = law[:, None] * a
    expected = (flow * np.log(flow / flow.T)).sum()
    found = decompose(head.w_q, head.w_k, x, head.b_q, head.b_k)
    assert found.mean("entropy_production") == pytest.approx(expected, rel=1e-8)


def test_a_causal_mask_has_infinite_entropy_production(head, rng):
    found = decompose(head.w_q, head.w_k, rng.standard_normal((N, D)), causal=True)
    assert found.mean("entropy_production") == np.inf


def test_displacement_and_diffusion_by_their_definition(head, rng):
    context = head.on(rng.standard_normal((N, D)))
    a, x = context.attention, context.tokens
    moved, scatter = displacement(context), diffusion(context)
    for i in range(N):
        mean = sum(a[i, j] * x[j] for j in range(N))
        np.testing.assert_allclose(moved[i], mean - x[i], atol=1e-12)
        expected = sum(a[i, j] * ((x[j] - mean) ** 2).sum() for j in range(N))
        assert scatter[i] == pytest.approx(expected)


def test_nothing_depends_on_where_the_scores_of_a_query_begin(head, rng):
    """A bias of the keys alone changes what f is, by a part of the query alone, and no attention."""
    x = rng.standard_normal((N, D))
    with_bias = decompose(head.w_q, head.w_k, x, b_k=np.ones(D_K))
    without = decompose(head.w_q, head.w_k, x)
    for name in ("effective_keys", "score_spread", "entropy_production", "second_modulus"):
        assert with_bias.mean(name) == pytest.approx(without.mean(name), abs=1e-12)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"w_k": np.ones((3, D))}, "w_k: got shape"),
        ({"w_q": np.full((D_K, D), np.nan)}, "w_q: 48 of 48 entries are not finite"),
        ({"b_q": np.ones(3)}, "b_q: got shape"),
        ({"tokens": np.ones((1, D))}, "tokens: got 1 in a text"),
        ({"tokens": np.ones((4, 3))}, "tokens: got shape"),
        ({"tokens": []}, "tokens: got no text"),
    ],
)
def test_bad_input_is_named(changed, words):
    good = {"w_q": np.ones((D_K, D)), "w_k": np.ones((D_K, D)), "tokens": np.ones((4, D))}
    with pytest.raises(InputError, match=words):
        decompose(**(good | changed))
