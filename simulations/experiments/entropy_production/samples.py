"""Entropy production of sampled tokens at one temperature."""

from __future__ import annotations

import numpy as np

from simulations.experiments.entropy_production.limit import attention
from simulations.observables.entropy import head_entropy, stationary_law
from simulations.statistics.limits import settled_mean
from simulations.store.quantities import Measurement, Number
from simulations.tokens import stratified_tokens
from theory.claims import entropy_production as claim


def sampled_rate(parameters: claim.Parameters, run) -> Measurement:
    """e/eps over samples of stratified tokens, all N and half of them."""
    case, eps = parameters.cases()[0], parameters.temperature

    def rate(n, rng):
        operator = attention(case, stratified_tokens(case.density, n, rng), eps)
        return head_entropy(operator, stationary_law(operator), case.weights(eps)) / eps

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 9, s])
        return [rate(n, rng) for n in (parameters.n_tokens, parameters.n_tokens // 2)]

    def study():
        return {"rates": run.over_seeds(sample, parameters.n_seeds, "entropy_production: samples")}

    values, with_half = run.remember("samples", study)["rates"].T
    return Measurement({claim.rate_sampled(case.name): Number(settled_mean(values, with_half))})
