"""The claim `normalisations` at N = infinity: drift coefficient and clock of each normalisation on quadrature nodes."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import romberg
from simulations.experiments.normalisations_probe import CURVE, Probe, clocks, direction_density, operators, top_k_mass
from simulations.experiments.settings import GAUSSIAN, nodes_for
from simulations.attention.normalisations import sinkhorn
from simulations.tokens.sampling import quadrature_tokens
from simulations.verdict import Interval, check
from theory.normalisations import stopped_sinkhorn, top_k_radius, window_clock
from theory.setting.pseudo_metrics import cosine

STOPPED_SWEEPS = 5


def population_study(p, parameters) -> dict:
    """(clock ratio, drift coefficient) of each normalisation at each clock, (levels, 2), on quadrature nodes."""
    found, m, probe, cosine_probe = {}, p.manifold, Probe(p), Probe(direction_density())
    for tau in clocks(parameters, m.dim):
        tokens = quadrature_tokens(p, nodes_for(m, tau))
        u, w = tokens.coordinates, tokens.weights
        fits = {name: probe.fit_operator(a, u, clock, w) for name, (a, clock) in operators(tokens, tau, parameters, 1e-10).items()}
        if m.name == CURVE:
            fits["stopped"] = probe.fit_operator(sinkhorn(tokens, GAUSSIAN, tau, STOPPED_SWEEPS).operator, u, tau, w)
            fits |= interval_fits(probe, tau)
        else:
            fits["cosine"] = cosine_population(cosine_probe, tau)
        for name, fit in fits.items():
            found.setdefault(name, []).append(fit)
    return {name: np.array(fit) for name, fit in found.items()}


def interval_fits(probe, tau, n_points: int = 200) -> dict:
    """Window and top-k attention to infinitely many tokens of the curve: means over an interval about each point."""
    p = probe.density
    tokens = quadrature_tokens(p, n_points)
    u, w, radius, mass = tokens.coordinates, tokens.weights, np.sqrt(6 * tau), top_k_mass(p, tau)
    local_clock = window_clock(top_k_radius(mass, 1, p(u)), 1)
    return {
        "window": probe.fit_interval(u, radius, 1.0, window_clock(radius, 1), w),
        "top-k": probe.fit_interval(u, interval_of_mass(p, u, mass), np.inf, local_clock, w),
    }


def interval_of_mass(p, u, mass, n_nodes: int = 60) -> np.ndarray:
    """The chord within which a point of the unit circle finds this share of the tokens, by Newton's method, (n,)."""
    x, w = np.polynomial.legendre.leggauss(n_nodes)
    arc = mass / (2 * p(u))
    for _ in range(30):
        y = u + arc[:, None] * x
        inside = arc * (p(y.reshape(-1, 1)).reshape(y.shape) @ w)
        arc = arc - (inside - mass) / (p(u + arc[:, None]) + p(u - arc[:, None]))
    return 2 * np.sin(arc / 2)


def cosine_population(probe, tau) -> np.ndarray:
    """Cosine attention at eps = 2 tau over infinitely many directions of Gaussian tokens."""
    tokens = quadrature_tokens(probe.density, nodes_for(probe.density.manifold, tau))
    return probe.fit_operator(AttentionOperator(tokens, cosine(), 2 * tau), tokens.coordinates, tau, tokens.weights)


def population_checks(predictions, population) -> list:
    """The whole table at zero temperature, its drifts and its clocks; and Sinkhorn that stops too early."""
    drift, clock = [], []
    for study in population.values():
        for name in set(study) & set(predictions):
            drift.append((predictions[name].drift_coefficient, romberg(study[name][:, 1])))
            clock.append((1.0, romberg(study[name][:, 0])))
    stopped = romberg(population[CURVE]["stopped"][:, 1])
    return [
        check("worst |c - table|, quadrature, eps -> 0", 0.0, _worst(drift), {"one c off by 0.1": 0.1}),
        check("worst |clock/table - 1|, quadrature, eps -> 0", 0.0, _worst(clock), {"one clock off by 5 %": 0.05}),
        check(
            f"drift c, Sinkhorn of {STOPPED_SWEEPS} sweeps, eps -> 0",
            stopped_sinkhorn(STOPPED_SWEEPS).drift_coefficient, stopped, {"doubly stochastic: 1": 1.0},
        ),
    ]  # fmt: skip


def limits(predictions, study) -> np.ndarray:
    """The extrapolated drift coefficient of each normalisation, in the order of the predictions, NaN where not studied."""
    return np.array([romberg(study[name][:, 1]).value if name in study else np.nan for name in predictions])


def _worst(pairs) -> Interval:
    """Of (predicted, measured interval) pairs the deviation that exceeds its interval most, as an interval of |deviation|."""
    deviations = [(abs(m.value - p), (m.high - m.low) / 2) for p, m in pairs]
    value, half = max(deviations, key=lambda d: d[0] - d[1])
    return Interval(value, value - half, value + half)


def coefficient_table(predictions, population) -> str:
    """Drift coefficients on quadrature nodes at every clock, as text."""
    lines = ["drift coefficient c on quadrature nodes; clock halves from left to right, then the extrapolated limit"]
    for m, study in population.items():
        for name in [n for n in predictions if n in study]:
            c = study[name][:, 1]
            lines.append(f"{m:>8} {name:>18} " + " ".join(f"{v:7.4f}" for v in c) + f" -> {romberg(c).value:7.4f}  (table {predictions[name].drift_coefficient:g})")
    return "\n".join(lines)
