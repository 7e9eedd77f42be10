"""Eigenvalues of attention among i.i.d. tokens, and what its first eigenvectors keep of functions."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import alpha_normalised
from simulations.observables.generator import feature_columns
from simulations.observables.spectrum import leading_eigenpairs
from simulations.store.quantities import Field, Measurement
from simulations.tokens import iid_tokens
from theory.claims import spectral_rate as claim
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import scattered_probes

# of eigenvalues near 1 and of the engine: over a temperature far below what a sample scatters
TOLERANCE = 1e-5


def spectra(parameters: claim.Parameters, run, where: str) -> Measurement:
    """Both fields of a setting: eigenvalues at one chart point, and projections at the probes."""
    p, setting = parameters.density_of(where), claim.SETTINGS[where]
    probes, weights = scattered_probes(p, claim.N_PROBES)
    levels = [of_size(parameters, run, where, k) for k in range(parameters.n_levels)]
    most = max(setting.means)
    values = np.array([level[:, :most] for level in levels])
    means = np.stack([values[:, :, :k].mean(axis=2) for k in setting.means], axis=-1)
    kept = np.array([level[:, most:] for level in levels])
    shape = (*kept.shape[:2], len(probes), len(claim.PROJECTED[p.manifold.dim]))
    steps = parameters.steps(p.manifold.dim)
    return Measurement(
        {
            # functions at one chart point: an eigenvalue depends on none
            claim.eigenvalues(where): Field(means[:, :, None], probes[:1], np.ones(1), steps),
            claim.eigenvectors(where): Field(kept.reshape(shape), probes, weights, steps),
        },
        {f"{where} eigenvalues": values},
    )


def of_size(parameters: claim.Parameters, run, where: str, level: int) -> np.ndarray:
    """Eigenvalues, then projections in a row, of the samples of one size: (seeds, k)."""
    dim = parameters.density_of(where).manifold.dim
    n, place = parameters.sizes(dim)[level], list(claim.SETTINGS).index(where)

    def sample(s):
        return spectrum_of(parameters, where, n, [parameters.seed, place, level, s])

    def study():
        seeds = claim.SAMPLES[dim] * parameters.n_seeds
        return {"rows": run.over_seeds(sample, seeds, f"{where}, {n} tokens")}

    return run.remember(f"{where} {n}", study)["rows"]


def spectrum_of(parameters: claim.Parameters, where: str, n_tokens: int, seed) -> np.ndarray:
    """(1 - mu_k)/eps increasing, and the projections, each at its own temperature, (k,)."""
    p, setting, rng = (
        parameters.density_of(where),
        claim.SETTINGS[where],
        np.random.default_rng(seed),
    )
    m, tokens = p.manifold, iid_tokens(p, n_tokens, rng)
    probes = m.embed(scattered_probes(p, claim.N_PROBES)[0])

    def attention(kind):
        eps = parameters.temperature(m.dim, n_tokens, kind)
        operator = alpha_normalised(tokens, GAUSSIAN, eps, setting.alpha)
        operator.tolerance = TOLERANCE
        return operator

    operator = attention("eigenvalues")
    mu = leading_eigenpairs(operator, max(setting.means) + 1, rng, TOLERANCE)[0]
    rates = (1 - mu[1:]) / operator.temperature
    operator = attention("eigenvectors")
    columns = feature_columns(m, claim.PROJECTED[m.dim], tokens.coordinates)
    kept = projected(operator, columns, probes, setting.eigenvectors, rng)
    return np.concatenate([rates, kept.ravel()])


def projected(operator: AttentionOperator, values, points, count: int, rng) -> np.ndarray:
    """Features (n, c) projected on the first `count` eigenvectors, read at points (m, D): (m, c).

    Orthogonally in the stationary law. At points that are no tokens an eigenvector with A psi =
    mu psi is what a query there attends to, over mu (Nystrom's extension).
    """
    mu, vectors = leading_eigenpairs(operator, count, rng, TOLERANCE)
    inner = vectors.T @ (operator.stationary_law[:, None] * values)
    at_points = AttentionOperator(
        points,
        operator.pseudo_metric,
        operator.temperature,
        keys=operator.keys,
        key_bias=operator.key_bias,
    )
    return (at_points @ (vectors / mu)) @ inner
