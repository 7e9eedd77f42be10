"""Drift and diffusion of a step against NumPy's covariance."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.pointwise import drift_and_diffusion
from theory.setting.pseudo_metrics import mahalanobis


def test_diffusion_is_half_the_covariance_of_a_step():
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((4, 2)), rng.standard_normal((30, 2))
    operator = AttentionOperator(x, mahalanobis([[1.2, 0.3], [-0.4, 0.8]]), 0.5, keys=y)
    rows = operator @ np.eye(30)
    drift, diffusion = drift_and_diffusion(operator, x, y, 0.1)
    assert np.allclose(diffusion[0], np.cov(y.T, aweights=rows[0], ddof=0) / (2 * 0.1))
    assert np.allclose(drift[0], (rows[0] @ y - x[0]) / 0.1)
