"""Many samples of i.i.d. tokens at once."""

from __future__ import annotations

import numpy as np

from simulations.tokens.samples import samples
from theory.setting.densities import density
from theory.setting.manifolds import manifold


def test_samples_are_independent_and_of_the_right_size():
    p = density(manifold("circle"))
    drawn = list(samples(p, 100_000, 7, np.random.default_rng(0)))
    assert [len(t) for t in drawn] == [100_000] * 7
    assert len(np.unique(np.concatenate([t.coordinates for t in drawn]))) == 700_000
