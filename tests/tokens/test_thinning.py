"""Halves of a sample are samples of the same law."""

from __future__ import annotations

import numpy as np

from simulations.tokens import stratified_tokens
from simulations.tokens.thinning import thinned
from theory.setting.densities import density
from theory.setting.manifolds import manifold


def test_halves_of_stratified_tokens_are_stratified():
    p, n = density(manifold("circle")), 512
    rng = np.random.default_rng(5)
    tokens = stratified_tokens(p, n, rng)
    halves = thinned(tokens, rng)
    for half in halves:
        # one token in each of n/2 parts of equal mass
        cells = np.floor(half.coordinates[:, 0] / (2 * np.pi) * n / 2).astype(int)
        assert len(half) == n // 2
        assert np.array_equal(np.sort(cells), np.arange(n // 2))
    together = np.sort(np.concatenate([half.coordinates[:, 0] for half in halves]))
    assert np.array_equal(together, np.sort(tokens.coordinates[:, 0]))
    # i.i.d. tokens would leave parts empty
    drawn = rng.uniform(0, 2 * np.pi, n // 2)
    assert len(np.unique(np.floor(drawn / (2 * np.pi) * n / 2))) < n // 2
