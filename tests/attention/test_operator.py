"""The attention operator: against the definition, as a SciPy operator, and at the door."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.sparse.linalg import LinearOperator, aslinearoperator, eigs
from scipy.special import logsumexp

from simulations.attention import AttentionOperator, LonelyTokensWarning
from simulations.tokens.sampling import quadrature_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import (
    cosine,
    dot_product,
    geodesic_sphere,
    mahalanobis,
    squared_distance,
    transformed_distance,
    user_function,
)


def tokens(n=60, dim=3, seed=0):
    return np.random.default_rng(seed).standard_normal((n, dim))


def definition(f, x, y, eps, bias=0.0):
    exponent = -f(x, y) / eps + bias
    return np.exp(exponent - logsumexp(exponent, axis=1, keepdims=True))


def skewed(x, y):
    return (x[0] - y[1]) ** 2 + 0.3 * x[1] * y[0]


SCORES = {
    "squared distance": squared_distance(),
    "distance to 1.5": transformed_distance("r**1.5"),
    "log": transformed_distance("log(1 + r**2)"),
    "dot product": dot_product(tokens(3, 3, 1)),
    "Mahalanobis": mahalanobis(tokens(2, 3, 2)),
    "cosine": cosine(),
    "user": user_function(skewed),
}


@pytest.mark.parametrize("name", SCORES)
def test_operator_is_the_definition(name):
    f, x, y = SCORES[name], tokens(), tokens(45, 3, 7)
    rng = np.random.default_rng(3)
    w, bias, h = rng.uniform(0.5, 2, 45), rng.standard_normal(45), rng.standard_normal((45, 4))
    a = definition(f, x, y, 0.3, np.log(w) + bias)
    operator = AttentionOperator(x, f, 0.3, keys=y, weights=w, key_bias=bias)
    assert np.abs(operator @ h - a @ h).max() < 1e-12
    assert np.abs(operator @ h[:, 0] - a @ h[:, 0]).max() < 1e-12
    v = rng.standard_normal((60, 2))
    assert np.abs(operator.T @ v - a.T @ v).max() < 1e-12
    assert np.abs(operator.rmatvec(v[:, 0]) - a.T @ v[:, 0]).max() < 1e-12
    # the twin: at a temperature 10 % off the same comparison fails
    assert (
        np.abs(AttentionOperator(x, f, 0.33, keys=y, weights=w, key_bias=bias) @ h - a @ h).max()
        > 1e-4
    )


def test_scipy_runs_on_it():
    x = tokens(80)
    operator = AttentionOperator(x, squared_distance(), 0.5)
    assert isinstance(operator, LinearOperator) and operator.dtype == np.float64
    dense = operator @ np.eye(80)
    leading = np.sort(eigs(operator, k=4, return_eigenvectors=False, v0=np.ones(80) + x[:, 0]).real)
    assert np.allclose(leading, np.sort(np.linalg.eigvals(dense).real)[-4:], atol=1e-10)
    assert np.allclose((operator * operator) @ x, dense @ (dense @ x))
    assert np.allclose(aslinearoperator(dense).T @ x, operator.T @ x)


def test_stationary_law_is_stationary_and_reversible():
    x = tokens(70)
    rng = np.random.default_rng(1)
    operator = AttentionOperator(x, squared_distance(), 0.4, weights=rng.uniform(0.1, 1, 70))
    pi, a = operator.stationary_law, operator @ np.eye(70)
    assert np.allclose(operator.T @ pi, pi, atol=1e-14)
    assert np.allclose(pi[:, None] * a, (pi[:, None] * a).T, atol=1e-15)
    assert not np.allclose(operator.T @ np.full(70, 1 / 70), 1 / 70, atol=1e-4)
    assert np.allclose(operator.self_weight, np.diag(a), atol=1e-14)
    with pytest.raises(InputError, match="symmetric pseudo-metric"):
        _ = AttentionOperator(x, dot_product(tokens(3)), 0.4).stationary_law


def test_stationary_law_of_masked_and_of_windowed_attention():
    x = tokens(70)
    for options in ({"exclude_self": True}, {"window": 2.5}):
        operator = AttentionOperator(x, squared_distance(), 0.4, **options)
        assert np.allclose(
            operator.T @ operator.stationary_law, operator.stationary_law, atol=1e-14
        )
    assert (AttentionOperator(x, squared_distance(), 0.4, exclude_self=True).self_weight == 0).all()


def test_quadrature_weights_enter():
    nodes = quadrature_tokens(density(manifold("circle"), "exp(x)"), 400)
    operator = AttentionOperator(nodes, squared_distance(), 0.05)
    a = definition(squared_distance(), nodes.points, nodes.points, 0.05, np.log(nodes.weights))
    assert np.abs(operator @ nodes.points - a @ nodes.points).max() < 1e-13


def test_geodesic_score_on_the_sphere():
    x = tokens(30)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    angle = np.arccos(np.clip(x @ x.T, -1, 1))
    assert np.allclose(geodesic_sphere("r**2/4")(x, x), angle**2 / 4, atol=1e-7)


def test_later_changes_of_the_tokens_are_not_seen():
    x = tokens(20)
    operator, expected = (
        AttentionOperator(x, squared_distance(), 1.0),
        AttentionOperator(x.copy(), squared_distance(), 1.0) @ x,
    )
    h = x.copy()
    x[:] = 0.0
    assert np.array_equal(operator @ h, expected)
    assert np.abs(AttentionOperator(x, squared_distance(), 1.0) @ h - expected).max() > 0.01


@pytest.mark.parametrize("name", SCORES)
def test_complex_features_are_two_real_ones(name):
    f, x = SCORES[name], tokens()
    rng = np.random.default_rng(4)
    h = rng.standard_normal((60, 2)) + 1j * rng.standard_normal((60, 2))
    operator, a = AttentionOperator(x, f, 0.3), definition(f, x, x, 0.3)
    assert np.abs(operator @ h - a @ h).max() < 1e-12
    assert np.abs(operator @ h[:, 0] - a @ h[:, 0]).max() < 1e-12
    assert np.abs(operator.T @ h - a.T @ h).max() < 1e-12
    assert np.abs(operator.matvec(h[:, :1]) - a @ h[:, :1]).max() < 1e-12
    assert np.abs(operator @ h.conj() - a @ h).max() > 0.1


def test_a_mask_that_hides_nothing_is_no_mask():
    operator = AttentionOperator(X, squared_distance(), 1.0)
    assert (operator @ np.ma.masked_array(X, np.zeros(X.shape)) == operator @ X).all()


def test_lonely_tokens_are_told():
    x = tokens(50)
    with pytest.warns(LonelyTokensWarning, match=r"100\.0% of the 50 tokens"):
        AttentionOperator(x, squared_distance(), 1e-7) @ x
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        AttentionOperator(x, squared_distance(), 1.0) @ x


X = tokens(10)
MASKED = np.ma.masked_array(np.ones(10), [True, True] + 8 * [False])
NAN = np.where(np.arange(30).reshape(10, 3) == 7, np.nan, X)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: AttentionOperator(X[:1], squared_distance(), 1.0), "1 queries and 1 keys"),
        (lambda: AttentionOperator(X, squared_distance(), 0.0), "temperature: got 0"),
        (lambda: AttentionOperator(X, squared_distance(), np.inf), "temperature: got inf"),
        (
            lambda: AttentionOperator(NAN, squared_distance(), 1.0),
            r"tokens: 1 of 30 entries are not finite, the first is nan at index \(2, 1\)",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0) @ np.ones(9),
            r"features: got shape \(9,\), expected \(10,\)",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0) @ np.full(10, np.inf),
            "features: 10 of 10 entries",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0).T @ np.ones(9),
            r"features: got shape \(9,\)",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0, weights=-np.ones(10)),
            "weights: the smallest is -1",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0, engine="magic"),
            "engine: got 'magic'",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0, keys=X[:, :2]),
            r"keys: got points of R\^2",
        ),
        (lambda: AttentionOperator(X + 1j, squared_distance(), 1.0), "tokens: got complex numbers"),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0) @ (np.full(10, np.nan) + 1j),
            "features: 10 of 10 entries are not finite",
        ),
        (
            lambda: AttentionOperator([[1.0, 2.0], [3.0]], squared_distance(), 1.0),
            r"tokens: got rows of different lengths, expected numbers of shape \(n, D\)",
        ),
        (
            lambda: AttentionOperator([["1", "2"], ["3", "4"]], squared_distance(), 1.0),
            r"tokens: got text, expected numbers of shape \(n, D\)",
        ),
        (
            lambda: AttentionOperator(X[:, 0], squared_distance(), 1.0),
            r"tokens: got shape \(10,\), expected \(n, D\), on the line \(n, 1\)",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0) @ [[1.0], [2.0, 3.0]],
            r"features: got rows of different lengths, expected numbers of shape \(10,\) or",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0) @ (["1"] * 10),
            "features: got text",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0) @ MASKED,
            "features: 2 of 10 entries are masked",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0).matvec(MASKED),
            "features: 2 of 10 entries are masked",
        ),
        (
            lambda: AttentionOperator(
                np.ma.masked_less(X, X.min() + 1e-9), squared_distance(), 1.0
            ),
            "tokens: 1 of 30 entries are masked",
        ),
        (
            lambda: AttentionOperator(X, geodesic_sphere(), 1.0),
            r"geodesic distance: token \d has the norm .*, expected tokens on the sphere of radius 1",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0, applications=0),
            "applications: got 0",
        ),
        (
            lambda: AttentionOperator(1e200 * X, squared_distance(), 1.0),
            r"tokens: the largest entry is \d",
        ),
        (
            lambda: AttentionOperator(X[:, :0], squared_distance(), 1.0),
            r"tokens: got points of R\^0",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 5e-324),
            "temperature: got 4.94066e-324, expected a finite number >= 1e-100",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0, key_bias=np.full(10, 1e308)),
            r"key_bias: the largest entry is 1e\+308",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0, engine=["dense"]),
            r"engine: got \['dense'\]",
        ),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0) @ np.ones((10, 2, 2)),
            r"features: got shape \(10, 2, 2\)",
        ),
        (lambda: AttentionOperator(X, squared_distance(), 1.0) @ None, "features: got None, exp"),
        (lambda: transformed_distance(3), "got 3, expected a formula as a string"),
        (
            lambda: AttentionOperator(X, squared_distance(), 1.0, keys=X, exclude_self=True),
            "exclude_self",
        ),
        (lambda: AttentionOperator(X, "dot", 1.0), "pseudo_metric: got str"),
        (lambda: AttentionOperator(X, dot_product(np.eye(2)), 1.0), r"acts on points of R\^2"),
        (
            lambda: AttentionOperator(np.vstack([X, 0 * X[:1]]), cosine(), 1.0),
            "token 10 lies at the origin",
        ),
        (lambda: transformed_distance("-r"), "expected c r"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
