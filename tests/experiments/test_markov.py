"""Measuring `markov`: mistakes that verdicts refute, and parameters that are refused."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.experiments.markov import consensus
from simulations.experiments.markov.identities import identities, row_identities
from simulations.store.results import Run
from simulations.tokens import iid_tokens, quadrature_tokens
from simulations.verdict.join import judge_quantities
from theory.claims import markov as claim
from theory.claims.markov import Parameters
from theory.predictions.markov import predict
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import GAUSSIAN

# few tokens on the circle at a high temperature, where a sample is cheap
SAMPLED = Parameters(manifold="circle", n_tokens=100, temperature=0.5, n_seeds=1500)
SMALL = Parameters(**claim.SMALL)


def verdicts(quantities, parameters) -> dict[str, str]:
    """Verdicts of some of the quantities of the claim."""
    predicted = {name: predict(parameters)[name] for name in quantities}
    return {row.quantity: row.verdict for row in judge_quantities(quantities, predicted)}


def measured_on_nodes():
    return consensus.consensus_on_nodes(SMALL, Run(None, quiet=True)).quantities


def hotter(factor):
    def operator(tokens, pseudo_metric, temperature, **options):
        return AttentionOperator(tokens, pseudo_metric, factor * temperature, **options)

    return operator


def samples_at(monkeypatch, factor) -> str:
    monkeypatch.setattr(consensus, "AttentionOperator", hotter(factor))
    found = consensus.consensus_of_samples(SAMPLED, Run(None, quiet=True)).quantities
    return verdicts(found, SAMPLED)[claim.CONSENSUS]


def test_a_temperature_that_is_off_is_refuted_by_the_consensus_at_size(monkeypatch):
    assert samples_at(monkeypatch, 1.0) == "supported"
    assert samples_at(monkeypatch, 1.5) == "refuted"


def test_three_per_cent_are_more_than_the_reference_run_could_hide():
    reference = Parameters()
    hot = Parameters(temperature=1.03 * reference.temperature)
    right, variance = (predict(reference)[q].value for q in (claim.CONSENSUS, claim.VARIANCE))
    moved = abs(predict(hot)[claim.CONSENSUS].value - right)
    error = np.sqrt(variance / reference.n_tokens / reference.n_seeds)
    # beyond 3.3 standard errors it is refuted: here in 999 of 1000 runs
    assert moved > (3.3 + 3.1) * error


def test_weights_of_nodes_that_are_forgotten_are_refuted(monkeypatch):
    found = measured_on_nodes()
    assert "refuted" not in verdicts(found, SMALL).values()

    def equal(tokens, pseudo_metric, temperature):
        weights = np.full(len(tokens), 1 / len(tokens))
        return AttentionOperator(tokens, pseudo_metric, temperature, weights=weights)

    monkeypatch.setattr(consensus, "AttentionOperator", equal)
    assert "refuted" in verdicts(measured_on_nodes(), SMALL).values()


def test_a_law_that_is_not_stationary_is_refuted(monkeypatch):
    def wrong(self):
        return self.degrees**2 / (self.degrees**2).sum()

    monkeypatch.setattr(AttentionOperator, "stationary_law", property(wrong))
    found = verdicts(identities(SMALL), SMALL)
    for name in (claim.BALANCE, claim.CONSERVED, claim.REACHED):
        assert found[name] == "refuted"


def test_columns_in_place_of_rows_are_refuted():
    rng = np.random.default_rng(0)
    tokens, h = iid_tokens(SMALL.tokens_density(), 300, rng), rng.uniform(-1, 1, (300, 3))
    attention = AttentionOperator(tokens, GAUSSIAN, 0.05)
    matrix = attention @ np.eye(300)

    class ByColumns:
        shape, T = attention.shape, matrix.T

        def __matmul__(self, features):
            return (matrix * attention.stationary_law[:, None]).T @ features * 300

    found = verdicts(row_identities([ByColumns()], h), SMALL)
    assert found[claim.ROWS] == "refuted" and found[claim.EXCESS] == "refuted"
    right = verdicts(row_identities([attention], h), SMALL)
    assert set(right.values()) == {"supported"}


def variance_on_nodes(p, eps) -> float:
    nodes = quadrature_tokens(p, 200)
    operator = AttentionOperator(nodes, GAUSSIAN, eps)
    return consensus.consensus_variance(operator, nodes.weights, nodes.points[:, 0])


def test_the_variance_of_the_consensus_on_nodes_is_an_integral():
    """Of the squared influence of a token through both places of a pair, on other nodes."""
    eps, n = 0.2, 400
    t = 2 * np.pi * np.arange(n) / n
    h, mass = np.cos(t), (1 + np.cos(t) / 2) / n
    kernel = np.exp((np.cos(t[:, None] - t) - 1) / (2 * eps))
    degrees = kernel @ mass
    centred = h - (mass * degrees) @ h / (mass @ degrees)
    influence = (degrees * centred + kernel @ (mass * centred)) / (mass @ degrees)
    found = variance_on_nodes(density(manifold("circle"), "1 + cos(t)/2"), eps)
    assert found == pytest.approx(mass @ influence**2, rel=1e-12)


def test_the_variance_of_the_consensus_on_nodes_is_that_of_samples():
    p, eps, n, repeats = density(manifold("circle"), "1 + cos(t)/2"), 0.2, 2000, 1500
    exact = variance_on_nodes(p, eps)
    rng, values = np.random.default_rng(0), []
    for _ in range(repeats):
        x = iid_tokens(p, n, rng).points
        # degrees by a histogram of angles: another way to the same number
        counts = np.bincount(
            (np.arctan2(x[:, 1], x[:, 0]) % (2 * np.pi) * 300 / (2 * np.pi)).astype(int),
            minlength=300,
        )
        t = 2 * np.pi * (np.arange(300) + 0.5) / 300
        degrees = np.exp((np.cos(t[:, None] - t) - 1) / (2 * eps)) @ counts
        values.append((counts * degrees) @ np.cos(t) / (counts @ degrees))
    # three standard errors of a variance; through one place of the pair alone it were a quarter
    assert n * np.var(values) == pytest.approx(exact, rel=3 * np.sqrt(2 / repeats))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"n_seeds": 5}, "n_seeds: got 5, expected a whole number >= 20"),
        ({"temperature": -1.0}, "temperature: got -1, expected a finite number > 0"),
        ({"manifold": "interval"}, "manifold: got interval, expected a closed one"),
        ({"n_levels": 3}, "n_levels: got 3"),
        (
            {"manifold": "sphere", "n_levels": 14},
            "temperature: got 0.2 with n_levels 14, expected a smaller n_levels",
        ),
    ],
)
def test_bad_parameters_are_refused(bad, message):
    with pytest.raises(InputError, match=message):
        Parameters(**bad)
