"""How far the heads go in one step: the clock over the squared length of their tokens."""

from __future__ import annotations

import numpy as np

from simulations.heads.place import PLACES, places
from simulations.statistics.bootstrap import bootstrap_intervals
from simulations.store.quantities import Measurement, Number
from theory.claims import trained_heads as claim


def least_clock(found: dict[str, np.ndarray]) -> Measurement:
    """That of the head with the least, with its interval over sentences."""
    sums = found["place"].transpose(1, 0, 2)  # (texts, heads, 5)
    texts, heads, count = sums.shape

    def least(means):
        each = places(np.reshape(means, (*np.shape(means)[:-1], heads, count)))
        return each[..., PLACES.index("clock")].min(axis=-1)[..., None]

    rng = np.random.default_rng([heads, texts])
    (clock,) = bootstrap_intervals(least, sums.reshape(texts, -1), rng)
    return Measurement({claim.CLOCK: Number(clock)})
