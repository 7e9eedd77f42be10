"""Drift coefficient and clock of every normalisation, on nodes and seen by samples."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import (
    alpha_normalised,
    doubly_normalised,
    doubly_stochastic,
    residual,
    sinkhorn,
    top_k,
)
from simulations.experiments.normalisations.intervals import (
    chords_of_mass,
    moved_by_window,
    moved_by_windows,
)
from simulations.observables.generator import (
    clock_and_drift,
    feature_columns,
    moved_clock_and_drift,
    squared_jump,
)
from simulations.statistics.jackknife import jackknifed
from simulations.statistics.limits import romberg, seen_by_samples
from simulations.store.quantities import Measurement, Number
from simulations.tokens import Tokens, iid_tokens, quadrature_tokens
from theory.claims import normalisations as claim
from theory.setting.nodes import MOST_NODES, nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN, cosine
from theory.setting.references import probe_features

# of the column sums: on nodes for extrapolation, on samples far below their scatter
BALANCED, BALANCED_SAMPLES = 1e-10, 1e-6
WINDOW_POINTS = 64  # of the circle, where windows are looked at


def drifts_and_clocks(parameters: claim.Parameters, run) -> Measurement:
    """Drifts seen by samples (the headline first), then limits on nodes."""
    curve = run.remember("curve", lambda: curve_on_nodes(parameters, run))
    surface = run.remember("surface", lambda: surface_on_nodes(parameters, run))
    samples = run.remember("samples", lambda: fits_of_samples(parameters, run))
    on_nodes = curve | {claim.COSINE: surface[claim.COSINE]}
    quantities = {
        claim.drift_sampled(name): Number(seen(on_nodes[name][:, 1], samples[name][:, 1]))
        for name in samples
    }
    for name in (*parameters.names(), claim.RESIDUAL, claim.WINDOW, claim.COSINE):
        quantities[claim.clock(name)] = Number(romberg(on_nodes[name][:, 0]))
    for name in parameters.names():
        quantities[claim.drift_on_nodes(name)] = Number(romberg(surface[name][:, 1]))
    quantities[claim.STOPPED] = Number(romberg(curve["stopped"][:, 1]))
    return Measurement(quantities, {f"curve {name}": fits for name, fits in curve.items()})


def seen(levels, samples):
    """The limit of levels on nodes, with what samples add at their temperature (jackknifed)."""
    return seen_by_samples(levels, samples - levels[claim.LEVEL_OF_SAMPLES])


def operators(tokens, temperature: float, parameters, tolerance: float) -> dict:
    """Normalisations of f = |x-y|^2/4 at one temperature, by name."""
    made = {
        claim.DOUBLE: doubly_normalised(tokens, GAUSSIAN, temperature),
        claim.SINKHORN: doubly_stochastic(tokens, GAUSSIAN, temperature, tolerance).operator,
    }
    for alpha in parameters.alphas:
        name = claim.alpha_name(alpha)
        made[name] = alpha_normalised(tokens, GAUSSIAN, temperature, alpha)
    return made | {claim.SOFTMAX: AttentionOperator(tokens, GAUSSIAN, temperature)}


def in_units(fit, unit: float) -> np.ndarray:
    """(clock/unit, drift) of a fitted (clock, drift)."""
    return np.array([fit[0] / unit, fit[1]])


def curve_on_nodes(parameters: claim.Parameters, run) -> dict:
    """(clock/unit, drift) of each normalisation on the circle, (levels, 2)."""
    p, found = parameters.tokens_density(claim.CURVE), {}
    levels = zip(parameters.temperatures(1), parameters.radii(), parameters.shares(), strict=True)
    for eps, radius, share in run.progress(list(levels), label="normalisations: circle"):
        tokens = quadrature_tokens(p, nodes_for(p.manifold, eps, MOST_NODES))
        made = operators(tokens, eps, parameters, BALANCED)
        made[claim.RESIDUAL] = residual(made[claim.SOFTMAX], parameters.share)
        made["stopped"] = sinkhorn(tokens, GAUSSIAN, eps, claim.STOPPED_SWEEPS).operator
        fits = {
            name: in_units(clock_and_drift(a, p, tokens.coordinates, tokens.weights), eps)
            for name, a in made.items()
        }
        fits |= window_fits(p, radius, share)
        for name, fit in fits.items():
            found.setdefault(name, []).append(fit)
    return {name: np.array(fit) for name, fit in found.items()}


def window_fits(p, radius: float, share: float) -> dict:
    """Windowed attention at N = infinity, and the average over the windows of the k nearest:
    (clock/R^2, drift) and (clock/r_k^2, drift)."""
    points = quadrature_tokens(p, WINDOW_POINTS)
    u, weights = points.coordinates, points.weights
    moved, _ = moved_by_window(p, u, radius)
    window = moved_clock_and_drift(moved, p, u, weights)
    chords = chords_of_mass(p, u, share)
    moved, jumps = moved_by_windows(p, u, chords)
    drift = moved_clock_and_drift(moved, p, u, weights, local_clock=jumps / 2)[1]
    clock = weights @ (jumps / 2 / chords**2)
    return {
        claim.WINDOW: in_units(window, radius**2),
        claim.NEAREST: np.array([clock, drift]),
    }


def surface_on_nodes(parameters: claim.Parameters, run) -> dict:
    """(clock/eps, drift) on the sphere, (levels, 2); cosine attention over the directions."""
    p, found = parameters.tokens_density(claim.SURFACE), {}
    directions = parameters.directions_density()
    levels = list(parameters.temperatures(2))
    for eps in run.progress(levels, label="normalisations: sphere"):
        counts = nodes_for(p.manifold, eps, MOST_NODES)
        tokens, pointed = (quadrature_tokens(q, counts) for q in (p, directions))
        fits = {
            name: clock_and_drift(a, p, tokens.coordinates, tokens.weights)
            for name, a in operators(tokens, eps, parameters, BALANCED).items()
        }
        # f = -x.y = |x-y|^2/2 - 1 on directions: half the width
        twice = AttentionOperator(pointed, cosine(), 2 * eps)
        fit = clock_and_drift(twice, directions, pointed.coordinates, pointed.weights)
        fits[claim.COSINE] = in_units(fit, 2)
        for name, fit in fits.items():
            found.setdefault(name, []).append(in_units(fit, eps))
    return {name: np.array(fit) for name, fit in found.items()}


def fits_of_samples(parameters: claim.Parameters, run) -> dict:
    """(clock, drift) of i.i.d. samples, jackknifed, (seeds, 2) for each normalisation."""
    found = {}
    for s in run.progress(range(parameters.n_seeds), label="normalisations: samples"):
        rng = np.random.default_rng([parameters.seed, 1, s])
        curve = iid_tokens(parameters.tokens_density(claim.CURVE), parameters.n_tokens, rng)
        fits = jackknifed(lambda tokens: curve_fits(tokens, parameters), curve)
        names = (*parameters.names(), claim.WINDOW, claim.NEAREST)
        sample = dict(zip(names, fits, strict=True))
        gaussian = gaussian_tokens(parameters, rng)
        sample[claim.COSINE] = jackknifed(lambda tokens: cosine_fit(tokens, parameters), gaussian)
        for name, fit in sample.items():
            found.setdefault(name, []).append(fit)
    return {name: np.array(fit) for name, fit in found.items()}


def curve_fits(tokens, parameters) -> list:
    """(clock, drift) of each normalisation over tokens of the circle."""
    p, level = parameters.tokens_density(claim.CURVE), claim.LEVEL_OF_SAMPLES
    u, eps = tokens.coordinates, parameters.temperatures(1)[level]
    made = operators(tokens, eps, parameters, BALANCED_SAMPLES)
    made[claim.WINDOW] = AttentionOperator(
        tokens, GAUSSIAN, claim.WINDOW_TEMPERATURE, window=parameters.radii()[level]
    )
    fits = [clock_and_drift(a, p, u) for a in made.values()]
    nearest = top_k(tokens, round(parameters.shares()[level] * len(tokens)))
    return [*fits, local_fit(nearest, p, tokens)]


def local_fit(operator, p, tokens) -> tuple[float, float]:
    """(clock over the local clock, drift), the local clock being half the mean squared jump."""
    h = feature_columns(p.manifold, probe_features(p.manifold), tokens.coordinates)
    local = squared_jump(operator, tokens.points) / (2 * p.manifold.dim)
    return moved_clock_and_drift(operator @ h - h, p, tokens.coordinates, local_clock=local)


def gaussian_tokens(parameters, rng) -> Tokens:
    """Tokens N(0, S) in R^3, at the chart points of their directions."""
    m = parameters.directions_density().manifold
    x = rng.multivariate_normal(np.zeros(3), claim.TOKENS_COVARIANCE, parameters.n_tokens)
    colatitude = np.arctan2(np.hypot(x[:, 0], x[:, 1]), x[:, 2])
    longitude = np.arctan2(x[:, 1], x[:, 0]) % (2 * np.pi)
    return Tokens(m, np.stack([colatitude, longitude], axis=1), x)


def cosine_fit(tokens, parameters) -> tuple[float, float]:
    """(clock, drift) of cosine attention for features of the direction."""
    eps = 2 * parameters.temperatures(2)[claim.LEVEL_OF_SAMPLES]
    operator = AttentionOperator(tokens, cosine(), eps)
    return clock_and_drift(operator, parameters.directions_density(), tokens.coordinates)
