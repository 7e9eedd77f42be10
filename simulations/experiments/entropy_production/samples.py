"""Entropy production of i.i.d. tokens at one temperature."""

from __future__ import annotations

import numpy as np

from simulations.experiments.entropy_production.limit import attention
from simulations.observables.entropy import head_entropy, stationary_law
from simulations.statistics.intervals import mean_interval
from simulations.statistics.jackknife import jackknifed
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens
from theory.claims import entropy_production as claim


def sampled_rate(parameters: claim.Parameters, run) -> Measurement:
    """e/eps over samples. Jackknifed: what falls as 1/N drops out."""
    case, eps = parameters.cases()[0], parameters.temperature

    def rate(tokens):
        operator = attention(case, tokens, eps)
        return head_entropy(operator, stationary_law(operator), case.weights(eps)) / eps

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 9, s])
        return jackknifed(rate, iid_tokens(case.density, parameters.n_tokens, rng))

    def study():
        seeds = run.progress(range(parameters.n_seeds), label="entropy_production: samples")
        return {"rates": np.array([sample(s) for s in seeds])}

    values = run.remember("samples", study)["rates"]
    return Measurement({claim.rate_sampled(case.name): Number(mean_interval(values))})
