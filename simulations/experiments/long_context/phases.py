"""E sum w^2 over the plane of the number of keys and the scale of the scores, on S^2."""

from __future__ import annotations

import numpy as np

from simulations.experiments.long_context.participation import participation
from simulations.tokens.samples import samples
from theory.claims import long_context as claim


def phases(parameters: claim.Parameters, run) -> dict[str, np.ndarray]:
    """Means over samples and queries, (sizes, scales): for the figure."""
    p, count = parameters.density(claim.SPHERE), max(3, parameters.n_seeds // claim.MAP_SAMPLES)
    queries = parameters.n_queries // claim.FEWER

    def of_size(n):
        rng = np.random.default_rng([parameters.seed, claim.SPHERE, 2, n])
        drawn = [t.points for t in samples(p, n + queries, count, rng)]
        return [
            np.mean([participation(x[:queries], x[queries:], scale) for x in drawn])
            for scale in claim.MAP_SCALES
        ]

    def study():
        sizes = [int(n) for n in claim.MAP_SIZES]
        return {"map": np.array([of_size(n) for n in run.progress(sizes, label="phases")])}

    return {"map": run.remember("map", study)["map"]}
