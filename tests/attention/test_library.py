"""The operator as a library: in other processes, in a terminal, and in the hands of a newcomer."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import warnings
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from simulations.attention import AttentionOperator, CoarseNodesWarning, LonelyTokensWarning
from simulations.attention.engines import choose_engine
from simulations.attention.engines.nufft import FarTokensWarning
from simulations.attention.normalisations import doubly_normalised, swapped
from simulations.dynamics.evolve import evolve_features
from simulations.observables.generator import clock_and_drift
from simulations.observables.spectrum import leading_eigenpairs
from simulations.tokens import Tokens, iid_tokens, quadrature_tokens
from theory.pde import Grid, drift_diffusion_operator
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import closed_curve, manifold
from theory.setting.nodes import nodes_for, sparse_nodes
from theory.setting.pseudo_metrics import (
    GAUSSIAN,
    cosine,
    dot_product,
    geodesic_sphere,
    mahalanobis,
    squared_distance,
    transformed_distance,
    user_function,
)
from theory.setting.scores import bilinear, score

MATRIX = np.array([[1.0, 0.3, 0.0], [0.2, 2.0, 0.1], [0.0, 0.0, 0.5]])


def skewed(x, y):
    return (x[0] - 2 * y[0]) ** 2 + x[1] * y[1]


SCORES = {
    "squared distance": squared_distance(),
    "distance": transformed_distance("log(1 + r**2)"),
    "geodesic": geodesic_sphere(),
    "dot product": dot_product(),
    "x^T A y": dot_product(MATRIX),
    "Mahalanobis": mahalanobis(MATRIX[:2]),
    "cosine": cosine(),
    "user function": user_function(skewed),
    "formula": score("(x1 - y2)**2 + x3*y1", 3).pseudo_metric,
    "bilinear": bilinear(MATRIX).pseudo_metric,
    "swapped formula": swapped(score("(x1 - y2)**2 + x3*y1", 3).pseudo_metric),
}


def sphere_tokens(n=50) -> Tokens:
    p = density(manifold("sphere"), "exp(x/2 + z/3)")
    return iid_tokens(p, n, np.random.default_rng(0))


@pytest.mark.parametrize("name", SCORES)
@pytest.mark.parametrize("used", [False, True])
def test_operators_pickle_and_are_the_same_afterwards(name, used):
    tokens = sphere_tokens()
    operator = AttentionOperator(tokens, SCORES[name], 0.3, window=1.5, exclude_self=True)
    expected = (
        AttentionOperator(tokens, SCORES[name], 0.3, window=1.5, exclude_self=True) @ tokens.points
    )
    if used:
        operator @ tokens.points  # with a plan in hand
    copied = pickle.loads(pickle.dumps(operator))
    assert (copied @ tokens.points == expected).all()
    assert (copied.T @ expected == operator.T @ expected).all()
    assert repr(copied.pseudo_metric) == repr(operator.pseudo_metric)


@pytest.mark.parametrize(
    "m",
    [manifold("sphere"), manifold("flat_torus(dim=3)"), closed_curve("c", "(2*cos(u), sin(u))")],
    ids=lambda m: m.name,
)
def test_the_setting_pickles(m):
    p = density(m, "exp(x1/2)")
    u = m._probe_points()
    values, h = p(u), m.function("x1*x2")(u)
    p2, function = pickle.loads(pickle.dumps((p, m.function("x1*x2"))))
    assert p2 == p and (p2(u) == values).all() and (function(u) == h).all()
    assert (p2.manifold.embed(u) == m.embed(u)).all()
    assert (p2.log_gradient(u) == p.log_gradient(u)).all()
    nodes = quadrature_tokens(p, 8)
    copied = pickle.loads(pickle.dumps(nodes))
    assert (copied.points == nodes.points).all() and copied.spacing == nodes.spacing
    cells = (8,) * m.dim
    operator = drift_diffusion_operator(Grid(m, cells), p)
    h = np.arange(float(operator.grid.size))
    expected = operator.apply(h)
    assert (pickle.loads(pickle.dumps(operator)).apply(h) == expected).all()


def applied(operator):
    return operator @ operator.queries


def test_operators_run_in_other_processes():
    tokens = sphere_tokens()
    operators = [
        AttentionOperator(tokens, SCORES[name], 0.3) for name in ("Mahalanobis", "formula")
    ]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        found = list(pool.map(applied, operators))
    for there, operator in zip(found, operators, strict=True):
        assert np.abs(there - applied(operator)).max() < 1e-14


def test_a_user_function_can_be_doubly_normalised():
    x = np.random.default_rng(0).standard_normal((20, 2))
    kernel = np.exp(-np.array([[skewed(a, b) for b in x] for a in x]) / 0.7)
    right = kernel / kernel.sum(axis=0)
    right /= right.sum(axis=1, keepdims=True)
    found = doubly_normalised(x, user_function(skewed), 0.7) @ x
    assert np.abs(found - right @ x).max() < 1e-12
    wrong = kernel / kernel.sum(axis=1)
    assert np.abs(found - wrong / wrong.sum(axis=1, keepdims=True) @ x).max() > 1e-3


def test_repr_says_what_it_is():
    operator = AttentionOperator(sphere_tokens(), GAUSSIAN, 0.25, tolerance=1e-8)
    shown = "<50x50 AttentionOperator: score '0.25 |x-y|^2', temperature 0.25, engine auto"
    assert repr(operator) == f"{shown}, tolerance 1e-08>"
    operator @ operator.queries
    assert repr(operator) == f"{shown} (dense), tolerance 1e-08>"
    named = AttentionOperator(sphere_tokens(), dot_product(), 0.25, engine="naive")
    assert "score 'dot product'" in repr(named) and "engine naive," in repr(named)


# --- warnings point at the line that asked ---


def line_of(call, category) -> tuple[str, str]:
    """The file of the warning, and the text of the line it points at."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        call()
    (found,) = [w for w in seen if issubclass(w.category, category)]
    with open(found.filename, encoding="utf-8") as source:
        return found.filename, source.read().splitlines()[found.lineno - 1].strip()


LONELY = np.random.default_rng(0).standard_normal((50, 3))


def lonely_product():
    return AttentionOperator(LONELY, squared_distance(), 1e-7) @ LONELY


def lonely_dot():
    operator = AttentionOperator(LONELY, squared_distance(), 1e-7)
    return operator.dot(LONELY[:, 0])


def lonely_evolution():
    operator = AttentionOperator(LONELY, squared_distance(), 1e-7)
    return evolve_features(operator, LONELY, [3])


def far_tokens():
    x = np.vstack([LONELY, [[60.0, 0.0, 0.0]]])
    return AttentionOperator(x, squared_distance(), 0.05, engine="nufft").log_partition


def coarse_nodes():
    nodes = quadrature_tokens(density(manifold("circle")), 20)
    return AttentionOperator(nodes, GAUSSIAN, 0.01)


@pytest.mark.parametrize(
    ("call", "category", "line"),
    [
        (lonely_product, LonelyTokensWarning, "return AttentionOperator(LONELY"),
        (lonely_dot, LonelyTokensWarning, "return operator.dot("),
        (lonely_evolution, LonelyTokensWarning, "return evolve_features("),
        (far_tokens, FarTokensWarning, "return AttentionOperator(x"),
        (coarse_nodes, CoarseNodesWarning, "return AttentionOperator(nodes"),
    ],
)
def test_warnings_point_at_the_caller(call, category, line):
    file, shown = line_of(call, category)
    assert file == __file__ and shown.startswith(line)


# --- nodes that are too coarse for the temperature ---


@pytest.mark.parametrize(("spec", "eps"), [("circle", 0.01), ("sphere", 0.05), ("torus", 0.1)])
def test_nodes_that_are_meant_are_not_warned_of(spec, eps):
    p = density(manifold(spec), "exp(x/3)")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for rule in (nodes_for, sparse_nodes):
            for f in (GAUSSIAN, dot_product(scale=0.5)):
                AttentionOperator(quadrature_tokens(p, rule(p.manifold, eps)), f, eps)


@pytest.mark.parametrize(("nodes", "warned"), [(20, True), (30, True), (40, False), (64, False)])
def test_the_warning_is_about_the_clock(nodes, warned):
    """It comes exactly where the measured clock is off by more than a thousandth."""
    p, eps = density(manifold("circle"), "exp(x/9)"), 0.01
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        tokens = quadrature_tokens(p, nodes)
        operator = AttentionOperator(tokens, GAUSSIAN, eps)
    fine = quadrature_tokens(p, 200)
    right, _ = clock_and_drift(AttentionOperator(fine, GAUSSIAN, eps), p, fine.coordinates)
    clock, _ = clock_and_drift(operator, p, tokens.coordinates)
    assert bool(seen) == warned == (abs(clock / right - 1) > 1e-3)
    if warned:
        told = float(str(seen[0].message).split("off by ")[1].split("%")[0]) / 100
        assert told == pytest.approx(clock / right - 1, rel=0.1, abs=2e-3)


# --- engines for many applications ---


def test_auto_counts_the_applications():
    nodes = quadrature_tokens(density(manifold("sphere")), (82, 164))
    arguments = (transformed_distance("r**1.5"), nodes.points, nodes.points, 5e-4)
    assert choose_engine(*arguments) == "dense"
    assert choose_engine(*arguments, applications=100) == "truncated"


def test_an_operator_for_many_applications_is_the_same_operator(monkeypatch):
    from simulations.attention.engines import auto

    monkeypatch.setattr(auto, "ALWAYS_DENSE", 65_000_000)
    tokens = sphere_tokens(8000)
    operator = AttentionOperator(tokens, GAUSSIAN, 3e-4)
    assert operator.for_applications(2) is operator
    many = operator.for_applications(1000)
    h = tokens.points
    assert operator.engine == "dense" and many.engine != "dense"
    assert np.abs(many @ h - operator @ h).max() < 1e-9
    # once it has the engine that is right, it stays
    assert many.for_applications(2000).engine == many.engine
    named = AttentionOperator(tokens, GAUSSIAN, 3e-4, engine="dense")
    assert named.for_applications(1000) is named


def test_lanczos_asks_for_many_applications(monkeypatch):
    asked = []
    right = AttentionOperator.for_applications
    monkeypatch.setattr(
        AttentionOperator,
        "for_applications",
        lambda self, n: asked.append(n) or right(self, n),
    )
    operator = AttentionOperator(sphere_tokens(700), GAUSSIAN, 0.1)
    calls = []
    plain = AttentionOperator._matmat
    monkeypatch.setattr(
        AttentionOperator, "_matmat", lambda self, x: calls.append(1) or plain(self, x)
    )
    leading_eigenpairs(operator, 4, np.random.default_rng(0))
    assert len(asked) == 1 and asked[0] / 3 < len(calls) < 3 * asked[0]


# --- what is wrong is named where an operator is made, or at `@` where features are ---

PLANE = np.random.default_rng(1).standard_normal((300, 2))
FIVE = np.random.default_rng(1).standard_normal((30, 5))


@pytest.mark.parametrize("value", ["0.05", True, np.True_, np.inf, -np.inf, np.nan, 0, None, [0.1]])
def test_a_temperature_is_a_finite_number_and_every_refusal_says_so(value):
    with pytest.raises(InputError) as refused:
        AttentionOperator(PLANE, GAUSSIAN, value)
    told = f"{value:g}" if isinstance(value, float | int) and value is not True else repr(value)
    assert str(refused.value) == f"temperature: got {told}, expected a finite number >= 1e-100"


@pytest.mark.parametrize("value", [0.25, np.float32(0.25), np.array(0.25), np.int64(1), 1])
def test_numbers_of_any_kind_are_temperatures(value):
    assert AttentionOperator(PLANE, GAUSSIAN, value).temperature == float(value)


@pytest.mark.parametrize("value", [2, 1, 0, -1e-3, "1e-3", True, np.nan])
def test_a_tolerance_is_below_the_features_themselves(value):
    with pytest.raises(InputError, match=r"tolerance: got .*, expected a number > 0 and < 1$"):
        AttentionOperator(PLANE, GAUSSIAN, 0.1, tolerance=value)


@pytest.mark.parametrize(
    ("tokens", "score", "options", "message"),
    [
        (np.vstack([PLANE, [[0, 0]]]), cosine(), {}, "token 300 lies at the origin"),
        (PLANE, geodesic_sphere(), {}, "expected tokens on the sphere of radius 1"),
        (PLANE, dot_product(MATRIX), {}, r"acts on points of R\^3, got tokens in R\^2"),
        (FIVE, GAUSSIAN, {"engine": "nufft"}, r"got points of R\^5, expected at most R\^3"),
        (PLANE, geodesic_sphere(radius=2), {"engine": "nufft"}, "sphere of radius 2"),
        (PLANE, transformed_distance("r"), {"engine": "nufft"}, "are no Gaussians"),
        (PLANE, GAUSSIAN, {"engine": "nufft", "window": 1.0}, "got a window, expected none"),
        (PLANE, GAUSSIAN, {"engine": "nufft", "tolerance": 0.5}, "to 0.1 for engine 'nufft'"),
        (PLANE, GAUSSIAN, {"engine": "truncated", "tolerance": 0.5}, "0.1 for engine 'truncated'"),
        (PLANE, dot_product(), {"engine": "truncated"}, "does not grow with the distance"),
    ],
)
def test_what_cannot_be_computed_is_refused_before_it_is_applied(tokens, score, options, message):
    with pytest.raises(InputError, match=message):
        AttentionOperator(tokens, score, 0.1, **options)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda a: a @ 2.0, r"features: got 2\.0, expected \(300,\) or \(300, c\); a multiple"),
        (lambda a: 2.0 @ a, r"features: got 2\.0, expected \(300,\)"),
        (lambda a: a.T @ np.float64(2), "features: got np.float64"),
        (lambda a: a @ "text", "features: got 'text', expected"),
        (lambda a: a @ ([None] * 300), r"features: got None at index \(0,\), expected numbers"),
        (lambda a: a @ ([1.0] * 299 + [None]), r"features: got None at index \(299,\)"),
    ],
)
def test_features_that_are_none_are_named(act, message):
    with pytest.raises(InputError, match=message):
        act(AttentionOperator(PLANE, GAUSSIAN, 0.1))


def test_a_multiple_of_an_operator_is_one():
    operator = AttentionOperator(PLANE, GAUSSIAN, 0.1)
    for double in (operator * 2.0, 2.0 * operator):
        assert np.allclose(double @ PLANE, 2 * (operator @ PLANE), rtol=1e-15)
    assert np.allclose(PLANE.T @ operator, (operator.T @ PLANE).T, rtol=1e-15)


@pytest.mark.parametrize("options", [{}, {"exclude_self": True}, {"window": 0.4}])
@pytest.mark.parametrize(
    ("engine", "eps"), [("dense", 0.05), ("truncated", 0.002), ("nufft", 0.002)]
)
def test_masked_keys_are_as_if_they_were_not_there(engine, eps, options):
    if engine == "nufft" and "window" in options:
        return
    rng = np.random.default_rng(3)
    x = np.sqrt(rng.random((3000, 1))) * np.array([[1.0, 0.5]]) + 0.1 * rng.random((3000, 2))
    bias = rng.standard_normal(len(x))
    masked = rng.random(len(x)) < 0.4
    bias[masked] = -np.inf
    h = np.where(masked, 1e6, np.sin(3 * x[:, 0]))  # what a masked key says does not matter
    # without them, by the definition; with exclude_self keys keep their numbers
    scores = -((x[:, None] - x[~masked]) ** 2).sum(axis=2) / 4 / eps + bias[~masked]
    far = ((x[:, None] - x[~masked]) ** 2).sum(axis=2) > options.get("window", np.inf) ** 2
    own = np.arange(len(x))[:, None] == np.flatnonzero(~masked)
    scores[far | (own & options.get("exclude_self", False))] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    operator = AttentionOperator(
        x, GAUSSIAN, eps, key_bias=bias, engine=engine, tolerance=1e-9, **options
    )
    assert operator.engine == engine
    assert np.abs(operator @ h - weights @ h[~masked]).max() < 1e-8
    measure = operator.T @ h
    assert not measure[masked].any()
    assert np.abs(measure[~masked] - weights.T @ h).max() < 1e-7 * np.abs(h).max()
    assert not operator.self_weight[masked].any()
    law = operator.stationary_law
    assert not law[masked].any() and np.abs(operator.T @ law - law).max() < 1e-9


def test_a_mask_moves_the_result():
    bias = np.where(np.arange(300) < 100, -np.inf, 0.0)
    with_mask = AttentionOperator(PLANE, GAUSSIAN, 0.1, key_bias=bias) @ PLANE
    assert np.abs(with_mask - AttentionOperator(PLANE, GAUSSIAN, 0.1) @ PLANE).max() > 0.1


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.inf, r"the first is inf at index \(3,\); expected finite numbers or -inf"),
        (np.nan, r"the first is nan at index \(3,\); expected finite numbers or -inf"),
        (None, r"got None at index \(3,\)"),
        ("x", "got text"),
        (-1e101, r"the largest entry is 1e\+101"),
    ],
)
def test_other_biases_of_no_meaning_are_refused(value, message):
    with pytest.raises(InputError, match=f"key_bias: .*{message}"):
        AttentionOperator(PLANE, GAUSSIAN, 0.1, key_bias=[0.0] * 3 + [value] + [-np.inf] * 296)


@pytest.mark.parametrize("engine", ["dense", "naive", "truncated", "nufft"])
def test_a_query_without_any_key_is_named(engine):
    bias = np.full(300, -np.inf)
    with pytest.raises(InputError, match="-inf masks 300 of 300 keys"):
        AttentionOperator(PLANE, GAUSSIAN, 0.1, key_bias=bias, engine=engine)
    bias[5] = 0.0
    with pytest.raises(InputError, match="query 5 is left with no key .* finite bias"):
        operator = AttentionOperator(
            PLANE, GAUSSIAN, 0.1, key_bias=bias, exclude_self=True, engine=engine
        )
        operator @ PLANE


# --- functions go to other processes by their names ---


def inner():
    def nested(x, y):
        return (x[0] - y[0]) ** 2

    return nested


@pytest.mark.parametrize("function", [lambda x, y: x[0] * y[0], inner()], ids=["lambda", "nested"])
@pytest.mark.parametrize("exchange", [lambda f: f, swapped], ids=["as it is", "swapped"])
def test_a_function_without_a_name_says_what_it_needs(function, exchange):
    score = exchange(user_function(function))
    operator = AttentionOperator(PLANE, score, 0.3)
    expected = operator @ PLANE
    with pytest.raises(InputError, match=r"pickle: the function .* at the top level of a module"):
        pickle.dumps(operator)
    # within a process it needs no name
    assert (copy.deepcopy(operator) @ PLANE == expected).all()
    assert (copy.copy(operator) @ PLANE == expected).all()


# --- short to look at ---


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        (lambda p: p.manifold, "<Manifold sphere: dimension 2, in R^3>"),
        (lambda p: p, "<Density 'exp(z)' on sphere, dimension 2>"),
        (lambda p: density(p.manifold), "<Density uniform on sphere, dimension 2>"),
        (lambda p: iid_tokens(p, 50, np.random.default_rng(0)), "<50 Tokens on sphere>"),
        (
            lambda p: quadrature_tokens(p, (24, 48)),
            "<1152 Tokens with weights on sphere, at most 0.206 apart>",
        ),
    ],
)
def test_reprs_are_short(thing, expected):
    assert repr(thing(density(manifold("sphere"), "exp(z)"))) == expected
