"""Claim `generator`: (A - I)/tau tends to L H = Laplacian_g H + 2 <grad log p, grad H>_g.

Three errors are measured apart. Bias: on quadrature nodes, where N is infinite, against the temperature. Noise: its
variance over seeds against the predicted one. The sample: drift and clock fitted on i.i.d. tokens, against those of
the N -> infinity operator at the same temperature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy as sp

from simulations.attention import AttentionOperator
from simulations.statistics.orders import limit_order, order_table, romberg
from simulations.experiments import option
from simulations.experiments.settings import (
    GAUSSIAN,
    MOST_NODES,
    check_levels,
    check_manifolds,
    measured_coefficients,
    nodes_for,
    population_coefficients,
    probe_features,
    reference_density,
    require_closed,
    require_varying,
)  # fmt: skip
from simulations.observables import empirical_generator, fit_coefficients, richardson
from simulations.store.results import Outcome
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import check, check_against_measurement, mean_interval, widened
from theory.setting.checks import positive, whole
from theory.claims import Claim
from theory.limits import circle_bias, clock, finite_sample_clock, generator, generator_terms, noise_variance

CLAIM = Claim(
    name="generator",
    rank=2,
    title="The generator is Laplacian plus twice the drift up log p",
    statement=(
        r"For a transformation of a metric, $(A - I)/\tau$ tends to $L H = \Delta_g H + 2 \langle \nabla \log p, \nabla H \rangle_g$, "
        r"with a bias of order 1 in $\tau$ and a sampling noise of known variance."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Drift-diffusion limit' and 'Sampling noise'",
    hypotheses=r"closed manifold, smooth positive density, $f \sim c\,r^a$ at small distance",
    predicted=r"drift coefficient 2, clock $\tau$, noise $\varepsilon |\nabla H|^2 (8 \pi \varepsilon)^{-d/2} / (N p)$",
    order=r"1 in $\tau$",
)

WRONG_DRIFT = 2.2


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(("circle", "torus", "sphere"), "Closed manifold.")
    density: str = option("reference", "Token density, a formula; 'reference' for the project's choice.")
    n_tokens: int = option(20_000, "Tokens of a sample.")
    temperature: float = option(0.02, "Temperature eps of the samples, and largest of the bias study.")
    n_levels: int = option(5, "Temperatures of the bias study, each half the one before.")
    n_seeds: int = option(20, "Samples.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_manifolds(self.manifolds)
        whole("n_tokens", self.n_tokens, 100)
        positive("temperature", self.temperature)
        check_levels("n_levels", self.n_levels)
        whole("n_seeds", self.n_seeds, 3)
        whole("seed", self.seed, 0)


SMALL = {"manifolds": ("circle", "sphere"), "n_tokens": 4000, "n_levels": 4, "n_seeds": 12}
LONG = {"n_levels": 7, "n_tokens": 40_000, "n_seeds": 40}


def run(parameters: Parameters, run) -> Outcome:
    """Measure bias, coefficients and noise on each manifold; see `Parameters`."""
    checks, arrays, tables = [], {}, []
    temperatures = parameters.temperature / 2.0 ** np.arange(parameters.n_levels)
    for k, spec in enumerate(parameters.manifolds):
        p, name = reference_density(spec, parameters.density), spec
        require_closed(p.manifold, "generator")
        require_varying(p, "generator")
        rng = np.random.default_rng([parameters.seed, k])
        bias = run.remember(f"{name}-bias", lambda p=p, rng=rng: bias_study(p, temperatures, rng))
        sample = run.remember(f"{name}-sample", lambda p=p, k=k: sample_study(p, parameters, k, run))
        noise = run.remember(f"{name}-noise", lambda p=p, k=k: noise_study(p, parameters, k))
        checks += sample_checks(name, p, sample) + bias_checks(name, temperatures, bias) + noise_checks(name, noise)
        if p.manifold.name == "circle" and float(p.manifold.metric_expression[0]) == 1.0:
            checks.append(bias_constant_check(name, p, temperatures))
        tables.append(f"{name}: L2 error of (A - I)H/tau on quadrature nodes\n" + order_table(temperatures, temperatures, bias["errors"], "eps"))
        arrays |= {f"{name}_{key}": value for study in (bias, sample, noise) for key, value in study.items()}
    return Outcome(tuple(checks), arrays | {"temperatures": temperatures, "manifolds": np.array(parameters.manifolds)}, tuple(tables))


# --- bias: N = infinity ---


def bias_study(p, temperatures, rng, n_probes: int = 300, n_features: int = 24) -> dict:
    """L2 errors (features, levels) of (A - I)H/tau for random combinations H, against L and against a wrong drift."""
    m, basis = p.manifold, probe_features(p.manifold)
    probes = iid_tokens(p, n_probes, rng)
    mix = rng.standard_normal((len(basis), n_features)) / np.sqrt(len(basis))
    laplacian, drift = generator_terms(p, basis)(probes.coordinates)
    errors, controls, coefficients = [], [], []
    for eps in temperatures:
        keys = quadrature_tokens(p, nodes_for(m, eps))
        h_probes, h_keys = (np.stack([m.function(f)(t.coordinates) for f in basis], axis=1) for t in (probes, keys))
        operator = AttentionOperator(probes, GAUSSIAN, eps, keys=keys)
        measured = (operator @ h_keys - h_probes) / clock(GAUSSIAN.power_law, m.dim, eps)
        errors.append(_rms((measured - laplacian - 2.0 * drift) @ mix))
        controls.append(_rms((measured - laplacian - WRONG_DRIFT * drift) @ mix))
        coefficients.append(fit_coefficients(measured, [laplacian, drift]))
    return {"errors": np.array(errors).T, "controls": np.array(controls).T, "population": np.array(coefficients)}


def _rms(errors):
    return np.sqrt((errors**2).mean(axis=0))


def bias_checks(name, temperatures, bias) -> list:
    """The order of the bias, and the coefficients extrapolated to zero temperature."""
    order = limit_order(temperatures, bias["errors"])
    stalled = limit_order(temperatures, bias["controls"])
    checks = [check_against_measurement(f"{name}: order of the bias in tau", 1.0, order, f"drift {WRONG_DRIFT} stalls", stalled)]
    for column, (what, value, wrong) in enumerate((("clock ratio", 1.0, 1.1), ("drift coefficient", 2.0, WRONG_DRIFT))):
        controls = {f"{what} off by 10 %": wrong} | ({"no drift": 0.0} if column else {})
        checks.append(check(f"{name}: {what} at eps -> 0", value, romberg(bias["population"][:, column]), controls))
    return checks


def bias_constant_check(name, p, temperatures):
    """On the unit circle the whole O(tau) term is known: fit its constant."""
    m, basis = p.manifold, probe_features(p.manifold)
    ratios = []
    predicted = _columns(m, [circle_bias(p, f) for f in basis])
    flat = _columns(m, [circle_bias(p, f) - generator(p, f) for f in basis])
    limit = _columns(m, [generator(p, f) for f in basis])
    for eps in temperatures:
        tokens = quadrature_tokens(p, nodes_for(m, eps, MOST_NODES))
        operator = AttentionOperator(tokens, GAUSSIAN, eps)
        h = _columns(m, basis)(tokens.coordinates)
        measured = (empirical_generator(operator, h, eps) - limit(tokens.coordinates)) / eps
        ratios.append([_slope(measured, term(tokens.coordinates), tokens.weights) for term in (predicted, flat)])
    right, wrong = romberg(np.array(ratios)[:, 0]), romberg(np.array(ratios)[:, 1])
    return check_against_measurement(f"{name}: measured bias over the predicted O(tau) term", 1.0, right, "the chord's part left out", wrong)


def _columns(m, formulas):
    functions = [m.function(sp.sympify(f)) for f in formulas]
    return lambda u: np.stack([f(u) for f in functions], axis=1)


def _slope(measured, predicted, weights):
    return float((weights @ (measured * predicted)).sum() / (weights @ predicted**2).sum())


# --- the sample: drift and clock of i.i.d. tokens ---


def sample_study(p, parameters, k, run) -> dict:
    """(clock ratio, drift coefficient) at eps and eps/2 on the same tokens, (seeds, 2, 2), and at N = infinity, (2, 2)."""
    temperatures = (parameters.temperature, parameters.temperature / 2)
    values = []
    for s in run.progress(range(parameters.n_seeds), label=f"generator, {p.manifold.name}: samples"):
        tokens = iid_tokens(p, parameters.n_tokens, np.random.default_rng([parameters.seed, k, 1, s]))
        factors = [finite_sample_clock(p, tokens.coordinates, eps, parameters.n_tokens) for eps in temperatures]
        values.append([measured_coefficients(p, tokens, eps, clock_factor=f) for eps, f in zip(temperatures, factors, strict=True)])
    return {"coefficients": np.array(values), "expected": np.array([population_coefficients(p, eps) for eps in temperatures])}


def sample_checks(name, p, sample) -> list:
    """Coefficients of i.i.d. tokens: extrapolated to zero temperature against the limit, and at eps against N = infinity."""
    checks, (coarse, fine) = [], np.moveaxis(sample["coefficients"], 1, 0)
    for column, (what, limit) in enumerate((("clock ratio", 1.0), ("drift coefficient", 2.0))):
        expected = sample["expected"][:, column]
        truncation = abs(richardson(*expected) - limit)
        extrapolated = widened(mean_interval(richardson(coarse, fine)[:, column]), truncation)
        for label, predicted, measured in (
            (f"{name}: {what}, i.i.d. tokens, extrapolated", limit, extrapolated),
            (f"{name}: {what} of i.i.d. tokens at eps", float(expected[0]), mean_interval(coarse[:, column])),
        ):
            controls = {f"{what} off by 10 %": 1.1 * predicted} | ({f"no {what.split()[0]}": 0.0} if column else {})
            checks.append(check(label, predicted, measured, controls))
    # the drift is the headline
    return checks[2:] + checks[:2]


# --- noise: its variance over seeds ---


def noise_study(p, parameters, k, n_probes: int = 64, n_repeats: int = 1000) -> dict:
    """Variance of A H(x) over samples at fixed queries x, over its N -> infinity value at the same eps; and the limit law."""
    m, eps, n = p.manifold, parameters.temperature, parameters.n_tokens
    formula = m.embedding[0]
    h = m.function(formula)
    probes = iid_tokens(p, n_probes, np.random.default_rng([parameters.seed, k, 2]))
    samples = []
    for s in range(n_repeats):
        keys = iid_tokens(p, n, np.random.default_rng([parameters.seed, k, 3, s]))
        samples.append(AttentionOperator(probes, GAUSSIAN, eps, keys=keys) @ h(keys.coordinates))
    population = population_variance(p, probes, h, eps, n)
    # one ratio a batch of independent samples: batches are what the interval is made of
    batches = np.array(samples).reshape(20, -1, n_probes).var(axis=1, ddof=1).sum(axis=1)
    levels = [population_variance(p, probes, h, e, n).sum() / noise_variance(p, formula, e, n)(probes.coordinates).sum()
              for e in eps / 2.0 ** np.arange(4)]  # fmt: skip
    neighbours = n * p(probes.coordinates) * (4 * np.pi * eps) ** (m.dim / 2)
    return {"noise_ratio": batches / population.sum(), "noise_law": np.array(levels), "noise_correction": np.mean(1 / neighbours)}


def population_variance(p, probes, h, eps, n) -> np.ndarray:
    """Delta method, N -> infinity: Var[A H(x)] = (1/N) int K^2 (H - AH)^2 p/(int K p)^2, K^2 being K at eps/2."""
    keys = quadrature_tokens(p, nodes_for(p.manifold, eps / 2))
    values = h(keys.coordinates)
    full = AttentionOperator(probes, GAUSSIAN, eps, keys=keys)
    half = AttentionOperator(probes, GAUSSIAN, eps / 2, keys=keys)
    mean = full @ values
    first, second = (half @ np.stack([values, values**2], axis=1)).T
    return np.exp(half.log_partition - 2 * full.log_partition) * (second - 2 * mean * first + mean**2) / n


def noise_checks(name, noise) -> list:
    """The variance of the noise over its expected value, and the constant of its law as eps -> 0."""
    # the delta method is right to the inverse number of effective neighbours
    ratio = widened(mean_interval(noise["noise_ratio"]), float(noise["noise_correction"]))
    return [
        check(f"{name}: noise variance over expected", 1.0, ratio, {"noise variance off by 20 %": 1.2}),
        check(f"{name}: constant of the noise law at eps -> 0", 1.0, romberg(noise["noise_law"]), {"constant off by 10 %": 1.1}),
    ]

