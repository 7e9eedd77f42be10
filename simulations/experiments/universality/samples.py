"""The claim `universality` on i.i.d. tokens: at one clock all scores see the same tokens alike."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.settings import probe_features
from simulations.experiments.universality_scores import at_clock, columns, fitted, worst
from simulations.observables import empirical_generator
from simulations.tokens.sampling import iid_tokens
from simulations.tokens.star import attend_basis, smooth_basis
from simulations.verdict import CONFIDENCE, check, mean_interval, widened
from theory.clocks import sample_clock
from theory.setting.geometry import generator_terms


def sample_study(density, parameters, index, run) -> dict:
    """(clock ratio, drift coefficient) of each score on the same tokens, (seeds, scores, 2), and at N = infinity, (scores, 2).

    Coefficients of the samples are corrected for the clock of a finite sample; `slowing` is the largest such correction.
    """
    m, features, tau = density.manifold, probe_features(density.manifold), parameters.sample_clock
    scores = [at_clock(name, m.dim, tau) for name in parameters.scores]
    terms = generator_terms(density, features)
    samples, slowing = [], 0.0
    for s in run.progress(range(parameters.n_seeds), label=f"universality, {m.name}: samples"):
        tokens = iid_tokens(density, parameters.n_tokens, np.random.default_rng([parameters.seed, 3, index, s]))
        u = tokens.coordinates
        h, row = columns(m, features, u), []
        for f, temperature in scores:
            factor = sample_clock(density, f.power_law, u, temperature, parameters.n_tokens)
            response = empirical_generator(AttentionOperator(tokens, f, temperature), h, tau)
            row.append(fitted(terms(u), response, None, factor))
            slowing = max(slowing, float(1 - factor.mean()))
        samples.append(row)
    basis = smooth_basis(m, parameters.degree_on(m.dim))
    start, mass = columns(m, features, basis.nodes), basis.weights * density(basis.nodes)
    expected = [
        fitted(terms(basis.nodes), (a @ basis.coefficients(start) - start) / tau, mass)
        for a in attend_basis(density, basis, scores)
    ]
    return {"samples": np.array(samples), "expected": np.array(expected), "slowing": np.array(slowing)}


def sample_checks(density, parameters, study) -> list:
    """Each coefficient over that of the first score, on the same tokens: their common density fluctuation cancels."""
    name, checks = density.manifold.name, []
    samples, expected = (a[..., 1:, :] / a[..., :1, :] for a in (study["samples"], study["expected"]))
    count = expected.shape[0]
    confidence = 1 - (1 - CONFIDENCE) / count  # the worst of several intervals is looked at
    for column, what in enumerate(("clock ratio", "drift coefficient")):
        # the correction for the finite sample is right to first order
        gaps = [widened(mean_interval(samples[:, k, column] - expected[k, column], confidence), study["slowing"] ** 2) for k in range(count)]
        k = worst(0.0, gaps)
        predicted, measured = float(expected[k, column]), mean_interval(samples[:, k, column], confidence)
        checks.append(
            check(
                f"{name}: {what} over that of phi = {parameters.scores[0]}, same i.i.d. tokens, worst phi", predicted,
                widened(measured, study["slowing"] ** 2), {f"{what} off by 10 %": 1.1 * predicted},
            )
        )  # fmt: skip
    return checks
