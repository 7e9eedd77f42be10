"""How far all heads are from a metric and from a small step: entropy production, and the clock."""

from __future__ import annotations

import numpy as np

from simulations.experiments.trained_heads.shares import reflected
from simulations.heads.measures import NAMES
from simulations.heads.place import PLACES, places
from simulations.statistics.bootstrap import bootstrap_intervals
from simulations.store.quantities import Measurement, Number
from theory.claims import trained_heads as claim


def facts_of_heads(found: dict[str, np.ndarray]) -> Measurement:
    """The median entropy production, and the least clock, with intervals over sentences."""
    entropy = found["measures"][..., NAMES.index("entropy_production")].T  # (texts, heads)
    sums = found["place"].transpose(1, 0, 2)
    texts, heads, count = sums.shape

    def least_clock(means):
        each = places(np.reshape(means, (*np.shape(means)[:-1], heads, count)))
        return each[..., PLACES.index("clock")].min(axis=-1)[..., None]

    def median(means):
        return np.median(means, axis=-1)[..., None]

    rng = np.random.default_rng([heads, texts])
    (produced,) = bootstrap_intervals(median, entropy, rng)
    (clock,) = bootstrap_intervals(least_clock, sums.reshape(texts, -1), rng)
    return Measurement(
        {
            claim.TRAINED_ENTROPY: Number(produced, {claim.OTHER_WAY: reflected(produced, 0.0)}),
            claim.CLOCK: Number(clock),
        }
    )
