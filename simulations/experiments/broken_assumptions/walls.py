"""The claim `broken_assumptions` at a wall: the layer, the norms in it, the equation inside, the length that is seen."""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.linalg import eigh

from simulations.attention import AttentionOperator
from simulations.statistics.orders import limit_order, romberg
from simulations.experiments.broken_gaps import symmetric_matrix
from simulations.experiments.settings import GAUSSIAN, nodes_for, reference_density
from simulations.observables import empirical_generator, fit_coefficients
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import Interval, check, check_against_measurement, mean_interval, widened
from theory.boundary import (
    SHORTENING,
    WALL_RATE,
    flat_layer_height,
    flat_layer_norm,
    interval_evolution,
    layer,
    shortened_eigenvalue,
)
from theory.setting.densities import density
from theory.setting.expressions import compile_array
from theory.limits import generator

N_FEATURES = 24
DEPTHS = np.linspace(0.0, 5.0, 101)  # in kernel widths
REFINED = 10  # as many times finer where a maximum over the depth is read off: it is then missed by 1e-8
DIFFUSED, COARSEST_STEPS = 0.05, 6  # time of the evolution, over the length squared; steps to it at the coarsest level


def halved(interval: Interval) -> Interval:
    """An order in sqrt(eps) as an order in eps."""
    return Interval(interval.value / 2, interval.low / 2, interval.high / 2)


def tilted_features(m, rng) -> tuple[list[sp.Expr], np.ndarray]:
    """A basis of five functions, and a mixture (5, N_FEATURES) of it whose slope at the left wall is never small."""
    z = m.symbols[0] / m.axes[0].length
    mix = np.vstack([np.ones(N_FEATURES), rng.uniform(-0.15, 0.15, (4, N_FEATURES))])
    return [z, sp.sin(2 * z), sp.cos(2 * z), sp.sin(3 * z), sp.cos(3 * z)], mix


def flat_features(m, rng) -> tuple[list[sp.Expr], np.ndarray]:
    """cos(k pi x/l), k = 1, 2, with no slope at either wall, and a random mixture (2, N_FEATURES): never flat at both walls."""
    z = m.symbols[0] / m.axes[0].length
    return [sp.cos(k * sp.pi * z) / k**2 for k in (1, 2)], rng.standard_normal((2, N_FEATURES))


def columns(m, formulas, mix):
    """Mixtures of formulas as one function of chart points, u (n, 1) -> (n, c)."""
    function = compile_array(m.symbols, formulas, (len(formulas),))
    return lambda u: function(u) @ mix


def layer_study(parameters) -> dict:
    """Near the left wall: (A - I)H/(sqrt(2 eps) dH/dn) at DEPTHS, (levels, depths, features); at the wall itself first."""
    p, h = reference_density("interval"), _levels(parameters)
    m = p.manifold
    features, mix = tilted_features(m, np.random.default_rng([parameters.seed, 0]))
    slope = columns(m, [sp.diff(f, m.symbols[0]) for f in features], mix)(np.zeros((1, 1)))
    profiles, values = [], columns(m, features, mix)
    for eps in h**2:
        probes = np.sqrt(2 * eps) * DEPTHS[:, None]
        keys = quadrature_tokens(p, nodes_for(m, eps))
        after = AttentionOperator(m.embed(probes), GAUSSIAN, eps, keys=keys) @ values(keys.coordinates)
        profiles.append((after - values(probes)) / (np.sqrt(2 * eps) * slope))
    return {"sqrt_eps": h, "depths": DEPTHS, "profiles": np.array(profiles)}


def sample_layer_study(parameters, run) -> dict:
    """The same profile for H = x on i.i.d. tokens, (seeds, depths), and at N = infinity, (depths,)."""
    p, eps = reference_density("interval"), parameters.temperature
    probes = np.sqrt(2 * eps) * DEPTHS[::5, None]
    samples = []
    for s in run.progress(range(parameters.n_seeds), label="broken_assumptions: samples at a wall"):
        keys = iid_tokens(p, parameters.n_tokens, np.random.default_rng([parameters.seed, 1, s]))
        samples.append(_profile_of_x(probes, keys, eps))
    return {"samples": np.array(samples), "expected": _profile_of_x(probes, quadrature_tokens(p, nodes_for(p.manifold, eps)), eps)}


def _profile_of_x(probes, keys, eps):
    operator = AttentionOperator(probes, GAUSSIAN, eps, keys=keys)
    return (operator @ keys.coordinates[:, 0] - probes[:, 0]) / np.sqrt(2 * eps)


def flat_study(parameters) -> dict:
    """Errors of (A - I)H/tau where dH/dn = 0: sup, L2(p) and L1(p), each over that norm of H'' at the walls, (features, levels).

    `flat_profiles`, (levels, depths), is the error at the left wall over d2H/dn2 there, fitted over the features.
    """
    p, h = reference_density("interval"), _levels(parameters)
    m = p.manifold
    features, mix = flat_features(m, np.random.default_rng([parameters.seed, 2]))
    values, limit = columns(m, features, mix), columns(m, [generator(p, f) for f in features], mix)
    ends = np.array([[axis_end] for axis_end in (m.axes[0].low, m.axes[0].high)])
    bends = columns(m, [sp.diff(f, m.symbols[0], 2) for f in features], mix)(ends)
    fine = np.linspace(DEPTHS[0], DEPTHS[-1], REFINED * (len(DEPTHS) - 1) + 1)
    sup, square, absolute, profiles = [], [], [], []
    for eps in h**2:
        # twice the nodes that the kernel needs, so that the norms are resolved too
        tokens = quadrature_tokens(p, nodes_for(m, eps / 4))
        u = tokens.coordinates
        error = empirical_generator(AttentionOperator(tokens, GAUSSIAN, eps), values(u), eps) - limit(u)
        layers = np.sqrt(2 * eps) * fine[:, None]
        probes = np.concatenate([m.axes[0].low + layers, m.axes[0].high - layers])
        near = (AttentionOperator(probes, GAUSSIAN, eps, keys=tokens) @ values(u) - values(probes)) / eps - limit(probes)
        sup.append(np.abs(near).max(axis=0) / np.abs(bends).max(axis=0))
        profiles.append(near[: len(fine) : REFINED] @ bends[0] / (bends[0] @ bends[0]))
        square.append(np.sqrt(tokens.weights @ error**2 / (p(ends) @ bends**2)))
        absolute.append(tokens.weights @ np.abs(error) / (p(ends) @ np.abs(bends)))
    return {"sup": np.array(sup).T, "square": np.array(square).T, "absolute": np.array(absolute).T, "flat_profiles": np.array(profiles)}


def evolution_study(parameters) -> dict:
    """Largest error of A^k H against the equation with dH/dn = 0, and with H = 0, at the walls: (features, levels) each."""
    p = reference_density("interval")
    m, time = p.manifold, DIFFUSED * p.manifold.axes[0].length ** 2
    features, mix = tilted_features(m, np.random.default_rng([parameters.seed, 3]))
    start = columns(m, features, mix)
    steps, errors = COARSEST_STEPS * 4 ** np.arange(parameters.n_levels), {wall: [] for wall in ("neumann", "dirichlet")}
    for k in steps:
        tokens = quadrature_tokens(p, nodes_for(m, time / k))
        matrix = AttentionOperator(tokens, GAUSSIAN, time / k) @ np.eye(len(tokens))
        values = np.linalg.matrix_power(matrix, int(k)) @ start(tokens.coordinates)
        for wall, found in errors.items():
            found.append(np.abs(values - interval_evolution(p, features, time, tokens.coordinates, wall) @ mix).max(axis=0))
    return {"evolution_taus": time / steps, **{wall: np.array(found).T for wall, found in errors.items()}}


def length_study(parameters, count: int = 4) -> dict:
    """-log(mu_k)/tau of uniform tokens on an interval, k = 1..count, (levels, count)."""
    p, h = density(reference_density("interval").manifold), _levels(parameters)
    rates = []
    for eps in h**2:
        operator = AttentionOperator(quadrature_tokens(p, nodes_for(p.manifold, eps)), GAUSSIAN, eps)
        n = len(operator.stationary_law)
        values = eigh(symmetric_matrix(operator), subset_by_index=[n - count - 1, n - 2], eigvals_only=True)
        rates.append(-np.log(values[::-1]) / eps)
    return {"rates": np.array(rates), "length": np.array(p.manifold.axes[0].length)}


def _levels(parameters):
    """sqrt(eps) of each level: every level halves it."""
    return np.sqrt(parameters.temperature) / 2.0 ** np.arange(parameters.n_levels)


def wall_checks(layers, samples, flat, evolution, lengths) -> list:
    """Every law of "Walls" against its measurement; the controls are what the theorem without walls says."""
    h = layers["sqrt_eps"]
    at_wall = layers["profiles"][:, 0] * np.sqrt(2)  # sqrt(tau) (A - I)H/tau over dH/dn
    profile = [romberg(column) for column in layers["profiles"].mean(axis=2).T]
    misfit, bare = (_largest_gap(profile, g) for g in (layer(DEPTHS), np.exp(-(DEPTHS**2) / 2) / np.sqrt(2 * np.pi)))
    height, seen = flat_layer_height(), lengths["length"]
    laws = {q: flat_layer_norm(q) ** (1 / q) * (np.sqrt(2) * h) ** (1 / q) for q in (1, 2)}
    k = np.arange(1, lengths["rates"].shape[1] + 1)
    short = (seen - k * np.pi / np.sqrt(lengths["rates"])) / (2 * h[:, None])
    predicted = np.array([[shortened_eigenvalue(int(j), float(seen), eps) for j in k] for eps in h**2])
    remainder, unshortened = (np.abs(lengths["rates"] / law - 1).T for law in (predicted, (k * np.pi / seen) ** 2))
    amplitude = np.array([fit_coefficients(s[:, None], [layer(DEPTHS[::5])[:, None]])[0] for s in samples["samples"]])
    expected = float(fit_coefficients(samples["expected"][:, None], [layer(DEPTHS[::5])[:, None]])[0])
    # rounding of an eigenvalue by 1e-15 moves a length by this, times 10 for what the extrapolation makes of it
    rounding = 10 * 1e-15 * float(seen) / (4 * h[-1] ** 3 * lengths["rates"][-1].min())
    shortest = [widened(romberg(column), rounding) for column in short.T]
    worst = shortest[int(np.argmax([abs(i.value - SHORTENING) / (i.high - i.low) for i in shortest]))]
    return [
        check(
            "wall: sqrt(tau) (A - I)H/tau over dH/dn at the wall, tau -> 0", WALL_RATE, romberg(at_wall.mean(axis=1)),
            {"theorem: the generator is bounded": 0.0, "constant off by 10 %": 1.1 * WALL_RATE},
        ),
        check_against_measurement("wall: largest |profile - G(u)|, G = phi/Phi, eps -> 0", 0.0, misfit, "phi in place of phi/Phi", bare),
        check(
            "wall: amplitude of the profile over G, i.i.d. tokens at eps", expected, mean_interval(amplitude),
            {"amplitude off by 10 %": 1.1 * expected, "theorem: no layer": 0.0},
        ),
        check(
            "dH/dn = 0: sup error of (A - I)H/tau over H'' at the wall, eps -> 0", height, _mean_limit(flat["sup"]),
            {"theorem: 0": 0.0, "constant off by 10 %": 1.1 * height},
        ),
        check(
            "dH/dn = 0: L2 error over its law, of order 1/4 in eps, eps -> 0", 1.0, _mean_limit(flat["square"] / laws[2]),
            {"theorem: 0": 0.0, "constant off by 10 %": 1.1},
        ),
        check(
            "dH/dn = 0: L1 error over its law, of order 1/2 in eps, eps -> 0", 1.0, _mean_limit(flat["absolute"] / laws[1]),
            {"theorem: 0": 0.0, "constant off by 10 %": 1.1},
        ),
        check_against_measurement(
            "interval: order in tau of A^k H -> heat with dH/dn = 0", 0.5, halved(limit_order(h, evolution["neumann"])),
            "H = 0 at the walls stalls", halved(limit_order(h, evolution["dirichlet"])),
        ),
        check(
            f"interval: length missing at each end over sqrt(eps), eps -> 0, worst of {len(k)} modes", SHORTENING, worst,
            {"theorem: no length is missing": 0.0, "constant off by 10 %": 1.1 * SHORTENING},
        ),
        check_against_measurement(
            "interval: order in eps of lambda_k -> (k pi/(l - 2 sqrt(eps/pi)))^2", 1.5, halved(limit_order(h, remainder)),
            "(k pi/l)^2", halved(limit_order(h, unshortened)),
        ),
    ]  # fmt: skip


def _largest_gap(profile, law):
    """The largest distance of an extrapolated profile, a list of intervals, from a law, with the interval of that depth."""
    k = int(np.argmax([abs(i.value - g) for i, g in zip(profile, law, strict=True)]))
    gap, half = abs(profile[k].value - law[k]), (profile[k].high - profile[k].low) / 2
    return Interval(gap, gap - half, gap + half)


def _mean_limit(values):
    """Extrapolated mean over the features of values (features, levels), with an interval from extrapolation and features."""
    limits = [romberg(row) for row in values]
    moved = np.mean([(i.high - i.low) / 2 for i in limits])
    spread = mean_interval(np.array([i.value for i in limits]))
    return Interval(spread.value, spread.low - moved, spread.high + moved)
