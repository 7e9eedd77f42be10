"""Covariances of Gaussian tokens of the plane and of space after a few steps, on nodes."""

from __future__ import annotations

import numpy as np

from simulations.experiments.gaussian_closure.gaussian import (
    covariance_of,
    gaussian_nodes,
    moved,
    moved_by,
)
from simulations.experiments.gaussian_closure.one_step import known
from simulations.store.quantities import Measurement, Number
from theory.claims import gaussian_closure as claim
from theory.setting.pseudo_metrics import transformed_distance


def covariances_on_nodes(parameters: claim.Parameters, run) -> Measurement:
    """Every entry of S, and how far the tokens are from an affine image of the Gaussian."""
    quantities, arrays = {}, {}
    for d in claim.DIMENSIONS:
        n = claim.NODES[d]
        for score in claim.STEPS:

            def study(d=d, score=score, n=n):
                both = [after_steps(parameters, d, score, k) for k in (n, n - 2)]
                return {"found": np.array(both)}

            found = run.remember(f"nodes, {d}, {score}", study)["found"]
            fine, coarse = found[:, :-2].reshape(2, d, d)
            for i, j in claim.entries(d):
                quantities[claim.entry(d, score, i, j)] = known(fine[i, j], coarse[i, j], n**d)
            quantities[claim.misshape(d, score)] = Number(
                known(*found[:, -2], n**d).interval,
                {"f = |x-y|": known(*found[:, -1], n**d).interval},
            )
            arrays[f"covariance_{d}_{score}"] = fine
    return Measurement(quantities, arrays)


def after_steps(parameters: claim.Parameters, d: int, score: str, n: int) -> np.ndarray:
    """The covariance, flat, then how far from a Gaussian the tokens are, and those of f = |x-y|."""
    m, s, _ = claim.tokens_of(d)
    x, weights = gaussian_nodes(m, s, n)
    after = moved_by(score, x, weights, d, parameters.temperature)
    wrong = moved(x, weights, transformed_distance("r"), 1.0, 1)
    shapes = [misshape(x, y, weights) for y in (after, wrong)]
    return np.array([*covariance_of(after, weights).ravel(), *shapes])


def misshape(before, after, weights) -> float:
    """Root mean square of what an affine map of the tokens before (n, d) leaves, over the spread:
    0 where a Gaussian stays one."""
    root = np.sqrt(weights)[:, None]
    design = root * np.column_stack([np.ones(len(before)), before])
    left = root * after - design @ np.linalg.lstsq(design, root * after, rcond=None)[0]
    return float(np.linalg.norm(left) / np.sqrt(np.trace(covariance_of(after, weights))))
