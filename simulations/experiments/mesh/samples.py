"""Attention of i.i.d. tokens on the triangles, without its bias of order 1/N."""

from __future__ import annotations

import numpy as np

from simulations.experiments.mesh.moments import EQUAL, TESTS, attention, evolved, moments
from simulations.experiments.mesh.nodes import probes_of
from simulations.store.quantities import Field, Measurement
from simulations.tokens.triangles import iid_on_triangles
from theory.claims import mesh as claim


def of_samples(parameters: claim.Parameters, run) -> Measurement:
    """Both fields of every sample at k = n_steps, each twice less the mean of its halves."""

    def study():
        return {"values": run.over_seeds(lambda s: sample(parameters, s), parameters.n_seeds,
                                         "mesh: samples")}  # fmt: skip

    values = run.remember("samples", study)["values"]
    size = TESTS.size**2
    steps = np.array([1 / parameters.n_steps])
    tested = values[:, :size].reshape(1, -1, TESTS.size, TESTS.size)
    looked_at = values[None, :, size:, None]
    return Measurement({
        claim.moments(claim.SAMPLES): Field(tested, TESTS, EQUAL, steps, claim.moments(claim.NODES)),
        claim.evolved(claim.SAMPLES): Field(
            looked_at, *probes_of(parameters), steps, claim.evolved(claim.NODES)
        ),
    })  # fmt: skip


def sample(parameters: claim.Parameters, s: int) -> np.ndarray:
    """Both fields of one sample in a row, free of their bias of order 1/N (the jackknife)."""
    surface, rng = parameters.surface(), np.random.default_rng([parameters.seed, s])
    p = parameters.density_at(surface.vertices)
    points = iid_on_triangles(surface, p, parameters.n_tokens, rng)
    middle = len(points) // 2
    halves = [fields(parameters, part) for part in (points[:middle], points[middle : 2 * middle])]
    return 2 * fields(parameters, points) - np.mean(halves, axis=0)


def fields(parameters: claim.Parameters, points) -> np.ndarray:
    """Moments and A^k H at the probes of tokens that attend to themselves, in a row."""
    steps = parameters.n_steps
    operator = attention(points, parameters.time / steps, steps)
    return np.concatenate(
        [moments(operator, points).ravel(), evolved(parameters, operator, points, steps)]
    )
