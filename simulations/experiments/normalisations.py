"""Claim `normalisations`: what other normalisations of the same scores compute.

Drift coefficient and clock are fitted on quadrature nodes, where N is infinite, at a clock that halves, and on sampled
tokens at two of them. What holds exactly is in `normalisations_exact`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy as sp

from simulations.attention import AttentionOperator
from simulations.convergence import romberg
from simulations.experiments import option
from simulations.experiments.normalisations_exact import GAUSSIAN_TOKENS_COVARIANCE, exact_checks, received_attention
from simulations.experiments.settings import GAUSSIAN, check_levels, nodes_for, probe_features, reference_density
from simulations.normalisations import (
    alpha_normalised,
    convolution,
    doubly_normalised,
    doubly_stochastic,
    residual,
    sinkhorn,
    top_k,
)
from simulations.observables import fit_coefficients, richardson
from simulations.results import Outcome
from simulations.sampling import SAMPLERS, Tokens, iid_tokens, quadrature_tokens
from simulations.verdict import Interval, check, mean_interval, widened
from theory.checks import one_of, whole, within
from theory.claims import Claim
from theory.densities import Density, density
from theory.expressions import compile_array
from theory.limits import finite_sample_clock, generator_terms
from theory.manifolds import manifold
from theory.normalisations import (
    TABLE,
    alpha_prediction,
    angular_density,
    filter_moments,
    stopped_sinkhorn,
    top_k_clock,
    top_k_radius,
    window_clock,
)  # fmt: skip
from theory.pseudo_metrics import cosine

CLAIM = Claim(
    name="normalisations",
    rank=11,
    title="What other normalisations of the same scores compute",
    statement=(
        "Doubly normalised attention computes the pure heat equation whatever the density, Sinkhorn attention half of "
        "softmax's drift, alpha-normalised attention 2 (1 - alpha); cosine, top-k, windowed and residual attention keep "
        "softmax's generator with clocks of their own. Metrics and double normalisation leave every key its share of attention."
    ),
    source=(
        "Ding et al. 2020; Sander et al. 2022; Coifman and Lafon 2006; "
        "docs/theory.md, 'Other normalisations', 'Received attention' and 'Free energy'"
    ),
    hypotheses="closed manifold, smooth positive density, f ~ c r^2; Sinkhorn run to double stochasticity",
    predicted="drift coefficients 0, 1, 2 (1 - alpha), 2; clocks tau, eps/2, r_k^2/(2(d+2)), R^2/(2(d+2)), s tau; floors 1/N",
    order="coefficients: 1 in tau; the rest exact",
)

STOPPED_SWEEPS = 5
SMALLEST_K = 3
NEIGHBOURS = (2, 3, 5, 10, 20)
FILTER = np.array([1.0, 0.0, 3.0, 2.0, 4.0, 6.0, 1.0, 5.0, 2.0]) / 24  # off every symmetry
SURFACE = "sphere"
CURVE = "circle"  # where windows and the k nearest of infinitely many tokens are intervals


@dataclass(frozen=True)
class Parameters:
    density: str = option("reference", "Token density on circle and sphere, a formula; 'reference' for the project's choice.")
    alphas: tuple[float, ...] = option((0.25, 0.75), "Exponent of alpha-normalised attention.")
    share: float = option(0.3, "Share s of attention in the residual step.")
    n_tokens: int = option(2000, "Tokens of a sample; half as many again for the cosine, five times as many for the k nearest.")
    sampler: str = option("iid", "How the tokens on the curve are drawn: iid or stratified.")
    clock: float = option(0.02, "Largest clock tau on a curve, d times as much in d dimensions.")
    n_levels: int = option(5, "Clocks of the quadrature study, each half the one before.")
    n_seeds: int = option(80, "Samples on the curve.")
    n_gaussian_seeds: int = option(100, "Samples of Gaussian tokens for the cosine.")
    n_nearest_seeds: int = option(20, "Samples for the clock of the k nearest.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        for alpha in self.alphas:
            within("alphas", alpha, -2.0, 2.0)
        within("share", self.share, 0.01, 1.0)
        whole("n_tokens", self.n_tokens, 100)
        one_of("sampler", self.sampler, SAMPLERS)
        within("clock", self.clock, 1e-4, 0.1)
        check_levels("n_levels", self.n_levels)
        for name in ("n_seeds", "n_gaussian_seeds", "n_nearest_seeds"):
            whole(name, getattr(self, name), 3)
        whole("seed", self.seed, 0)


SMALL = {"n_tokens": 1000, "sampler": "stratified", "n_levels": 4, "n_seeds": 8, "n_gaussian_seeds": 100, "n_nearest_seeds": 10, "clock": 0.025}


def run(parameters: Parameters, run) -> Outcome:
    """Measure drift and clock of every normalisation, then what holds exactly; see `Parameters`."""
    predictions = predicted(parameters)
    population = {}
    for name in (CURVE, SURFACE):
        p = reference_density(name, parameters.density)
        population[name] = run.remember(f"{name}-population", lambda p=p: population_study(p, parameters))
    p = reference_density(CURVE, parameters.density)
    sample = run.remember("sample", lambda: sample_study(p, parameters, run))
    nearest = run.remember("nearest", lambda: nearest_study(parameters, run))
    received = received_attention(np.random.default_rng([parameters.seed, 3]))
    checks = sample_checks(predictions, population, sample)
    checks += population_checks(predictions, population) + nearest_checks(nearest) + convolution_checks()
    checks += exact_checks(iid_tokens(p, 1000, np.random.default_rng([parameters.seed, 4])), parameters, received)
    arrays = {f"population {m}: {k}": v for m, study in population.items() for k, v in study.items()}
    arrays |= {f"sample: {k}": v for k, v in sample.items()} | {f"nearest: {k}": v for k, v in nearest.items()} | received
    arrays |= {f"limits {m}": limits(predictions, study) for m, study in population.items()}
    arrays |= {"names": np.array(list(predictions)), "predicted": np.array([n.drift_coefficient for n in predictions.values()])}
    return Outcome(tuple(checks), arrays, (coefficient_table(predictions, population),))


def predicted(parameters) -> dict:
    """The table of predictions, the alphas of this run included, the most telling first."""
    alphas = [alpha_prediction(a) for a in parameters.alphas]
    order = ("doubly normalised", "Sinkhorn", *(a.name for a in alphas), "softmax", "residual", "cosine", "top-k", "window")
    every = TABLE | {a.name: a for a in alphas}
    return {name: every[name] for name in order}


# --- the operators, and what is fitted to them ---


def operators(tokens, tau: float, parameters, tolerance: float) -> dict:
    """(operator, clock) of each normalisation of f = |x-y|^2/4 at the temperature tau."""
    softmax = AttentionOperator(tokens, GAUSSIAN, tau)
    made = {
        "softmax": softmax,
        "doubly normalised": doubly_normalised(tokens, GAUSSIAN, tau),
        "Sinkhorn": doubly_stochastic(tokens, GAUSSIAN, tau, tolerance).operator,
    }
    made |= {alpha_prediction(a).name: alpha_normalised(tokens, GAUSSIAN, tau, a) for a in parameters.alphas}
    timed = {name: (operator, tau) for name, operator in made.items()}
    return timed | {"residual": (residual(softmax, parameters.share), parameters.share * tau)}


class Probe:
    """The features on one manifold and the two terms of the generator, compiled once."""

    def __init__(self, p: Density):
        features = probe_features(p.manifold)
        self.density, self.terms = p, generator_terms(p, features)
        self.features = compile_array(p.manifold.symbols, features, (len(features),))

    def fit(self, u, moved, clock, weights=None) -> np.ndarray:
        """(clock ratio, drift coefficient) from moved = A H - H (n, c) at the points u; `clock` a number or (n,)."""
        return fit_coefficients(moved / np.broadcast_to(clock, len(u))[:, None], self.terms(u), weights)

    def fit_operator(self, operator, u, clock, weights=None) -> np.ndarray:
        """`fit` of one step of an operator over tokens at the chart points u."""
        h = self.features(u)
        return self.fit(u, operator @ h - h, clock, weights)

    def fit_interval(self, u, radius, temperature, clock, weights, n_nodes: int = 60) -> np.ndarray:
        """`fit` of attention to infinitely many keys within this chord of each point of the unit circle, f = |x-y|^2/4."""
        x, w = np.polynomial.legendre.leggauss(n_nodes)
        y = u + 2 * np.arcsin(np.broadcast_to(radius, len(u))[:, None] / 2) * x
        nodes = y.reshape(-1, 1)
        share = w * self.density(nodes).reshape(y.shape) * np.exp(-(np.sin((y - u) / 2) ** 2) / temperature)
        share /= share.sum(axis=1, keepdims=True)
        means = np.einsum("ij,ijc->ic", share, self.features(nodes).reshape(*y.shape, -1))
        return self.fit(u, means - self.features(u), clock, weights)


def clocks(parameters, dim: int) -> np.ndarray:
    """The clock tau of each level."""
    return parameters.clock * dim / 2.0 ** np.arange(parameters.n_levels)


# --- N = infinity ---


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


def top_k_mass(p, tau) -> float:
    """The share of the tokens whose ball has the clock tau where the density is uniform."""
    return float(np.sqrt(6 * tau) * 2 / p.manifold.axes[0].length)


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


def direction_density() -> Density:
    return density(manifold(SURFACE), angular_density(GAUSSIAN_TOKENS_COVARIANCE))


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


# --- sampled tokens ---


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


# --- the k nearest: a clock with Gamma functions ---

NEAREST_MANIFOLDS = {1: ("circle", "reference"), 2: ("sphere", "reference"), 3: ("flat_torus(dim=3)", "uniform")}


def nearest_study(parameters, run) -> dict:
    """Clock of top-k attention by squared displacement over its formula, (seeds, ks), for d = 1, 2, 3, and over the large-k law."""
    n, found = 5 * parameters.n_tokens, {}
    for d, (spec, formula) in NEAREST_MANIFOLDS.items():
        p, ratios, naive, sizes = reference_density(spec, formula), [], [], []
        for s in run.progress(range(parameters.n_nearest_seeds), label=f"normalisations: nearest neighbours, d = {d}"):
            tokens = iid_tokens(p, n, np.random.default_rng([parameters.seed, 2, d, s]))
            density_there = p(tokens.coordinates)
            moved = [squared_displacement(top_k(tokens, k), tokens.points) / (2 * d) for k in NEIGHBOURS]
            laws = [window_clock(top_k_radius(k / n, d, density_there), d) for k in NEIGHBOURS]
            ratios.append([(m / top_k_clock(k, n, d, density_there)).mean() for m, k in zip(moved, NEIGHBOURS, strict=True)])
            naive.append([(m / law).mean() for m, law in zip(moved, laws, strict=True)])
            sizes.append([(2 * (d + 2) * law).mean() for law in laws])
        predicted_ratio = [float(top_k_clock(k, n, d, np.ones(1))[0] / window_clock(top_k_radius(k / n, d, np.ones(1)), d)[0]) for k in NEIGHBOURS]
        found |= {f"ratio {d}": np.array(ratios), f"large-k ratio {d}": np.array(naive), f"predicted {d}": np.array(predicted_ratio)}
        found |= {f"squared radius {d}": np.array(sizes).mean(axis=0)}
    return found | {"k": np.array(NEIGHBOURS), "n": np.array(n)}


def squared_displacement(operator, points) -> np.ndarray:
    """sum_j a_ij |x_j - x_i|^2, shape (n,)."""
    squared = (points**2).sum(axis=1)
    return operator @ squared - 2 * (points * (operator @ points)).sum(axis=1) + squared


def nearest_checks(nearest) -> list:
    """The Gamma-function constant for a small k, against the law of large k and against leaving the token itself out."""
    checks, n = [], int(nearest["n"])
    column = NEIGHBOURS.index(SMALLEST_K)
    for d in NEAREST_MANIFOLDS:
        large_k = 1 / float(nearest[f"predicted {d}"][column])
        counted, left_out = (float(top_k_clock(SMALLEST_K, n, d, np.ones(1), counted=c)[0]) for c in (True, False))
        # curvature and the change of p within a ball are of the order of its squared radius
        interval = widened(mean_interval(nearest[f"ratio {d}"][:, column]), float(nearest[f"squared radius {d}"][column]) / 4)
        controls = {"law of large k": large_k, "token itself not counted": left_out / counted, "10 % off": 1.1}
        checks.append(check(f"top-k clock over its Gamma formula, k = {SMALLEST_K}, d = {d}", 1.0, interval, controls))
    return checks


# --- a fixed convolution ---


def convolution_checks() -> list:
    """Clock and transport of a fixed asymmetric filter on ever finer equispaced grids, over its moments."""
    m = manifold("circle")
    (t,), ratios = m.symbols, []
    features = [sp.cos(t), sp.sin(t), sp.cos(2 * t), sp.sin(2 * t)]
    for n in 64 * 2 ** np.arange(5):
        u = 2 * np.pi * np.arange(n)[:, None] / n
        h, first, second = (np.stack([m.function(sp.diff(f, t, order))(u) for f in features], axis=1) for order in (0, 1, 2))
        moments = np.array(filter_moments(FILTER, 2 * np.pi / n))
        transport, diffusion = fit_coefficients(convolution(FILTER, n) @ h - h, [first, second])
        ratios.append(np.array([transport, 2 * diffusion]) / moments)
    transport, diffusion = (romberg(np.array(ratios)[:, k]) for k in (0, 1))
    variance = float(1 - moments[0] ** 2 / moments[1])
    return [
        check("convolution: clock over half the second moment", 1.0, diffusion, {"half its variance": variance, "10 % off": 1.1}),
        check("convolution: transport over the first moment", 1.0, transport, {"no transport": 0.0, "10 % off": 1.1}),
    ]
