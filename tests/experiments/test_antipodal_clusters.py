"""`antipodal_clusters` refutes planted mistakes; its rates are those of a Jacobian."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.experiments.antipodal_clusters import small_angles as study
from simulations.experiments.antipodal_clusters.motion import moved, opening, two_clusters
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory import antipodal_clusters as formulas
from theory.claims import antipodal_clusters as claim
from theory.predictions.antipodal_clusters import predict
from theory.setting.checks import InputError

PARAMETERS = claim.Parameters(n_levels=5, n_each=2)


def verdicts(parameters=PARAMETERS) -> dict[str, str]:
    found = study.rates(parameters, Run(None, True))
    return {row.quantity: row.verdict for row in judge_quantities(found, predict(parameters))}


@pytest.mark.parametrize("changed", [{}, {"a": 0.4, "b": 2.5}, {"a": 1.0, "b": 1.0}])
def test_nothing_is_refuted_without_a_mistake(changed):
    parameters = claim.Parameters(**({"n_levels": 6, "n_each": 2} | changed))
    assert set(verdicts(parameters).values()) == {"supported"}


def test_a_wrong_temperature_is_refuted():
    with planted(next(m for m in MISTAKES if m.name == "temperature 3 % off")):
        found = verdicts()
    assert {v for q, v in found.items() if q.startswith(claim.SOFTMAX)} == {"refuted"}


def test_the_normalisations_are_not_mistaken_for_each_other(monkeypatch):
    other = {claim.SOFTMAX: claim.OVER_N, claim.OVER_N: claim.SOFTMAX}
    monkeypatch.setattr(
        study, "moved", lambda x, k, name, share, steps: moved(x, k, other[name], share, steps)
    )
    assert set(verdicts().values()) == {"refuted"}


@pytest.mark.parametrize("softmax", [True, False])
@pytest.mark.parametrize("angle", [0.3, 1.2])
def test_rates_are_eigenvalues_of_the_jacobian(softmax, angle):
    a, b, n = 1.3, -0.4, 3
    start = angle + np.pi * np.repeat([0, 1], n)

    def velocity(t):
        x = np.stack([np.cos(t), np.sin(t)], axis=1)
        w = np.exp(x @ np.diag([a, b]) @ x.T)
        w /= w.sum(axis=1, keepdims=True) if softmax else len(x)
        pull = w @ x
        return pull[:, 1] * x[:, 0] - pull[:, 0] * x[:, 1]

    step = 1e-5 * np.eye(2 * n)
    jacobian = np.array([(velocity(start + e) - velocity(start - e)) / 2e-5 for e in step]).T
    gamma = formulas.alignment(a, b, angle)
    inner = -formulas.gathering_rate(gamma, softmax)
    expected = [formulas.escape_rate(gamma, softmax), 0.0, *[inner] * (2 * n - 2)]
    found = np.linalg.eigvals(jacobian).real
    assert np.allclose(np.sort(found), np.sort(expected), atol=1e-6)


@pytest.mark.parametrize("name", claim.NORMALISATIONS)
def test_the_whole_life_follows_its_equation(name):
    times = np.array([0.0, 5.0, 10.0, 15.0])
    tokens = two_clusters(0.6, [0.05], [-0.05])
    found = opening(moved(tokens, (1.5, 0.5), name, 0.005, [0, 1000, 2000, 3000]))
    expected = formulas.opening(1.5, 0.5, 0.6, 0.1, times, name == claim.SOFTMAX)
    assert np.allclose(found, expected, rtol=0.01)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"a": 0.0}, "a: got 0"),
        ({"b": -1.0}, "b: got -1"),
        ({"n_each": 1}, "n_each: got 1"),
        ({"n_levels": 2}, "n_levels: got 2"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)
