"""How far apart the keys are that a token attends to, among i.i.d. tokens."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.scores import pseudo_metric
from simulations.statistics.intervals import mean_interval
from simulations.statistics.jackknife import jackknifed
from simulations.store.quantities import Number
from simulations.tokens import iid_tokens
from theory.claims import transport as claim


def key_spread(parameters: claim.Parameters, run) -> dict[str, Number]:
    """Mean over tokens of the variance of the attended keys, A |X|^2 - |A X|^2.

    Jackknifed: what falls as 1/N drops out.
    """
    case = parameters.head()

    def spread(tokens):
        points = tokens.points
        operator = AttentionOperator(points, pseudo_metric(case.score), parameters.temperature)
        return 1 - ((operator @ points) ** 2).sum(axis=1).mean()

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 3, s])
        return jackknifed(spread, iid_tokens(case.density, parameters.n_tokens, rng))

    def study():
        return {"spread": run.over_seeds(sample, parameters.n_seeds, "transport: samples")}

    values = run.remember("samples", study)["spread"]
    return {claim.SPREAD: Number(mean_interval(values))}
