"""Softmax and Sinkhorn's normalisation on the same weights and tokens, layer by layer."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import sinkhorn
from simulations.experiments.rank_collapse.networks import (
    composite_norm,
    plain_layers,
    residual,
)
from simulations.statistics.intervals import mean_interval
from simulations.store.quantities import Measurement, Number
from theory.claims import rank_collapse as claim
from theory.setting.pseudo_metrics import dot_product

DIM = 16


def compared(parameters: claim.Parameters, run) -> Measurement:
    """Paired differences of the logarithms after DEPTH layers, over networks.

    The difference with its arms exchanged is the wrong method: it misses a bound of 0 only where
    the interval of the difference excludes 0.
    """
    quantities, arrays = {}, {}
    for place, spread in enumerate(claim.SPREADS):

        def network(s, place=place, spread=spread):
            rng = np.random.default_rng([parameters.seed, 2, place, s])
            layers = plain_layers(DIM, spread, claim.DEPTH, rng)
            x = rng.standard_normal((parameters.n_tokens, DIM))
            return [through(x, layers, arm) for arm in (softmax_attention, sinkhorn_attention)]

        def study(network=network):
            return {"logs": run.over_seeds(network, parameters.n_seeds, "rank_collapse: Sinkhorn")}

        # (seeds, arms, layers, (residual, residual over norm))
        logs = run.remember(f"sinkhorn-{spread:g}", study)["logs"]
        differences = logs[:, 0] - logs[:, 1]
        for which, relative in enumerate((False, True)):
            found = mean_interval(differences[:, -1, which])
            exchanged = {"arms exchanged: Sinkhorn keeps more": found.scaled(-1.0)}
            quantities[claim.sinkhorn(spread, relative)] = Number(found, exchanged)
        arrays[f"logs_{place}"] = logs.mean(axis=0)
        arrays[f"differences_{place}"] = np.array(
            [
                [(i.value, i.low, i.high) for i in map(mean_interval, columns.T)]
                for columns in np.moveaxis(differences, 2, 0)
            ]
        )
    return Measurement(quantities, arrays)


def through(x, layers, attention) -> list[list[float]]:
    """log of the residual, and of it over the norm of the tokens, after each layer."""
    found = []
    for layer in layers:
        operator = attention(x, dot_product(layer.scores[0]), layer.temperature)
        # what the tokens share passes a row-stochastic operator unchanged: it is put back after
        shared = np.median(x, axis=0)
        deviations = (operator @ (x - shared)) @ layer.values[0]
        x = deviations + shared @ layer.values[0]
        size = composite_norm(residual(deviations))
        found.append([np.log(size), np.log(size / composite_norm(x))])
    return found


def softmax_attention(x, score, temperature):
    return AttentionOperator(x, score, temperature)


def sinkhorn_attention(x, score, temperature):
    return sinkhorn(x, score, temperature, claim.SWEEPS).operator
