"""A^k H of i.i.d. tokens at fixed points that are no tokens, the temperature tied to N."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_at
from simulations.statistics.jackknife import halves
from simulations.statistics.limits import richardson
from simulations.store.quantities import Field, Measurement
from simulations.tokens import iid_tokens
from theory.claims import evolution as claim
from theory.setting.pseudo_metrics import GAUSSIAN

MOST_DENSE = 10_000  # tokens; beyond, a step in linear time is cheaper
NUFFT_DIMENSION = 3  # of the space, at most, for a step in linear time
# of a step in linear time, relative to the largest feature: the noise is a thousand times as large
TOLERANCE = 1e-6


def features_of_samples(
    parameters: claim.Parameters, manifold: str, index: int, run
) -> Measurement:
    """Two fields: the largest samples without their bias of order 1/N, and samples of all sizes.

    The first is 2 A^k H of all tokens less its mean over the two halves (the jackknife); its step
    is 1/k. The second is A^k H as it is; its step is 1/N.
    """
    p = parameters.tokens_density(manifold)
    u, weights = claim.probe_points(p)
    sizes, most = parameters.sizes(p.manifold), max(parameters.repeats(p.manifold))

    def study():
        bar = run.progress(range(parameters.n_seeds), label=f"evolution, {manifold}: samples")
        values = np.full((len(sizes), most * parameters.n_seeds, len(u)), np.nan)
        halved = []
        for s in bar:
            found, of_halves = sample(parameters, p, u, index, s)
            for place, every in enumerate(found):
                values[place, s :: parameters.n_seeds][: len(every)] = every
            halved.append(of_halves)
        return {"sizes": values, "halved": np.array(halved)}

    # the noise of a sample is far above single precision
    found = run.remember(f"{manifold} samples", study)
    levels = found["sizes"][..., None].astype(np.float32)
    largest = found["sizes"][-1, : parameters.n_seeds]
    free = (2 * largest - found["halved"])[None, ..., None].astype(np.float32)
    steps = np.array([1 / sizes[-1][0]])
    nodes = claim.features(manifold, claim.NODES)
    inverse_sizes = 1 / np.array([n for _, n in sizes])
    return Measurement(
        {
            claim.features(manifold, claim.SAMPLES): Field(free, u, weights, steps, nodes),
            claim.order_in_tokens(manifold): Field(levels, u, weights, inverse_sizes),
        }
    )


def sample(parameters: claim.Parameters, p, u, index: int, s: int):
    """A^k H at chart points u: of samples of each size, (repeats, points) each, and the mean of the
    halves of the largest, (points,)."""
    found, m = [], p.manifold
    for place, ((k, n), repeats) in enumerate(
        zip(parameters.sizes(m), parameters.repeats(m), strict=True)
    ):
        streams = [[parameters.seed, index, place, s, r] for r in range(repeats)]
        drawn = [iid_tokens(p, n, np.random.default_rng(stream)) for stream in streams]
        found.append([evolved(parameters, p, u, tokens, k) for tokens in drawn])
    # the last is the largest
    halved = [evolved(parameters, p, u, half, k) for half in halves(drawn[0])]
    return found, np.mean(halved, axis=0)


def evolved(parameters: claim.Parameters, p, u, tokens, steps: int) -> np.ndarray:
    """A^k H at chart points u, (points,): the last step is taken there."""
    m = p.manifold
    linear = len(tokens) > MOST_DENSE and m.ambient_dim <= NUFFT_DIMENSION
    operator = AttentionOperator(
        tokens,
        GAUSSIAN,
        parameters.temperature(m, steps),
        engine="nufft" if linear else "dense",
        tolerance=TOLERANCE,
    )
    h = m.function(parameters.features)(tokens.coordinates)
    return evolve_at(operator, m.embed(u), h, [steps])[0]


def limit_seen(manifold: str, samples: Measurement, on_nodes: Measurement) -> dict:
    """The limit of A^k H that samples see, at the probes: Romberg's plus mean (sample - nodes)."""
    nodes = on_nodes.quantities[claim.features(manifold, claim.NODES)]
    free = samples.quantities[claim.features(manifold, claim.SAMPLES)]
    place = int(np.flatnonzero(nodes.steps == free.steps[-1])[0])
    added = free.values[-1].mean(axis=0) - nodes.values[place, 0]
    limits, power = nodes.values[:, 0], 1
    while len(limits) > 1:
        limits, power = richardson(limits[:-1], limits[1:], power), power + 1
    return {f"{manifold}_limit": (limits[0] + added)[:, 0]}
