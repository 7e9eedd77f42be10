"""The squared error of one step on samples of i.i.d. tokens that attend to each other."""

from __future__ import annotations

import warnings

import numpy as np

from simulations.attention import AttentionOperator, LonelyTokensWarning
from simulations.observables.harmonics import second_harmonics
from theory.setting.pseudo_metrics import GAUSSIAN


def squared_errors(tokens, temperatures, rate: float, n_queries: int) -> np.ndarray:
    """Mean square of (A H - H)/eps - rate H over that of rate H, at each temperature.

    Over the first n_queries of the tokens, which attend to all, themselves included; H the second
    harmonics.
    """
    queries = tokens.points[:n_queries]
    at_queries, at_keys = second_harmonics(queries), second_harmonics(tokens.points)
    expected = rate * at_queries
    out = []
    for eps in temperatures:
        with warnings.catch_warnings():
            # tokens that see only themselves are part of the map
            warnings.simplefilter("ignore", LonelyTokensWarning)
            operator = AttentionOperator(queries, GAUSSIAN, float(eps), keys=tokens)
            error = (operator @ at_keys - at_queries) / eps - expected
        out.append((error**2).sum() / (expected**2).sum())
    return np.array(out)
