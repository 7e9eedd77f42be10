"""The diffusion tensor of i.i.d. samples at single points of a surface, and its semi-axes."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.pointwise import drift_and_diffusion
from simulations.statistics.intervals import mean_interval
from simulations.tokens import iid_tokens
from theory.claims import learned_metric as claim
from theory.claims.learned_metric import Case
from theory.setting.pseudo_metrics import mahalanobis

STREAM = 2  # of random numbers, apart from W and from the samples of the coefficients


def tensors_of_samples(case: Case, run) -> dict:
    """Of each sample at every point the entries on and above the diagonal, and semi-axes on a row.

    Arrays (samples, points, D (D + 1)/2), and (3, points, 2): means with their intervals.
    """
    found = run.remember(f"{case.index} tensors", lambda: tensor_study(case, run))["tensors"]
    above = np.triu_indices(case.density.manifold.ambient_dim)
    on_row = semi_axes(found[:, case.glyph_row()])
    intervals = [[mean_interval(v) for v in point.T] for point in np.moveaxis(on_row, 1, 0)]
    means = np.array([[[i.value, i.low, i.high] for i in pair] for pair in intervals])
    return {
        f"{case.name}_tensors": found[..., above[0], above[1]].astype(np.float32),
        f"{case.name}_semi_axes": np.moveaxis(means, 2, 0),
    }


def tensor_study(case: Case, run) -> dict:
    """The carre du champ of the coordinates at the points, of every sample: (samples, n, D, D)."""
    points = case.density.manifold.embed(case.glyphs())
    eps, f = case.temperatures()[claim.GLYPH_LEVEL], mahalanobis(case.matrix)

    def sample(s):
        keys = iid_tokens(case.density, claim.GLYPH_TOKENS, case.rng(STREAM, s))
        operator = AttentionOperator(points, f, eps, keys=keys)
        return drift_and_diffusion(operator, points, keys.points, eps)[1]

    label = f"learned_metric, {case.name}: tensors"
    return {"tensors": run.over_seeds(sample, claim.GLYPH_SAMPLES, label)}


def semi_axes(tensors) -> np.ndarray:
    """The roots of the two largest eigenvalues of tensors (..., D, D), the larger first."""
    return np.sqrt(np.linalg.eigvalsh(tensors)[..., :-3:-1])
