"""Classical methods against SciPy and their definitions, without the libraries of the claim."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.vq import kmeans2
from scipy.linalg import eigh
from scipy.special import softmax
from scipy.stats import gaussian_kde, multivariate_normal

from simulations import classical
from theory.setting.checks import InputError

RNG = np.random.default_rng(8)
X = RNG.standard_normal((60, 3))
Q = RNG.standard_normal((20, 3))
CENTRES = X[:4]
LABELS = np.where(RNG.random(60) < 0.3, RNG.integers(0, 3, 60), -1)
LABELS[:3] = 0, 1, 2
SQUARES = ((X[:, None] - X) ** 2).sum(axis=2)


def close(found, right):
    np.testing.assert_allclose(found, right, rtol=0, atol=1e-12 * np.abs(right).max())


def test_the_density_is_scipys():
    right = gaussian_kde(X.T, bw_method=1.0)
    h = 0.7
    right.set_bandwidth(1.0)
    # SciPy's kernel has the covariance of the data: whitened points make it the identity
    whitener = np.linalg.inv(np.linalg.cholesky(right.covariance)) * h
    whitened = X @ whitener.T
    log_density = classical.kernel_density(whitened, h)
    close(log_density, right.logpdf(X.T) - np.linalg.slogdet(whitener)[1])


def test_weights_of_the_density_are_repeated_points():
    counts = RNG.integers(1, 4, len(X))
    repeated = classical.kernel_density(np.repeat(X, counts, axis=0), 0.5, Q)
    close(classical.kernel_density(X, 0.5, Q, weights=counts), repeated)


def test_regression_is_the_average_with_gaussian_weights():
    widths, values = np.array([0.5, 1.0, 2.0]), RNG.standard_normal((60, 2))
    scaled = ((Q[:, None] - X) / widths) ** 2
    right = softmax(-scaled.sum(axis=2) / 2, axis=1) @ values
    close(classical.nadaraya_watson(X, values, widths, Q), right)


def test_mean_shift_climbs_the_density_and_stops_at_its_modes():
    blobs = np.vstack([Q, 8 + Q, [[30.0, 0, 0]]])
    before, after = (
        classical.kernel_density(blobs, 1.0, queries)
        for queries in (blobs, classical.gaussian_mean_shift(blobs, 1.0, 5))
    )
    assert (after >= before - 1e-12).all()
    centres, labels = classical.mean_shift(blobs, 6.0)
    close(np.sort(centres[:, 0]), np.sort([Q[:, 0].mean(), 8 + Q[:, 0].mean(), 30.0]))
    assert labels[-1] == len(centres) - 1 and len(np.unique(labels[:20])) == 1


def test_kmeans_is_scipys():
    labels, centres = classical.kmeans(X, CENTRES)
    right, right_labels = kmeans2(X, CENTRES, iter=100, minit="matrix")
    close(centres, right)
    assert np.array_equal(labels, right_labels)


@pytest.mark.parametrize("far", [0.0, 1e4])
@pytest.mark.parametrize("kind", ["equal", "spherical", "full"])
def test_memberships_are_bayes_rule(kind, far):
    """Far from the origin too, where statistics of second order would lose half their digits."""
    factors = RNG.standard_normal((4, 3, 3))
    variances = {
        "equal": 0.5,
        "spherical": np.array([0.5, 1.0, 1.5, 2.0]),
        "full": factors @ factors.transpose(0, 2, 1) + np.eye(3),
    }[kind]
    weights = np.array([0.1, 0.2, 0.3, 0.4])
    memberships = classical.mixture(X + far, CENTRES + far, variances, weights) @ np.eye(4)
    spread = [np.ravel(variances)[k % np.size(variances)] * np.eye(3) for k in range(4)]
    spread = variances if kind == "full" else spread
    logs = [multivariate_normal(m, s).logpdf(X) for m, s in zip(CENTRES, spread, strict=True)]
    right = softmax(np.array(logs).T + np.log(weights), axis=1)
    np.testing.assert_allclose(memberships, right, atol=1e-12 if not far else 1e-9)


def test_a_mixture_step_takes_weighted_moments():
    attention = classical.mixture(X, CENTRES, 1.0)
    r = attention @ np.eye(4)
    means, variances, weights = classical.mixture_step(X, attention)
    close(means, (r.T @ X) / r.sum(axis=0)[:, None])
    squares = ((X[:, None] - means) ** 2).sum(axis=2)
    close(variances, (r * squares).sum(axis=0) / r.sum(axis=0) / 3)
    close(weights, r.mean(axis=0))


def test_a_neighbour_at_distance_zero_takes_everything():
    points = np.array([[0.0], [0.0], [1.0], [2.0]])
    values, queries = np.array([1.0, 3.0, 10.0, 20.0]), np.array([[0.0], [1.5]])
    found = classical.k_nearest(points, values, queries, 3, "distance")
    close(found[0], 2.0)
    near = 10 / 0.5 + 20 / 0.5
    assert found[1] in (pytest.approx((near + v / 1.5) / (4 + 1 / 1.5)) for v in values[:2])


@pytest.mark.parametrize(("removed", "spread"), [(False, False), (True, True)])
def test_labels_spread_as_by_the_matrix(removed, spread):
    kernel = np.exp(-SQUARES / 2) * (1 - removed * np.eye(60))
    degrees = kernel.sum(axis=1)
    start = (LABELS[:, None] == np.arange(3)).astype(float)
    h = start
    for _ in range(4):
        if spread:
            h = 0.7 * (kernel / np.sqrt(np.outer(degrees, degrees))) @ h + 0.3 * start
        else:
            moved = kernel @ h
            moved /= moved.sum(axis=1, keepdims=True)
            h = np.where(LABELS[:, None] >= 0, start, moved)
    right = h / h.sum(axis=1, keepdims=True)
    found = (
        classical.label_spreading(X, LABELS, 2.0, 0.7, 4)
        if spread
        else classical.label_propagation(X, LABELS, 2.0, 4)
    )
    close(found, right)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_diffusion_coordinates_are_eigenvectors_of_the_matrix(alpha):
    kernel = np.exp(-SQUARES / 4)
    factor = kernel.sum(axis=1) ** -alpha
    kernel = factor[:, None] * kernel * factor
    degrees = kernel.sum(axis=1)
    mu, v = eigh(kernel / np.sqrt(np.outer(degrees, degrees)))
    phi = v / np.sqrt(degrees / degrees.sum())[:, None]
    right = (mu * phi)[:, ::-1][:, 1:3]
    found = classical.diffusion_map(X, 1.0, 2, alpha)
    close(found, right * np.sign((found * right).sum(axis=0)))
    assert (found.max(axis=0) == np.abs(found).max(axis=0)).all()


def test_eigenmaps_have_norm_one_in_the_degrees():
    kernel = np.exp(-SQUARES) * (1 - np.eye(60))
    found = classical.laplacian_eigenmaps(X, 1.0, 3)
    close(found.T @ (kernel.sum(axis=1)[:, None] * found), np.eye(3))


def test_the_rows_of_tsne_have_the_perplexity():
    p = classical.tsne_conditionals(X, 10.0)
    entropy = -(p * np.log(np.where(p > 0, p, 1))).sum(axis=1)
    np.testing.assert_allclose(entropy, np.log(10.0), atol=1.1e-5)
    assert (np.diag(p) == 0).all()


@pytest.mark.parametrize("kind", ["none", "allowed", "added", "causal"])
def test_scaled_dot_product_is_its_definition(kind):
    q, k, v = RNG.standard_normal((3, 2, 5, 4))
    allowed = RNG.random((5, 5)) < 0.6
    allowed[:, 0] = True
    mask = {"allowed": allowed, "added": RNG.standard_normal((5, 5))}.get(kind)
    added = {
        "none": 0.0, "allowed": np.where(allowed, 0, -np.inf), "added": mask,
        "causal": np.where(np.tri(5, dtype=bool), 0, -np.inf),
    }[kind]  # fmt: skip
    right = softmax(q @ k.transpose(0, 2, 1) / 2 + added, axis=-1) @ v
    close(classical.scaled_dot_product(q, k, v, mask, causal=kind == "causal"), right)


def test_attention_on_pairs_counts_each_pair():
    t, i, j = np.log([1.0, 2.0, 3.0, 5.0]), np.array([0, 0, 0, 1]), np.array([0, 2, 2, 1])
    a = classical.pair_attention(t, i, j, (2, 3))
    close(a @ np.eye(3), np.array([[1 / 6, 0, 5 / 6], [0, 1, 0]]))
    close(a.T @ np.eye(2), (a @ np.eye(3)).T)


BAD = [
    (lambda: classical.kernel_density(X, -1.0), "bandwidth"),
    (lambda: classical.kernel_density(X[:, 0], 1.0), "points"),
    (lambda: classical.nadaraya_watson(X, X, [1.0, 0.0, 1.0]), "bandwidths"),
    (lambda: classical.mean_shift(np.array([[np.nan]]), 1.0), "points"),
    (lambda: classical.kmeans(X, np.full((2, 3), 1e3)), "centres"),
    (lambda: classical.kmeans(X, CENTRES[:, :2]), "centres"),
    (lambda: classical.mixture(X, CENTRES, [1.0, 1.0, 1.0, -1.0]), "variances"),
    (lambda: classical.mixture(X, CENTRES, -1.0), "variances"),
    (lambda: classical.k_nearest(X, X[:5], Q, 3), "values"),
    (lambda: classical.graph_attention(X, [[0, 1]], {}, 1), "edges"),
    (lambda: classical.graph_attention(X, [[0], [99]], {}, 1), "edges"),
    (lambda: classical.graph_attention(X, [[0], [1]], {"lin.weight": X.T @ X}, 1), "att_src"),
    (lambda: classical.k_nearest(X, X, Q, 61), "k"),
    (lambda: classical.k_nearest(X, X, Q, 3, "nearest"), "weights"),
    (lambda: classical.k_nearest(X, X, Q, 3, lambda r: -r), "weights"),
    (lambda: classical.label_propagation(X, np.full(60, -1), 1.0, 2), "labels"),
    (lambda: classical.label_spreading(X, LABELS, 1.0, 1.5, 2), "alpha"),
    (lambda: classical.tsne_conditionals(X, 60.0), "perplexity"),
    (lambda: classical.scaled_dot_product(X, Q, X), "values"),
    (lambda: classical.scaled_dot_product(X, X, X, np.ones((2, 2), bool)), "mask"),
    (lambda: classical.scaled_dot_product(X, X, X, np.full((60, 60), np.nan)), "mask"),
    (lambda: classical.scaled_dot_product(X, X, X, np.zeros((60, 60), bool)), "no key"),
    (lambda: classical.multi_head_attention(X, X, X, {}, 3), "state"),
    (lambda: classical.multi_head_attention(X, X, X, {}, 2), "n_heads"),
    (lambda: classical.graph_attention(X, [[0], [1]], {}, 1), "state"),
    (lambda: classical.pair_attention([0.0], np.array([0]), np.array([3]), (1, 3)), "keys"),
    (lambda: classical.pair_attention([0.0], np.array([0]), np.array([0]), (2, 3)), "no key"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "word"), BAD)
def test_bad_input_is_named_in_one_line(call, word):
    with pytest.raises(InputError, match=word) as error:
        call()
    assert "\n" not in str(error.value)
