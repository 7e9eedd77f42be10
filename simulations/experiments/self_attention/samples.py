"""The drifts that a sample of tokens has which attend to themselves."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.scores import pseudo_metric
from simulations.observables.generator import feature_columns
from simulations.statistics.fits import fit_coefficients
from simulations.statistics.limits import settled_mean
from simulations.store.quantities import Number
from simulations.tokens import Tokens, stratified_tokens
from theory.claims import self_attention as claim


def sampled_drifts(parameters: claim.Parameters, run) -> dict[str, Number]:
    """The three drift coefficients over samples.

    Stratified tokens: the scatter of i.i.d. ones is mostly that of the sample's own density.
    """

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 4, 1, s])
        p, sizes = parameters.tokens_density, (parameters.n_tokens, parameters.n_tokens // 2)
        return [drifts(parameters, stratified_tokens(p, n, rng)) for n in sizes]

    def study():
        return {"drifts": run.over_seeds(sample, parameters.n_seeds, "self_attention: samples")}

    values = run.remember("samples", study)["drifts"]
    return {
        name: Number(settled_mean(*with_half))
        for name, with_half in zip(claim.SAMPLED, values.T, strict=True)
    }


def drifts(parameters: claim.Parameters, tokens: Tokens) -> np.ndarray:
    """Coefficients (3,) of the drifts up the density, along S and along K, over the clock."""
    eps = parameters.temperature
    operator = AttentionOperator(tokens, pseudo_metric(parameters.score(eps)), eps)
    h = feature_columns(tokens.manifold, parameters.features, tokens.coordinates)
    clock, *others = fit_coefficients(operator @ h - h, parameters.terms(tokens.coordinates))
    return np.array(others) / clock
