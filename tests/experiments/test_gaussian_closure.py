"""`gaussian_closure` refutes planted mistakes; its formulas hold against independent integrals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import dblquad, solve_ivp

from simulations.experiments.gaussian_closure import gaussian
from simulations.experiments.gaussian_closure.on_nodes import covariances_on_nodes
from simulations.experiments.gaussian_closure.one_step import one_step
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory import gaussian_closure as formulas
from theory.claims import gaussian_closure as claim
from theory.predictions.gaussian_closure import predict
from theory.setting.checks import InputError

PARAMETERS = claim.Parameters(n_levels=4, n_tokens=200, n_seeds=3)


@pytest.fixture(autouse=True)
def few_nodes(monkeypatch):
    monkeypatch.setattr(claim, "DIMENSIONS", (2,))
    monkeypatch.setitem(claim.NODES, 2, 34)


def verdicts() -> dict[str, str]:
    """Of what is measured on nodes of the plane."""
    found = one_step().quantities | covariances_on_nodes(PARAMETERS, Run(None, True)).quantities
    predicted = {name: value for name, value in predict(PARAMETERS).items() if name in found}
    return {row.quantity: row.verdict for row in judge_quantities(found, predicted)}


def test_nothing_is_refuted_without_a_mistake():
    assert set(verdicts().values()) == {"supported"}


@pytest.mark.parametrize("name", ["temperature 3 % off", "transposed W", "normalised by columns"])
def test_planted_mistakes_are_refuted(name):
    with planted(next(m for m in MISTAKES if m.name == name)):
        found = verdicts()
    assert found[claim.entry(2, "dot product", 0, 1)] == "refuted"
    assert found[claim.turned(2)] == "refuted" or name == "normalised by columns"


def test_a_step_that_keeps_nothing_is_refuted(monkeypatch):
    right = gaussian.moved

    def forgets(tokens, weights, f, temperature, steps, share=None):
        return right(tokens, weights, f, temperature, steps, None)

    monkeypatch.setattr(gaussian, "moved", forgets)
    assert verdicts()[claim.entry(2, "dot product", 0, 0)] == "refuted"


def test_the_maps_are_integrals():
    m, s, a = claim.tokens_of(2)
    x, inverse = np.array([0.4, -0.9]), np.linalg.inv(s)

    def mean(exponent):
        def integral(k):
            def integrand(v, u):
                y = np.array([u, v])
                density = np.exp(-(y - m) @ inverse @ (y - m) / 2 + exponent(y))
                return density if k is None else density * y[k]

            return dblquad(integrand, -6, 6, -6, 6, epsabs=1e-9)[0]

        return np.array([integral(0), integral(1)]) / integral(None)

    offset, matrix = formulas.dot_product_map(m, s, a)
    assert np.allclose(mean(lambda y: x @ a @ y), offset + matrix @ x, atol=1e-7)
    offset, matrix = formulas.kernel_map(m, s, 0.5)
    assert np.allclose(mean(lambda y: -((x - y) @ (x - y)) / 2), offset + matrix @ x, atol=1e-7)


def test_the_blow_up_is_that_of_the_differential_equation():
    huge = solve_ivp(
        lambda t, s: 2 * s**2, (0, 1), [0.5], rtol=1e-10,
        events=lambda t, s: s[0] - 1e6,
    )  # fmt: skip
    assert huge.t_events[0][0] == pytest.approx(formulas.blow_up_time(0.5), abs=1e-5)


def test_small_steps_tend_to_the_differential_equation():
    s = formulas.moved_dot_product([0.0], [[0.5]], [[1.0]], 0.5 / 4000, 4000)[1][0, 0]
    assert s == pytest.approx(1 / (2 - 2 * 0.5), rel=1e-3)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"temperature": 0.0}, "temperature: got 0"),
        ({"n_levels": 2}, "n_levels: got 2"),
        ({"n_tokens": 10}, "n_tokens: got 10"),
        ({"seed": -1}, "seed: got -1"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)
