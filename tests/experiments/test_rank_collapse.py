"""`rank_collapse` refutes planted mistakes; its layer without loss of digits is that of attention."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.experiments import rank_collapse
from simulations.experiments.rank_collapse import centred, sinkhorn
from simulations.experiments.rank_collapse.networks import (
    bounded_layers,
    composite_norm,
    plain_layers,
    residual,
    scaled_factor,
)
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from theory.claims import rank_collapse as claim
from theory.predictions.rank_collapse import predict
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import dot_product

PARAMETERS = claim.Parameters(n_networks=20, n_levels=5, n_seeds=16, n_tokens=16)


def verdicts() -> dict[str, str]:
    quantities = rank_collapse.measure(PARAMETERS, Run(None, True)).quantities
    rows = judge_quantities(quantities, predict(PARAMETERS))
    return {row.quantity: row.verdict for row in rows}


def test_nothing_is_refuted_without_a_mistake():
    assert "refuted" not in verdicts().values()


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("heads", [1, 3])
def test_a_centred_layer_is_a_layer_of_attention(skip, heads):
    rng = np.random.default_rng(2)
    (layer,) = bounded_layers(4, heads, 1, rng)
    layer.scores[:] *= 5
    tokens = centred.random_tokens(10, 4, np.log(2.0), rng)
    x = tokens.common + np.exp(tokens.log_size) * tokens.shape
    after = x * skip
    for w, v in zip(layer.scores, layer.values, strict=True):
        after = after + (AttentionOperator(x, dot_product(w), layer.temperature) @ x) @ v
    found = centred.attend(tokens, layer, skip)
    assert found.common + np.exp(found.log_size) * found.shape == pytest.approx(after, abs=1e-13)
    assert np.exp(found.log_size) == pytest.approx(composite_norm(residual(after)), rel=1e-10)


def test_a_tiny_residual_keeps_its_digits():
    # cubic: a thousandth of the residual leaves a billionth of what is left
    logs = []
    for size in (1e-40, 1e-43):
        rng = np.random.default_rng(3)
        layers = plain_layers(6, 1.0, 1, rng)
        logs.append(centred.log_residuals(centred.random_tokens(8, 6, np.log(size), rng), layers))
    assert (logs[0] - logs[1])[1] == pytest.approx(9 * np.log(10), rel=1e-12)


def test_the_weights_meet_the_hypothesis():
    for layer in bounded_layers(5, 3, 2, np.random.default_rng(4)):
        for w, v in zip(layer.scores, layer.values, strict=True):
            assert np.linalg.norm(w, 1) * composite_norm(v) == pytest.approx(1)
    assert scaled_factor(16, 2) == 2.0


def test_the_composite_norm_and_the_nearest_row():
    x = np.array([[1.0, -2.0], [3.0, 4.0], [5.0, 0.0]])
    by_numpy = np.sqrt(np.linalg.norm(x, 1) * np.linalg.norm(x, np.inf))
    assert composite_norm(x) == pytest.approx(by_numpy)
    rng = np.random.default_rng(5)
    least = np.linalg.norm(residual(x), 1)
    assert all(np.linalg.norm(x - rng.normal(2, 2, 2), 1) >= least for _ in range(200))


def test_a_skip_connection_is_refuted(monkeypatch):
    whole = centred.attend

    def skipping(tokens, layer, skip=False):
        return whole(tokens, layer, True)

    monkeypatch.setattr(centred, "attend", skipping)
    found = verdicts()
    named = [*map(claim.bound, claim.LAYERS), *map(claim.exponent, claim.FOLLOWED)]
    assert {found[name] for name in named} == {"refuted"}


def test_scores_of_plain_products_of_unscaled_keys_are_refuted(monkeypatch):
    # scores that do not shrink with the residual: the same matrix at every layer
    def frozen(tokens, layer, skip=False):
        rows = np.random.default_rng(6).dirichlet(np.ones(len(tokens.shape)), len(tokens.shape))
        change = rows @ tokens.shape @ layer.values[0]
        return centred.centred(tokens.common @ layer.values[0], change, tokens.log_size)

    monkeypatch.setattr(centred, "attend", frozen)
    assert {verdicts()[claim.exponent(k)] for k in claim.FOLLOWED} == {"refuted"}


def test_arms_that_are_exchanged_are_refuted(monkeypatch):
    one, other = sinkhorn.softmax_attention, sinkhorn.sinkhorn_attention
    monkeypatch.setattr(sinkhorn, "softmax_attention", other)
    monkeypatch.setattr(sinkhorn, "sinkhorn_attention", one)
    assert verdicts()[claim.sinkhorn(2.0, False)] == "refuted"


def test_equal_arms_are_not_told_apart(monkeypatch):
    monkeypatch.setattr(sinkhorn, "sinkhorn_attention", sinkhorn.softmax_attention)
    assert verdicts()[claim.sinkhorn(2.0, False)] == "inconclusive"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"start": 1.0}, "start: got 1"),
        ({"n_levels": 3}, "n_levels: got 3"),
        ({"n_networks": 5}, "n_networks: got 5"),
    ],
)
def test_bad_parameters_are_refused(bad, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**bad)
