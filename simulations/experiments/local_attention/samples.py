"""Attention inside a window among sampled tokens: the drifts that a sample has."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.scores import pseudo_metric
from simulations.observables.generator import feature_columns
from simulations.statistics.fits import fit_coefficients
from simulations.statistics.limits import settled_mean
from simulations.store.quantities import Measurement, Number
from simulations.tokens import Tokens, stratified_tokens
from theory.claims import local_attention as claim


def sampled_drift(case: claim.Case, run) -> Measurement:
    """(drift up the density, drift down the score) of self-attention, over samples.

    Stratified tokens: the scatter of i.i.d. ones is mostly that of the sample's own density.
    """
    parameters = case.parameters
    label = f"local_attention: samples on {case.name}"

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 2, case.index, s])
        sizes = (parameters.n_tokens, parameters.n_tokens // 2)
        return [drifts(case, stratified_tokens(case.density, n, rng)) for n in sizes]

    def study():
        return {"drifts": run.over_seeds(sample, parameters.n_seeds, label)}

    (drift, drift_half), (force, force_half) = run.remember(f"samples-{case.name}", study)[
        "drifts"
    ].T
    quantities = {
        claim.force_sampled(case.name): Number(settled_mean(force, force_half)),
        claim.drift_sampled(case.name): Number(settled_mean(drift, drift_half)),
    }
    return Measurement(quantities)


def drifts(case: claim.Case, tokens: Tokens) -> np.ndarray:
    """The two drift coefficients, (2,), of self-attention, fitted over the tokens in the box."""
    m, p = case.density.manifold, case.parameters
    score = pseudo_metric(case.score)
    operator = AttentionOperator(tokens, score, p.temperature, window=p.radius)
    h = feature_columns(m, case.features, tokens.coordinates)
    low, high = np.array(case.box).T
    inside = ((low <= tokens.coordinates) & (tokens.coordinates <= high)).all(axis=1)
    response = (operator @ h - h)[inside]
    clock, *others = fit_coefficients(response, case.terms(tokens.coordinates[inside]))
    return np.array(others) / clock
