"""Depth of collapse of sampled tokens, free of the bias of order 1/N (jackknife), with its halves'."""

from __future__ import annotations

import numpy as np

from simulations.experiments.over_smoothing.nodes import layer_operator
from simulations.observables.collapse import collapse
from simulations.statistics.jackknife import jackknifed_twice
from simulations.tokens import iid_tokens
from theory.claims import over_smoothing as claim
from theory.setting.densities import density
from theory.setting.manifolds import manifold


def depths_of_samples(parameters: claim.Parameters, run) -> dict:
    """Depths (seeds, layers) on the uniform sphere, jackknifed, those of half the tokens, and the
    spreads of one sample.

    "spread k": the spread after each layer, for the k-th kind of layer.
    """
    p, eps = density(manifold("sphere")), parameters.temperature

    def collapses(tokens):
        weights = np.full(len(tokens), 1 / len(tokens))
        operators = [layer_operator(tokens, eps, layer) for layer in claim.LAYERS]
        return [collapse(a, tokens.points, weights, parameters.factor) for a in operators]

    def depths(tokens):
        return [depth for depth, _ in collapses(tokens)]

    jackknife, spreads = [], {}
    for s in run.progress(range(parameters.n_seeds), label="over_smoothing: samples"):
        tokens = iid_tokens(p, parameters.n_tokens, np.random.default_rng([parameters.seed, s]))
        whole = collapses(tokens)
        jackknife.append(jackknifed_twice(depths, tokens, [depth for depth, _ in whole]))
        spreads = spreads or {f"spread {k}": path for k, (_, path) in enumerate(whole)}
    jackknifed, of_halves = np.moveaxis(jackknife, 1, 0)
    return {"jackknifed": jackknifed, "of halves": of_halves} | spreads
