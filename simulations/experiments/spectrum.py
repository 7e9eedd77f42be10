"""Claim `spectrum`: the spectrum of attention at any temperature, its limit, and the depth at which features collapse.

Exact identities and limits are measured on quadrature nodes, where N is infinite. Samples are held against N = infinity
at the same temperature: a finite sample slows every mode by a term of order 1/N, which the same tokens show when they
are cut in two halves, and which is extrapolated away, 2 v(N) - v(N/2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention import AttentionOperator
from simulations.convergence import romberg
from simulations.experiments import option
from simulations.experiments.settings import GAUSSIAN, check_levels, nodes_for
from simulations.results import Outcome
from simulations.sampling import Tokens, iid_tokens, quadrature_tokens, stratified_tokens
from simulations.spectrum import collapse, group_by_gaps, leading_eigenpairs
from simulations.verdict import Interval, check, check_against_measurement, mean_interval, rounding_interval, widened
from theory.checks import InputError, positive, whole
from theory.claims import Claim
from theory.densities import density
from theory.exact import (
    clifford_torus_eigenvalues,
    collapse_depth,
    curve_spectrum,
    fourier_basis,
    gaussian_line_decay,
    gaussian_line_eigenfunctions,
    sphere_eigenvalues,
    sphere_laplacian_eigenvalues,
    sphere_multiplicities,
)
from theory.manifolds import manifold
from theory.pseudo_metrics import dot_product
from theory.quadrature import chart_quadrature

CLAIM = Claim(
    name="spectrum",
    rank=8,
    title="The spectrum of attention, and the depth at which features collapse",
    statement=(
        "The eigenvalues of attention are those of exp(tau L): k^2 on the circle, l(l+1) on the sphere, 2k/s^2 for Gaussian tokens, "
        "with their multiplicities and with closed forms at any temperature; repeated attention makes features equal at the "
        "depth that lambda_1 predicts, with residual connections and several heads too."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Spectra' and 'Over-smoothing'",
    hypotheses="symmetric transformed metric; uniform or Gaussian tokens for the closed forms, any density on a curve for the limit",
    predicted="-log(mu)/tau -> lambda; multiplicities 2 and 2l + 1; depth log(1/factor)/(-log mu_1)",
    order="1 in tau",
)

EXACT = 1e-10
SIZES = {1: 4, 2: 4, 3: 3}  # degrees 0, 1, ... of the harmonics on S^d
RADIUS, DOT_TEMPERATURE = 1.5, 0.8
RESIDUAL = 0.5
HEADS = (0.5, 1.0, 2.0)
FACTOR = 1e-6
LAYERS = ("one head", "residual", "three heads")


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(3000, "Tokens of a sample.")
    temperature: float = option(0.05, "Temperature eps of the samples.")
    density: str = option("exp(x/2 + x*y/2)", "Token density on the circle, not uniform, a formula.")
    deviation: float = option(1.3, "Standard deviation s of the Gaussian tokens on the line.")
    coarsest: float = option(0.08, "Largest temperature of the limits.")
    n_levels: int = option(4, "Temperatures of the limits, each half the one before.")
    n_depth_tokens: int = option(1500, "Tokens of a sample on which features collapse, at twice the temperature.")
    n_seeds: int = option(16, "Samples.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        whole("n_tokens", self.n_tokens, 200)
        positive("temperature", self.temperature)
        positive("deviation", self.deviation)
        positive("coarsest", self.coarsest)
        check_levels("n_levels", self.n_levels)
        whole("n_depth_tokens", self.n_depth_tokens, 200)
        whole("n_seeds", self.n_seeds, 3)
        whole("seed", self.seed, 0)
        if self.coarsest > 0.5 * self.deviation**2:
            raise InputError(f"coarsest: got {self.coarsest:g}, expected at most s^2/2 = {0.5 * self.deviation**2:g}")


SMALL = {"n_tokens": 1000, "n_depth_tokens": 800, "n_seeds": 8, "coarsest": 0.16}


def run(parameters: Parameters, run) -> Outcome:
    """Measure closed forms, limits, multiplicities, samples and depths; see `Parameters`."""
    temperatures = parameters.coarsest / 2.0 ** np.arange(parameters.n_levels)
    exact = run.remember("exact", lambda: closed_forms(parameters))
    limit = run.remember("limit", lambda: limits(parameters, temperatures))
    sample = run.remember("sample", lambda: sample_study(parameters, run))
    depth = run.remember("depth", lambda: depth_study(parameters, run))
    layers = run.remember("layers", lambda: layer_limits(parameters, temperatures))
    checks = [
        *sample_checks(sample),
        *depth_checks(depth, layers),
        *limit_checks(limit),
        *multiplicity_checks(exact, sample),
        *closed_form_checks(exact),
    ]
    return Outcome(tuple(checks), {"temperatures": temperatures, **exact, **limit, **sample, **depth, **layers}, (table(sample),))


# --- closed forms at finite temperature, on quadrature nodes ---


def closed_forms(parameters) -> dict:
    """Measured eigenvalues on quadrature nodes, with the closed form of each."""
    rng = np.random.default_rng([parameters.seed, 0])
    out = gaussian_line(parameters, rng)
    for d, (spec, nodes) in {1: ("circle", 64), 2: ("sphere", (20, 40)), 3: ("sphere3", (10, 20, 20))}.items():
        counts = sphere_multiplicities(d, SIZES[d])
        p = density(manifold(f"{spec}(radius={RADIUS})"))
        operator = AttentionOperator(quadrature_tokens(p, nodes), dot_product(), DOT_TEMPERATURE)
        out[f"S{d}_measured"] = leading_eigenpairs(operator, counts.sum(), rng)[0]
        out[f"S{d}_predicted"] = np.repeat(sphere_eigenvalues(d, RADIUS, DOT_TEMPERATURE, SIZES[d]), counts)
        out[f"S{d}_control"] = np.repeat(sphere_eigenvalues(d, 1.0, 2 * parameters.temperature, SIZES[d]), counts)
    values, counts = clifford_torus_eigenvalues(parameters.temperature, 2)
    tokens = quadrature_tokens(density(manifold("flat_torus")), 36)
    operator = AttentionOperator(tokens, GAUSSIAN, parameters.temperature)
    out["torus_measured"] = leading_eigenpairs(operator, counts[:4].sum(), rng)[0]
    out["torus_predicted"] = np.repeat(values[:4], counts[:4])
    return out


def gaussian_line(parameters, rng, count: int = 9) -> dict:
    """Eigenvalues of Gaussian tokens, and how far eigenfunctions are from the Hermite polynomials of the stationary law."""
    s, eps = parameters.deviation, parameters.temperature
    tokens = gaussian_nodes(s, eps)
    operator = AttentionOperator(tokens, GAUSSIAN, eps)
    values, functions = leading_eigenpairs(operator, count, rng)
    x, pi = tokens.points[:, 0], operator.stationary_law
    hermite = gaussian_line_eigenfunctions(x, s, eps, count)
    # the control: orthogonal in the tokens' law N(0, s^2/2), the p^2 of the limit eps -> 0
    plain = gaussian_line_eigenfunctions(x, s, 1e-12, count)
    overlap = [np.abs(functions.T @ (pi[:, None] * h)).diagonal() / np.sqrt(pi @ h**2) for h in (hermite, plain)]
    return {
        "line_measured": values,
        "line_predicted": gaussian_line_decay(s, eps) ** np.arange(count),
        "line_control": gaussian_line_decay(s, eps / 2) ** np.arange(count),
        "hermite_deviation": np.array([1 - o.min() for o in overlap]),
    }


def gaussian_nodes(deviation, temperature):
    """Trapezoidal nodes for tokens N(0, s^2) on the line, fine enough for the kernel and the density."""
    p = density(manifold("line"), f"exp(-u**2/{2 * deviation**2!r})")
    step = min(deviation, np.sqrt(2 * temperature)) / 3
    low, high = p.support[0]
    return quadrature_tokens(p, int(np.ceil((high - low) / step)))


def closed_form_checks(exact) -> list:
    """Largest distance of any eigenvalue from its closed form."""
    line = _largest(exact, "line")
    spheres = max(_largest(exact, f"S{d}") for d in SIZES)
    temperature = min(float(np.abs(exact[f"S{d}_measured"] - exact[f"S{d}_control"]).max()) for d in SIZES)
    squares = float(np.abs(exact["torus_measured"] - exact["torus_predicted"] ** 1.1).max())
    hermite, plain = (float(v) for v in exact["hermite_deviation"])
    wrong_line = float(np.abs(exact["line_measured"] - exact["line_control"]).max())
    return [
        _identity("Gaussian line: largest |mu_k - rho^k|, k = 0..8", line, "rho = s^2/(s^2 + eps)", wrong_line),
        _identity("Gaussian line: 1 - overlap of eigenfunctions with He_k(x/sqrt v)", hermite, "v = s^2/2 of the limit", plain),
        _identity("S^1, S^2, S^3, dot product: largest |mu_l - Bessel ratio|", spheres, "the radius left out", temperature),
        _identity("Clifford torus: largest |mu - I_k1 I_k2/I_0^2|", _largest(exact, "torus"), "-log mu off by 10 %", squares),
    ]


def _largest(exact, name):
    return float(np.abs(exact[f"{name}_measured"] - exact[f"{name}_predicted"]).max())


def _identity(quantity, deviation, control, control_deviation):
    return check_against_measurement(
        quantity, 0.0, rounding_interval(deviation, EXACT), control, rounding_interval(control_deviation, EXACT), kind="identity"
    )


# --- the limit of zero temperature, on quadrature nodes ---


def limits(parameters, temperatures) -> dict:
    """(1 - mu_k)/tau over its limit, (levels, eigenvalues without the first), for four settings; and a wrong limit."""
    rng = np.random.default_rng([parameters.seed, 1])
    circle, sphere = density(manifold("circle")), density(manifold("sphere"))
    uneven = density(manifold("circle"), parameters.density)
    line = 2 * np.arange(5) / parameters.deviation**2
    settings = {
        "circle": (circle, np.repeat(sphere_laplacian_eigenvalues(1, 1.0, 4), sphere_multiplicities(1, 4))),
        "sphere": (sphere, np.repeat(sphere_laplacian_eigenvalues(2, 1.0, 4), sphere_multiplicities(2, 4))),
        "line": (None, line),
        "uneven": (uneven, curve_spectrum(uneven, 6)[0]),
    }
    out = {"uneven_drift_1": curve_spectrum(uneven, 6, power=1.0)[0][1:]}
    for name, (p, expected) in settings.items():
        values = []
        for eps in temperatures:
            tokens = gaussian_nodes(parameters.deviation, eps) if p is None else quadrature_tokens(p, nodes_for(p.manifold, eps))
            mu = leading_eigenpairs(AttentionOperator(tokens, GAUSSIAN, eps), len(expected), rng, 1e-13)[0]
            values.append((1 - mu[1:]) / eps)
        out |= {f"{name}_rates": np.array(values), f"{name}_limit": expected[1:]}
    return out


def limit_checks(limit) -> list:
    """The eigenvalue that is farthest from its limit, in each setting."""
    names = {
        "circle": "circle: (1 - mu)/(tau k^2) at eps -> 0, worst of k = 1..3",
        "sphere": "sphere: (1 - mu)/(tau l(l+1)) at eps -> 0, worst of l = 1..3",
        "line": "Gaussian line: (1 - mu)/(tau 2k/s^2) at eps -> 0, worst of k = 1..4",
        "uneven": "circle, p not uniform: (1 - mu)/(tau lambda_k) at eps -> 0, worst of k = 1..5",
    }
    checks = []
    for name, quantity in names.items():
        expected = limit[f"{name}_limit"]
        controls = {"eigenvalues off by 10 %": 1.1}
        if name == "uneven":
            controls["drift 1 instead of 2, in the ratio of lambda_1"] = float(limit["uneven_drift_1"][0] / expected[0])
        checks.append(check(quantity, 1.0, _worst(limit[f"{name}_rates"] / expected), controls))
    return checks


def _worst(ratios):
    """Of the extrapolated columns of (levels, n), the interval that is farthest from 1, measured in its own width."""
    intervals = [romberg(column) for column in ratios.T]
    return max(intervals, key=lambda i: abs(i.value - 1) / max(i.high - i.value, 1e-12))


# --- multiplicities ---


def multiplicity_checks(exact, sample) -> list:
    """Sizes of the groups between the widest gaps, on nodes and on stratified tokens."""
    found = [group_by_gaps(-np.log(exact[f"S{d}_measured"]), SIZES[d]) for d in (1, 2, 3)]
    wrong = [_misses(f, np.minimum(2, np.arange(len(f)) + 1)) for f in found[1:]]
    on_nodes = sum(_misses(f, sphere_multiplicities(d, SIZES[d])) for d, f in zip((1, 2, 3), found, strict=True))
    expected = sphere_multiplicities(2, 4)
    groups = [group_by_gaps(v, 4) for v in np.hstack([np.zeros((len(sample["stratified_all"]), 1)), sample["stratified_all"]])]
    of_samples = max(_misses(g, expected) for g in groups)
    return [
        check("multiplicities miscounted on S^1, S^2, S^3 (2; 2l + 1; (l + 1)^2)", 0.0, Interval(on_nodes, on_nodes, on_nodes), {"2 for every l on S^2 and S^3": float(min(wrong))}, kind="identity"),
        check("multiplicities 2l + 1 miscounted, stratified tokens, worst sample", 0.0, Interval(of_samples, of_samples, of_samples), {"2 for every l": float(_misses(expected, [1, 2, 2, 2]))}, kind="identity"),
    ]  # fmt: skip


def _misses(found, expected):
    return float(np.abs(np.asarray(found) - np.asarray(expected)).sum())


# --- samples ---


def sample_study(parameters, run) -> dict:
    """-log(mu)/tau of samples: i.i.d. tokens extrapolated in 1/N and stratified ones, sphere and circle, with N = infinity."""
    eps, n, out = parameters.temperature, parameters.n_tokens, {}
    for k, (name, p, count) in enumerate(sample_settings(parameters)):
        if name == "uneven":
            tokens = quadrature_tokens(p, nodes_for(p.manifold, eps))
            out["uneven_expected"] = rates(tokens, eps, count, np.random.default_rng(0), 0.0)
        else:
            d = p.manifold.dim
            mu = sphere_eigenvalues(d, 1.0, 2 * eps, 4)
            out[f"{name}_expected"] = np.repeat(-np.log(mu) / eps, sphere_multiplicities(d, 4))[1:]
        full, extrapolated, stratified = [], [], []
        for s in run.progress(range(parameters.n_seeds), label=f"spectrum: samples, {name}"):
            rng = np.random.default_rng([parameters.seed, 2, k, s])
            tokens = iid_tokens(p, n, rng)
            whole_sample = rates(tokens, eps, count, rng)
            halves = [rates(half, eps, count, rng) for half in cut(tokens)]
            full.append(whole_sample)
            extrapolated.append(2 * whole_sample - np.mean(halves, axis=0))
            if name == "sphere":
                stratified.append(rates(stratified_tokens(p, n, rng), eps, count, rng))
        out |= {f"{name}_full": np.array(full), f"{name}_samples": np.array(extrapolated)}
        if stratified:
            out["stratified_all"] = np.array(stratified)
    return out


def sample_settings(parameters) -> list:
    """Name, density and number of eigenvalues of each setting that is sampled."""
    return [
        ("sphere", density(manifold("sphere")), 16),
        ("circle", density(manifold("circle")), 7),
        ("uneven", density(manifold("circle"), parameters.density), 5),
    ]


def cut(tokens) -> list:
    """The two halves of an i.i.d. sample: two independent samples of N/2 tokens."""
    middle = len(tokens) // 2
    return [Tokens(tokens.manifold, tokens.coordinates[part], tokens.points[part]) for part in (slice(middle), slice(middle, 2 * middle))]


def rates(tokens, eps, count, rng, tolerance=1e-7) -> np.ndarray:
    """-log(mu_j)/tau, j = 1..count-1, increasing."""
    mu = leading_eigenpairs(AttentionOperator(tokens, GAUSSIAN, eps), count, rng, tolerance)[0]
    if mu[-1] <= 0:
        raise InputError(f"n_tokens: {len(tokens)} tokens have no {count} positive eigenvalues at temperature {eps:g}, expected more tokens")
    return -np.log(mu[1:]) / eps


def multiplet_ratios(values, expected) -> np.ndarray:
    """Mean of values (seeds, n) over each multiplet of `expected`, over that expected value: (seeds, multiplets)."""
    groups = [np.isclose(expected, e) for e in np.unique(np.round(expected, 9))]
    return np.stack([values[:, g].mean(axis=1) / expected[g].mean() for g in groups], axis=1)


def sample_checks(sample) -> list:
    """Eigenvalues of samples over those of N = infinity at the same temperature."""
    checks = []
    for name, what in {"sphere": "sphere, i.i.d. tokens", "circle": "circle, i.i.d. tokens", "uneven": "circle, p not uniform, i.i.d. tokens"}.items():
        ratio = multiplet_ratios(sample[f"{name}_samples"], sample[f"{name}_expected"]).mean(axis=1)
        checks.append(check(f"{what}: -log(mu)/tau over expected, mean of the multiplets", 1.0, mean_interval(ratio), {"eigenvalues off by 10 %": 1.1}))
    ratio = multiplet_ratios(sample["stratified_all"], sample["sphere_expected"]).mean(axis=1)
    # stratified tokens are one size only: what a sample of that size still lacks is bounded by the i.i.d. slowing
    slowing = 1 - multiplet_ratios(sample["sphere_full"], sample["sphere_expected"]).mean()
    interval = widened(mean_interval(ratio), slowing)
    checks.append(check("sphere, stratified tokens: -log(mu)/tau over expected, mean of the multiplets", 1.0, interval, {"eigenvalues off by 10 %": 1.1}))
    return checks


def table(sample) -> str:
    """Eigenvalues of the sphere, by multiplet: expected, measured, slowed by the sample."""
    expected = sample["sphere_expected"]
    groups = [multiplet_ratios(sample[key], expected).mean(axis=0) for key in ("sphere_full", "sphere_samples", "stratified_all")]
    lines = ["sphere: -log(mu_l)/tau over its value at N = infinity", f"{'l':>3} {'expected':>9} {'i.i.d., N':>10} {'N -> inf':>9} {'stratified':>11}"]
    lines += [f"{k + 1:>3} {expected[(k + 1) ** 2 - 1]:>9.4f} {a:>10.4f} {b:>9.4f} {c:>11.4f}" for k, (a, b, c) in enumerate(zip(*groups, strict=True))]
    return "\n".join(lines)


# --- over-smoothing ---


def layer(tokens, eps: float, kind: str):
    """One layer as a function of features: one head, a residual connection, or the mean of three heads."""
    if kind == "three heads":
        heads = [AttentionOperator(tokens, GAUSSIAN, factor * eps) for factor in HEADS]
        return lambda h: sum(head @ h for head in heads) / len(heads)
    operator = AttentionOperator(tokens, GAUSSIAN, eps)
    step = RESIDUAL if kind == "residual" else 1.0
    return lambda h: (1 - step) * h + step * (operator @ h)


def layer_value(kind: str, of_temperature, eps: float):
    """What a layer makes of a number that a head of each temperature has: mixed with 1 - step, averaged over heads."""
    if kind == "three heads":
        return np.mean([of_temperature(factor * eps) for factor in HEADS])
    step = RESIDUAL if kind == "residual" else 1.0
    return 1 - step + step * of_temperature(eps)


def depth_study(parameters, run) -> dict:
    """Depth to a spread of FACTOR on the uniform sphere for each kind of layer: on nodes, on samples, and predicted."""
    eps, n, p = 2 * parameters.temperature, parameters.n_depth_tokens, density(manifold("sphere"))

    def mu_1(temperature):
        return sphere_eigenvalues(2, 1.0, 2 * temperature, 2)[1]

    decay = [layer_value(kind, mu_1, eps) for kind in LAYERS]
    nodes = quadrature_tokens(p, nodes_for(p.manifold, min(HEADS) * eps))
    on_nodes, curves = zip(*(collapse(layer(nodes, eps, kind), nodes.points, nodes.weights, FACTOR) for kind in LAYERS), strict=True)
    samples, first = [], None
    for s in run.progress(range(parameters.n_seeds), label="spectrum: depth of collapse"):
        depths = sample_depths(stratified_tokens(p, n, np.random.default_rng([parameters.seed, 3, s])), eps)
        samples.append([d for d, _ in depths])
        first = first or [curve for _, curve in depths]
    out = {"depth_predicted": np.array([collapse_depth(d, FACTOR) for d in decay]), "depth_decay": np.array(decay)}
    for k in range(len(LAYERS)):
        out |= {f"spread_nodes_{k}": curves[k], f"spread_sample_{k}": first[k]}
    slowing = layer_slowing(n, eps)
    return out | {"depth_nodes": np.array(on_nodes), "depth_samples": np.array(samples), "depth_slowing": slowing}


def layer_slowing(n, eps) -> np.ndarray:
    """Twice the inverse number of effective neighbours of the sharpest head, 1/(N eps): what a sample may be slowed by."""
    return np.array([2 / (n * eps * (min(HEADS) if kind == "three heads" else 1.0)) for kind in LAYERS])


def sample_depths(tokens, eps) -> list:
    """(depth, spreads) for each kind of layer, H the coordinate functions."""
    weights = np.full(len(tokens), 1 / len(tokens))
    return [collapse(layer(tokens, eps, kind), tokens.points, weights, FACTOR) for kind in LAYERS]


def layer_limits(parameters, temperatures) -> dict:
    """depth * tau * lambda_1/log(sqrt(share)/factor) for each kind of layer, (levels, layers), with a density that is not uniform."""
    p = density(manifold("circle"), parameters.density)
    eigenvalues, vectors = curve_spectrum(p, 3)
    formula = p.manifold.function(p.manifold.embedding[0])
    share = mode_share(p, formula, vectors[:, np.isclose(eigenvalues, eigenvalues[1], rtol=1e-9)])
    ratios = []
    for eps in 2 * temperatures:
        tokens = quadrature_tokens(p, nodes_for(p.manifold, min(HEADS) * eps))
        h = formula(tokens.coordinates)[:, None]
        square = tokens.weights * p(tokens.coordinates)
        square /= square.sum()
        for kind in LAYERS:
            # tau of a layer: its heads' mean, times the step of a residual connection
            tau = 1 - layer_value(kind, lambda e: 1 - e, eps)
            depth = collapse(layer(tokens, eps, kind), h, square, FACTOR)[0]
            ratios.append(depth / collapse_depth(np.exp(-eigenvalues[1] * tau), FACTOR, share))
    return {"layer_ratios": np.reshape(ratios, (len(temperatures), len(LAYERS)))}


def mode_share(p, function, vectors) -> float:
    """Part of the variance of H in L^2(p^2 dV) that eigenfunctions with these Fourier coefficients hold."""
    modes = len(vectors) // 2
    u, volume = chart_quadrature(p.manifold, 8 * modes)
    weight, h = volume * p(u) ** 2, function(u)
    variance = weight @ (h - weight @ h / weight.sum()) ** 2
    return float((((weight * h) @ fourier_basis(p.manifold, u, modes)[0] @ vectors) ** 2).sum() / variance)


def depth_checks(depth, layers) -> list:
    """Depth of collapse over predicted: on samples, on nodes, and as eps -> 0."""
    predicted = depth["depth_predicted"]
    checks = []
    wrong = {"one head": 1.1, "residual": RESIDUAL, "three heads": float(predicted[0] / predicted[2])}
    names = {"one head": "lambda_1 off by 10 %", "residual": "residual ignored", "three heads": "heads ignored"}
    for k, kind in enumerate(LAYERS):
        interval = widened(mean_interval(depth["depth_samples"][:, k] / predicted[k]), depth["depth_slowing"][k])
        checks.append(check(f"sphere, stratified tokens, {kind}: depth of collapse over predicted", 1.0, interval, {names[kind]: wrong[kind]}))
    deviation = float(np.abs(depth["depth_nodes"] / predicted - 1).max())
    checks.append(_identity("sphere, nodes, worst of three kinds of layer: |depth/predicted - 1|", deviation, "lambda_1 off by 10 %", 0.1))
    checks.append(check("circle, p not uniform: depth over log(1/factor)/(lambda_1 tau) at eps -> 0, worst layer", 1.0, _worst(layers["layer_ratios"]), {"lambda_1 off by 10 %": 1.1}))
    return checks  # fmt: skip
