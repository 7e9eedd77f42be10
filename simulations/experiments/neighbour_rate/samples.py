"""Generators at fixed points of i.i.d. tokens, with the k nearest of N."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from simulations.experiments.neighbour_rate.generator import generator
from simulations.observables.generator import feature_columns
from simulations.store.quantities import Field, Measurement
from simulations.tokens import iid_tokens
from theory.claims import neighbour_rate as claim

# keys beyond so many radii have less than 1e-8 of the smooth weight, far below what a sample scatters
REACH = 3.6


def sampled(parameters: claim.Parameters, run, d: int) -> Measurement:
    """The generator by each weight, over the numbers of tokens."""
    u = parameters.queries(d, claim.N_QUERIES)
    levels = [of_size(parameters, run, d, level) for level in range(parameters.n_levels)]
    weights, steps = np.full(len(u), 1 / len(u)), 1.0 / np.array(parameters.sizes())
    return Measurement(
        {
            claim.rate(d, kind): Field(padded([v[:, k] for v in levels]), u, weights, steps)
            for k, kind in enumerate(claim.WEIGHTS)
        }
    )


def padded(levels) -> np.ndarray:
    """Levels (seeds, ...) of different numbers of seeds as one array, NaN where there is none."""
    values = np.full((len(levels), max(map(len, levels)), *levels[0].shape[1:]), np.nan)
    for row, level in zip(values, levels, strict=True):
        row[: len(level)] = level
    return values


def of_size(parameters: claim.Parameters, run, d: int, level: int) -> np.ndarray:
    """Generators of the samples of one size, (seeds, weights, queries, functions)."""
    n = parameters.sizes()[level]

    def sample(s):
        rng = np.random.default_rng([parameters.seed, d, level, s])
        return of_sample(parameters, d, iid_tokens(parameters.density(d), n, rng))

    def study():
        label = f"neighbour_rate: d = {d}, {n} tokens"
        return {"rows": run.over_seeds(sample, parameters.samples(level), label)}

    return run.remember(f"{d} {n}", study)["rows"]


def of_sample(parameters: claim.Parameters, d: int, tokens) -> np.ndarray:
    """Generators at the queries, which are no tokens, (weights, queries, functions)."""
    m, n = tokens.manifold, len(tokens)
    u = parameters.queries(d, claim.N_QUERIES)
    points, features = m.embed(u), claim.FEATURES[d]
    here = feature_columns(m, features, u)
    columns = feature_columns(m, features, tokens.coordinates)
    found = np.empty((len(claim.WEIGHTS), len(u), len(features)))
    k, tree = parameters.k(d, n), cKDTree(tokens.points)
    # the next float: the k-th neighbour is inside, whatever the rounding of its distance
    radii = tree.query(points, k=[k])[0][:, 0] * (1 + 1e-12)
    for place, weights in enumerate(claim.WEIGHTS):
        reach = radii * (1.0 if weights == claim.SHARP else REACH)
        for q, near in enumerate(tree.query_ball_point(points, reach)):
            found[place, q] = generator(
                weights, points[q], tokens.points[near], radii[q], columns[near], here[q]
            )
    return found
