"""The claim `normalisations` on sampled tokens: drift coefficient of each normalisation at two clocks."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.normalisations_exact import GAUSSIAN_TOKENS_COVARIANCE
from simulations.experiments.normalisations_probe import (
    CURVE,
    SURFACE,
    Probe,
    clocks,
    direction_density,
    operators,
    top_k_mass,
)
from simulations.experiments.settings import GAUSSIAN
from simulations.attention.normalisations import top_k
from simulations.observables import richardson
from simulations.tokens.sampling import SAMPLERS, Tokens
from simulations.verdict import check, mean_interval, widened
from theory.limits import finite_sample_clock
from theory.normalisations import top_k_clock, window_clock
from theory.setting.pseudo_metrics import cosine


def sample_study(p, parameters, run) -> dict:
    """(clock ratio, drift coefficient) at two clocks on the same tokens, (samples, 2, 2) a normalisation.

    "self ...": mean weight of a token in its own average, (samples, 2): the size of finite-sample effects.
    """
    found, probe, cosine_probe = {}, Probe(p), Probe(direction_density())
    for s in run.progress(range(max(parameters.n_seeds, parameters.n_gaussian_seeds)), label="normalisations: samples"):
        rng, made = np.random.default_rng([parameters.seed, 1, s]), []
        if s < parameters.n_seeds:
            made += curve_sample(probe, parameters, rng).items()
            # the size of a ball of k tokens fluctuates too: top-k needs more samples, of fewer tokens
            made += [("top-k", top_k_sample(probe, parameters, rng)) for _ in range(4)]
        if s < parameters.n_gaussian_seeds:
            made.append(("cosine", cosine_sample(cosine_probe, parameters, rng)))
        for name, (fits, own) in made:
            found.setdefault(name, []).append(fits)
            found.setdefault(f"self {name}", []).append(own)
    return {name: np.array(value) for name, value in found.items()}


def curve_sample(probe, parameters, rng) -> dict:
    """Coefficients (2, 2) and self-weights (2,) of one sample on the curve, for each normalisation."""
    tokens, found = SAMPLERS[parameters.sampler](probe.density, parameters.n_tokens, rng), {}
    for tau in clocks(parameters, 1)[:2]:
        made = operators(tokens, tau, parameters, 1e-6)
        own = made["softmax"][0].self_weight.mean()
        made = {name: (a, clock, own) for name, (a, clock) in made.items()}
        radius = np.sqrt(6 * tau)
        window = AttentionOperator(tokens, GAUSSIAN, 1.0, window=radius)
        made["window"] = (window, window_clock(radius, 1), window.self_weight.mean())
        for name, (operator, clock, weight) in made.items():
            fits, weights = found.setdefault(name, ([], []))
            fits.append(probe.fit_operator(operator, tokens.coordinates, clock))
            weights.append(weight)
    return found


def top_k_sample(probe, parameters, rng):
    """Coefficients (2, 2) and self-weights (2,) of top-k attention over half as many tokens of the curve."""
    p, n = probe.density, parameters.n_tokens // 2
    tokens = SAMPLERS[parameters.sampler](p, n, rng)
    u, sizes = tokens.coordinates, [round(top_k_mass(p, tau) * n) for tau in clocks(parameters, 1)[:2]]
    return [probe.fit_operator(top_k(tokens, k), u, top_k_clock(k, n, 1, p(u))) for k in sizes], [1 / k for k in sizes]


def cosine_sample(probe, parameters, rng):
    """Coefficients (2, 2) and self-weights (2,) of cosine attention over tokens N(0, S) in R^3."""
    n, m = 3 * parameters.n_tokens // 2, probe.density.manifold
    x = rng.multivariate_normal(np.zeros(3), GAUSSIAN_TOKENS_COVARIANCE, n)
    direction = x / np.linalg.norm(x, axis=1, keepdims=True)
    u = np.stack([np.arccos(direction[:, 2]), np.arctan2(direction[:, 1], direction[:, 0]) % (2 * np.pi)], axis=1)
    fits, weights = [], []
    for tau in clocks(parameters, 2)[1:3]:
        operator = AttentionOperator(Tokens(m, u, x), cosine(), 2 * tau)
        clock = tau * finite_sample_clock(probe.density, u, tau, n)
        fits.append(probe.fit_operator(operator, u, clock))
        # that clock is right to first order in the self-weight
        weights.append((operator.self_weight**2).mean())
    return fits, weights


def sample_checks(predictions, population, sample) -> list:
    """Drift coefficients of sampled tokens, extrapolated to zero temperature, against the table."""
    checks = []
    for name, prediction in predictions.items():
        c = prediction.drift_coefficient
        measured = mean_interval(richardson(sample[name][:, 0, 1], sample[name][:, 1, 1]))
        expected = population[SURFACE][name][1:3, 1] if name == "cosine" else population[CURVE][name][:2, 1]
        own = np.abs(richardson(*sample[f"self {name}"].mean(axis=0)))
        # the rest of the bias, known at N = infinity, and the clock of a finite sample
        interval = widened(measured, abs(richardson(*expected) - c) + 2 * own)
        controls = {"c + 0.2": c + 0.2, "c - 0.2": c - 0.2}
        if name == "cosine":
            controls["density without the power D/2"] = c * 1.5
        checks.append(check(f"drift c, {name}, sampled tokens, eps -> 0", c, interval, controls))
    return checks
