"""A.T @ v where exponents are so large that a row's weights cannot be made of its log-partition:
against the definition in many digits, and the mass of v, which no transpose of a Markov operator
may lose.
"""

from __future__ import annotations

import warnings

import mpmath
import numpy as np
import pytest

from simulations.attention import AttentionOperator
from theory.setting import pseudo_metrics
from theory.setting.checks import InputError

SQUARED, DOT = pseudo_metrics.squared_distance(1.0), pseudo_metrics.dot_product()
OWN = pseudo_metrics.user_function(lambda x, y: (x[0] - y[0]) ** 2 + abs(x[1] - y[1]))
COLD = 2.0**-40  # exponents of integer scores are whole numbers up to 2^46: no rounding in float64
GRAIN = 2.0**-5  # of key biases: their sums with the exponents have none either
TOLERANCE = {"single": 1e-6, "truncated": 1e-10, "nufft": 1e-10, "auto": 1e-10}


def exact_problem(seed=1):
    """Queries, keys, their biases and values, whose exponents at COLD are exact in float64; among
    the keys are many pairs at one place, so that rows are shared out."""
    rng = np.random.default_rng(seed)
    x, y = rng.integers(-4, 5, (40, 2)).astype(float), rng.integers(-4, 5, (30, 2)).astype(float)
    y[15:] = y[:15]
    bias = rng.integers(-64, 65, 30) * GRAIN
    return x, y, bias, rng.uniform(0.5, 1.5, (40, 3))


def exponents(x, y, bias, score):
    return np.array([[-score(a, b) / COLD + c for b, c in zip(y, bias, strict=True)] for a in x])


def in_many_digits(t, v):
    """sum_i v_i e^t_ij / sum_k e^t_ik, by its definition, of a matrix t whose numbers are exact."""
    out = mpmath.zeros(t.shape[1], v.shape[1])
    with mpmath.workdps(40):
        for row, values in zip(t, v, strict=True):
            weights = [mpmath.exp(mpmath.mpf(float(e))) for e in row]
            total = mpmath.fsum(weights)
            for j, w in enumerate(weights):
                for f, value in enumerate(values):
                    out[j, f] += w / total * mpmath.mpf(float(value))
    return np.array(out.tolist(), dtype=float)


@pytest.mark.parametrize("engine", ["naive", "dense", "auto"])
@pytest.mark.parametrize(
    ("metric", "score"),
    [
        (SQUARED, lambda a, b: ((a - b) ** 2).sum()),
        (DOT, lambda a, b: -(a @ b)),
        (OWN, lambda a, b: (a[0] - b[0]) ** 2 + abs(a[1] - b[1])),
    ],
    ids=["distance", "dot product", "a function"],
)
def test_the_transpose_is_its_definition_at_exponents_beyond_1e12(metric, score, engine):
    x, y, bias, v = exact_problem()
    t = exponents(x, y, bias, score)
    assert np.abs(t).max() > 1e12
    expected = in_many_digits(t, v)
    found = AttentionOperator(x, metric, COLD, keys=y, key_bias=bias, engine=engine).T @ v
    assert np.abs(found - expected).max() < 1e-12
    # the input is one on which weights of the rounded log-partition are wrong
    largest = t.max(axis=1)
    log_partition = largest + np.log(np.exp(t - largest[:, None]).sum(axis=1))
    rebuilt = np.exp(t - log_partition[:, None]).T @ v
    assert np.abs(rebuilt - expected).max() > 1e-4


@pytest.mark.parametrize("window", [None, 2.0])
@pytest.mark.parametrize("n_keys", [37, 700])
def test_windows_and_tokens_that_leave_themselves_out(n_keys, window):
    rng = np.random.default_rng(2)
    x, v = rng.standard_normal((n_keys, 2)), rng.standard_normal(n_keys)
    for options in ({"exclude_self": True}, {"keys": rng.standard_normal((n_keys, 2))}):
        operator = AttentionOperator(x, OWN, 1e-13, window=window, engine="dense", **options)
        assert np.abs(operator.log_partition).max() > 1e3
        h = rng.standard_normal(n_keys)
        # the rows are those of the operator, one unit vector at a time
        assert (operator.T @ v) @ h == pytest.approx(v @ (operator @ h), abs=1e-12)
        assert (operator.T @ np.eye(n_keys)[:, :5]).T == pytest.approx(
            (operator @ np.eye(n_keys))[:5], abs=1e-14
        )


EVERY = ("naive", "dense", "auto")  # they take every score at every temperature
METRICS = {"distance": SQUARED, "dot product": DOT, "function": OWN}
# the others, with the scores and dimensions of which they take some temperatures
SOME = {
    "single": (("distance", 2), ("distance", 64), ("dot product", 2), ("dot product", 64)),
    "truncated": (("distance", 2), ("distance", 64)),
    "nufft": (("distance", 2), ("dot product", 2)),
    "boxes": (("distance", 2), ("dot product", 2)),
}
TAKEN = [(e, m, d) for e in EVERY for m in METRICS for d in (2, 64)]
TAKEN += [(e, m, d) for e, some in SOME.items() for m, d in some]
TEMPERATURES = (1.0, 1e-3, 1e-9, 1e-13, 1e-15)


@pytest.mark.parametrize(("engine", "metric", "dim"), TAKEN)
def test_no_engine_loses_mass_at_any_temperature_that_it_takes(engine, metric, dim):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((300, dim))
    if metric == "dot product":
        x /= np.linalg.norm(x, axis=1)[:, None]
    v, h, tolerance = rng.random((300, 2)), rng.random(300), TOLERANCE.get(engine, 1e-12)
    options = {"engine": engine, "tolerance": max(tolerance, 1e-10)}
    taken = []
    for temperature in TEMPERATURES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                operator = AttentionOperator(x, METRICS[metric], temperature, **options)
                moved = operator.T @ v
            except InputError:
                continue
            there, back = v[:, 0] @ (operator @ h), moved[:, 0] @ h
        taken.append(temperature)
        assert np.abs(moved.sum(axis=0) / v.sum(axis=0) - 1).max() < tolerance, temperature
        assert abs(there - back) < tolerance * v[:, 0].sum(), temperature
    assert taken == list(TEMPERATURES) if engine in EVERY else taken
