"""A^k H of i.i.d. tokens, at the tokens themselves and at fixed points that are none."""

from __future__ import annotations

import warnings

import numpy as np

from simulations.attention import AttentionOperator, LonelyTokensWarning
from simulations.dynamics.evolve import evolve_at
from simulations.store.quantities import Field, Measurement
from simulations.tokens import iid_tokens
from theory.claims import semigroup_rate as claim
from theory.setting.pseudo_metrics import GAUSSIAN

MOST_DENSE = 10_000  # tokens; beyond, a step in linear time is cheaper
LINEAR_DIMENSION = 2  # of the sphere, at most, for a step in linear time
# of a step in linear time, relative to the largest feature: the noise is a thousand times as large
TOLERANCE = 1e-6


def features_of_samples(parameters: claim.Parameters, d: int, run) -> Measurement:
    """A^k H for both attentions and both features, in one dimension, with the step 1/N.

    At points that are no tokens a field; at tokens one whose first function is the height of those
    tokens, as every sample has its own.
    """
    sizes, u = parameters.sizes(d), claim.probe_points(d)

    def study():
        found = {}
        for level, (k, n) in enumerate(sizes):
            drawn = run.over_seeds(
                lambda s, level=level, k=k, n=n: sample(parameters, d, u, level, s, k, n),
                parameters.n_seeds,
                f"semigroup_rate: d = {d}, N = {n}",
            )
            found[f"{level}"] = drawn.astype(np.float32)
        return found

    found = run.remember(f"samples-{d}", study)
    # (levels, seeds, points, attentions and features, height and value)
    values = np.array([found[f"{level}"] for level in range(len(sizes))])
    at, off = np.split(values, [2 * claim.LAYERS], axis=2)
    steps = 1 / np.array([n for _, n in sizes])
    quantities = {}
    columns = [(a, h) for a in claim.ATTENTIONS for h in claim.FEATURES]
    for column, (attention, features) in enumerate(columns):
        quantities[claim.rate(d, attention, features, claim.OFF)] = Field(
            off[..., column, 1:], u, equal(len(u)), steps
        )
        nowhere = np.zeros((2 * claim.LAYERS, 1))
        quantities[claim.rate(d, attention, features, claim.AT)] = Field(
            at[..., column, :], nowhere, equal(len(nowhere)), steps
        )
    return Measurement(quantities)


def equal(points: int) -> np.ndarray:
    return np.full(points, 1 / points)


def sample(parameters: claim.Parameters, d: int, u, level: int, s: int, k: int, n: int):
    """Heights and A^k H there, of the tokens that are kept and of the probes u.

    Shape (tokens and probes, 4, 2); the four are softmax of the smooth features and of the step
    function, then doubly normalised attention of both.
    """
    p = parameters.density(d)
    tokens = iid_tokens(p, n, np.random.default_rng([parameters.seed, d, level, s]))
    points = np.concatenate([tokens.points, p.manifold.embed(u)])
    h = both_features(tokens)
    with warnings.catch_warnings():
        # a few tokens far out see only themselves in small samples: part of what is measured
        warnings.simplefilter("ignore", LonelyTokensWarning)
        values = [
            evolve_at(a, points, h, [k])[0] for a in operators(tokens, parameters.temperature(k), d)
        ]
    found = []
    for column in np.concatenate(values, axis=1).T:
        places = np.concatenate([outermost(points[:n, 0], column[:n]), np.arange(n, len(points))])
        found.append(np.stack([points[places, 0], column[places]], axis=1))
    return np.stack(found, axis=1)


def outermost(t, values) -> np.ndarray:
    """Places of the values (n,) at heights t (n,) that can be farthest from a smooth function of the
    height, whichever: in each layer the one highest above the polynomial that fits all best, and
    the lowest, (2 LAYERS,)."""
    left = values - np.polynomial.Polynomial.fit(t, values, claim.POLYNOMIAL)(t)
    layers = np.array_split(np.argsort(t, kind="stable"), claim.LAYERS)
    ends = [(layer[np.argmax(left[layer])], layer[np.argmin(left[layer])]) for layer in layers]
    return np.ravel(ends)


def operators(tokens, temperature: float, d: int):
    """Softmax and doubly normalised attention of f = |x-y|^2/4."""
    linear = len(tokens) > MOST_DENSE and d <= LINEAR_DIMENSION
    options = {"engine": "nufft" if linear else "dense", "tolerance": TOLERANCE}
    softmax = AttentionOperator(tokens, GAUSSIAN, temperature, **options)
    # the scores are symmetric: columns sum to what rows do
    bias = -softmax.log_partition
    return softmax, AttentionOperator(tokens, GAUSSIAN, temperature, key_bias=bias, **options)


def both_features(tokens) -> np.ndarray:
    """The smooth features and the step function at tokens, (n, 2)."""
    t = tokens.points[:, 0]
    return np.stack([claim.smooth(t), claim.step(t)], axis=1)
