"""`generator` refutes planted mistakes, and measures no more than it says."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.experiments.generator import measure
from simulations.experiments.generator.nodes import fit_error
from simulations.observables.generator import clock_and_drift
from simulations.store.results import Run
from simulations.tokens import iid_tokens, quadrature_tokens
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory.claims import generator as claim
from theory.predictions.generator import predict
from theory.setting.checks import InputError
from theory.setting.nodes import enough_nodes
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import reference_density

PARAMETERS = claim.Parameters(manifolds=("circle",), n_tokens=1000, n_seeds=40)
FEW = claim.Parameters(manifolds=("circle",), n_tokens=200, n_seeds=3)  # for what nodes see
SAMPLES, NODES = claim.WHERE


def refuted(parameters=PARAMETERS) -> set[str]:
    quantities = measure(parameters, Run(None, True)).quantities
    rows = judge_quantities(quantities, predict(parameters))
    return {row.quantity for row in rows if row.verdict == "refuted"}


def mistake(name):
    return next(m for m in MISTAKES if m.name == name)


def test_nothing_is_refuted_without_a_mistake():
    assert refuted() == set()


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("temperature 3 % off", claim.clock("circle", NODES, claim.LIMIT)),
        ("drift 1.96: a key bias of -0.02 log deg", claim.drift("circle", NODES, claim.LIMIT)),
        ("the token itself left out", claim.clock("circle", NODES, claim.LIMIT)),
        ("quadrature weights forgotten", claim.bias("circle")),
        ("population value 3 % too cold", claim.clock("circle", NODES, claim.AT_EPS)),
    ],
)
def test_planted_mistakes_are_refuted(name, row):
    with planted(mistake(name)):
        assert row in refuted(FEW)


def test_a_drift_of_the_samples_alone_is_refuted_by_them(monkeypatch):
    """Tokens of p^1.5 climb log p with 3, the nodes with 2."""
    denser = reference_density("circle", "exp(3*(x/2 + y/4)/2)")
    module = "simulations.experiments.generator.samples.iid_tokens"
    monkeypatch.setattr(module, lambda p, n, rng: iid_tokens(denser, n, rng))
    found = refuted()
    assert claim.drift("circle", SAMPLES, claim.LIMIT) in found
    assert claim.drift("circle", NODES, claim.LIMIT) not in found


def test_the_bound_of_the_fit_holds_for_the_worst_error_of_an_engine():
    p, eps = reference_density("sphere"), 0.1
    tokens = quadrature_tokens(p, enough_nodes(p.manifold, eps))
    right = AttentionOperator(tokens, GAUSSIAN, eps)
    clock, _ = clock_and_drift(right, p, tokens.coordinates, tokens.weights)
    rng = np.random.default_rng(1)

    class Wrong(AttentionOperator):
        def _matmat(self, x):
            signs = np.sign(rng.standard_normal(len(x)))[:, None]
            return super()._matmat(x) + self.tolerance * np.abs(x).max() * signs

    wrong = Wrong(tokens, GAUSSIAN, eps)
    moved = abs(clock_and_drift(wrong, p, tokens.coordinates, tokens.weights)[0] - clock)
    assert 0 < moved <= fit_error(right, p, tokens)


def test_samples_go_no_further_than_their_tokens_bear():
    few, many = (claim.Parameters(n_tokens=n).sample_temperatures("torus") for n in (1000, 10**6))
    assert few[-1] == few[0] == 0.04
    assert many[-1] == 0.005


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"temperature": 1e-7}, "temperature: got 1e-07 with n_levels 4, expected at least 0.03"),
        ({"temperature": 50.0}, "temperature: got 50 with n_levels 4, expected at most 1.23"),
        ({"manifolds": ("interval",)}, "manifold: got interval"),
        ({"density": "uniform"}, "density: got a uniform one"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)
