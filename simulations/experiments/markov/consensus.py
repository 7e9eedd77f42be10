"""The consensus value sum_i pi_i H_i: of i.i.d. tokens, and on quadrature nodes."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_features
from simulations.observables.generator import feature_columns
from simulations.statistics.intervals import mean_interval, variance_interval
from simulations.statistics.limits import romberg
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.claims import markov as claim
from theory.setting.nodes import MOST_NODES, nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import probe_features


def consensus_of_samples(parameters: claim.Parameters, run) -> Measurement:
    """Mean and variance over samples of the consensus value at one temperature."""
    p, formula = parameters.tokens_density(), parameters.feature()
    feature, n = p.manifold.function(formula), parameters.n_tokens

    def sample(s):
        tokens = iid_tokens(p, n, np.random.default_rng([parameters.seed, 1, s]))
        operator = AttentionOperator(tokens, GAUSSIAN, parameters.temperature)
        return operator.stationary_law @ feature(tokens.coordinates)

    def study():
        return {
            "consensus": run.over_seeds(sample, parameters.n_seeds, "markov: consensus of samples")
        }

    values = run.remember("sample", study)["consensus"]
    quantities = {
        claim.CONSENSUS: Number(mean_interval(values)),
        claim.VARIANCE: Number(variance_interval(values).scaled(n)),
    }
    return Measurement(quantities, {"consensus": values})


def consensus_on_nodes(parameters: claim.Parameters, run) -> Measurement:
    """The consensus of all probe features at each temperature, and N times its variance."""
    p, formula = parameters.tokens_density(), parameters.feature()
    m, features = p.manifold, probe_features(p.manifold)

    def level(eps):
        tokens = quadrature_tokens(p, nodes_for(m, eps, MOST_NODES))
        operator = AttentionOperator(tokens, GAUSSIAN, eps)
        h = feature_columns(m, features, tokens.coordinates)
        values = m.function(formula)(tokens.coordinates)
        return operator.stationary_law @ h, consensus_variance(operator, tokens.weights, values)

    def study():
        levels = [level(eps) for eps in run.progress(parameters.temperatures(), label="markov")]
        consensus, variances = zip(*levels, strict=True)
        return {"consensus": np.array(consensus), "variances": np.array(variances)}

    found = run.remember("nodes", study)
    field = deterministic_field(
        found["consensus"][:, None], np.zeros((1, m.dim)), parameters.temperatures()
    )
    limit = romberg(found["variances"])
    return Measurement({claim.BIAS: field, claim.LIMIT_VARIANCE: Number(limit)})


def consensus_variance(operator, weights, values) -> float:
    """N times the variance of the consensus, by the influence of one token on it.

    A token moves the consensus sum_ij k_ij (h_i + h_j)/2 over sum_ij k_ij through both places of
    the pair: pi/w ((h - m) + (A h - m)), whose variance over tokens is returned (delta method).
    """
    pi = operator.stationary_law
    m = pi @ values
    influence = pi / weights * ((values - m) + (operator @ values - m))
    return float(weights @ influence**2)


def trajectory(parameters: claim.Parameters, n_steps: int = 60, n_shown: int = 40) -> dict:
    """Features of a few tokens on their way to consensus, for the figure."""
    p = parameters.tokens_density()
    tokens = iid_tokens(p, parameters.n_tokens, np.random.default_rng([parameters.seed, 0]))
    operator = AttentionOperator(tokens, GAUSSIAN, parameters.temperature)
    h = p.manifold.function(parameters.feature())(tokens.coordinates)
    steps = np.arange(0, n_steps + 1, 2)
    shown = np.argsort(h)[np.linspace(0, len(h) - 1, n_shown).astype(int)]
    path = evolve_features(operator, h, steps.tolist())[:, shown]
    consensus = operator.stationary_law @ h
    return {
        "path": path,
        "path_steps": steps,
        "path_consensus": consensus,
        "path_mean": h.mean(),
    }
