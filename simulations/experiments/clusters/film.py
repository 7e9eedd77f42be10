"""Tokens on a bent closed curve that move, shrink, gather and merge: for the film."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from simulations.dynamics.clusters import TOLERANCE
from simulations.dynamics.evolve import evolve_tokens
from simulations.tokens import stratified_tokens
from theory.claims import clusters as claim
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import reference_density


def filmed(parameters: claim.Parameters, run) -> dict[str, np.ndarray]:
    """Where the tokens are after each step that is shown, (frames, n, 2), and who is at one place
    with whom, (frames, n): numbers of places. Tokens are in order along the curve at the start."""

    def study():
        p = reference_density(claim.FILM_CURVE, claim.FILM_DENSITY)
        rng = np.random.default_rng([parameters.seed, 2])
        tokens = stratified_tokens(p, claim.FILM_TOKENS, rng)
        start = tokens.points[np.argsort(tokens.coordinates[:, 0])]
        path = followed(start, claim.film_steps(), run)
        return {
            "film": path.astype(np.float32),
            "film_places": np.array([places(x, claim.FILM_LINK) for x in path], dtype=np.int16),
        }

    return run.remember("film", study)


def followed(start, steps, run) -> np.ndarray:
    """Tokens (n, D) after each of the steps, (len(steps), n, D); those that have gathered go on as
    one."""
    x, masses, labels, done, kept = start, np.ones(len(start)), np.arange(len(start)), 0, []
    for step in run.progress(steps, label="clusters: film"):
        while done < step:
            if len(x) > 1:
                x = moved(x, masses)
                x, masses, joined = gathered(x, masses, TOLERANCE)
                labels = joined[labels]
            done += 1
        kept.append(x[labels])
    return np.array(kept)


def moved(x, masses) -> np.ndarray:
    """One step of residual attention."""
    return evolve_tokens(
        x, GAUSSIAN, claim.FILM_TEMPERATURE, [1], weights=masses, share=claim.FILM_SHARE
    )[0]


def gathered(points, masses, tolerance: float):
    """Points (n, D) that are joined by distances of at most `tolerance` become one, at their centre
    of mass: (points (m, D), masses (m,), labels (n,))."""
    labels = places(points, tolerance)
    total = np.bincount(labels, masses)
    columns = [np.bincount(labels, masses * x) / total for x in points.T]
    return np.stack(columns, axis=1), total, labels


def places(points, tolerance: float) -> np.ndarray:
    """The number of its place for each point (n, D): pieces of the graph of distances of at most
    `tolerance`."""
    n, pairs = len(points), cKDTree(points).query_pairs(tolerance, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), pairs.T), shape=(n, n))
    return connected_components(graph, directed=False)[1]
