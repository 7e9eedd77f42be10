"""Spectra on quadrature nodes, where N is infinite: closed forms at finite temperature, limits, multiplicities (claim `spectrum`)."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.settings import GAUSSIAN, nodes_for
from simulations.experiments.spectrum_checks import identity, worst_limit
from simulations.tokens.sampling import quadrature_tokens
from simulations.observables.spectrum import group_by_gaps, leading_eigenpairs
from simulations.verdict import Interval, check
from theory.setting.densities import density
from theory.exact import (
    clifford_torus_eigenvalues,
    curve_spectrum,
    gaussian_line_decay,
    gaussian_line_eigenfunctions,
    sphere_eigenvalues,
    sphere_laplacian_eigenvalues,
    sphere_multiplicities,
)
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import dot_product

SIZES = {1: 4, 2: 4, 3: 3}  # degrees 0, 1, ... of the harmonics on S^d
RADIUS, DOT_TEMPERATURE = 1.5, 1.0


# --- closed forms at finite temperature, on quadrature nodes ---


def closed_forms(parameters) -> dict:
    """Measured eigenvalues on quadrature nodes, with the closed form of each."""
    rng = np.random.default_rng([parameters.seed, 0])
    out = gaussian_line(parameters, rng)
    for d, (spec, nodes) in {1: ("circle", 64), 2: ("sphere", (20, 40)), 3: ("sphere3", (10, 18, 18))}.items():
        counts = sphere_multiplicities(d, SIZES[d])
        p = density(manifold(f"{spec}(radius={RADIUS})"))
        operator = AttentionOperator(quadrature_tokens(p, nodes), dot_product(), DOT_TEMPERATURE)
        out[f"S{d}_measured"] = leading_eigenpairs(operator, counts.sum(), rng)[0]
        out[f"S{d}_predicted"] = np.repeat(sphere_eigenvalues(d, RADIUS, DOT_TEMPERATURE, SIZES[d]), counts)
        out[f"S{d}_control"] = np.repeat(sphere_eigenvalues(d, 1.0, DOT_TEMPERATURE, SIZES[d]), counts)
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
    harmonics = max(_largest(exact, name) for name in ("S1", "S2", "S3", "torus"))
    radius = min(float(np.abs(exact[f"S{d}_measured"] - exact[f"S{d}_control"]).max()) for d in SIZES)
    hermite, plain = (float(v) for v in exact["hermite_deviation"])
    wrong_line = float(np.abs(exact["line_measured"] - exact["line_control"]).max())
    return [
        identity("Gaussian line: largest |mu_k - rho^k|, k = 0..8", line, "rho = s^2/(s^2 + eps)", wrong_line),
        identity("Gaussian line: 1 - overlap with He_k(x/sqrt v)", hermite, "v = s^2/2 of the limit", plain),
        identity(
            "S^1, S^2, S^3, Clifford torus: largest |mu - Bessel ratio|", harmonics, "the radius left out", radius
        ),
    ]


def _largest(exact, name):
    return float(np.abs(exact[f"{name}_measured"] - exact[f"{name}_predicted"]).max())


# --- the limit of zero temperature, on quadrature nodes ---


def limits(parameters, temperatures) -> dict:
    """(1 - mu_k)/tau, (levels, eigenvalues without the first), and its limit, for four settings; and a wrong limit.

    The sphere, where nodes are dear, takes twice the temperatures.
    """
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
        values, levels = [], (2 if name == "sphere" else 1) * temperatures
        for eps in levels:
            tokens = (
                gaussian_nodes(parameters.deviation, eps)
                if p is None
                else quadrature_tokens(p, nodes_for(p.manifold, eps))
            )
            mu = leading_eigenpairs(AttentionOperator(tokens, GAUSSIAN, eps), len(expected), rng, 1e-13)[0]
            values.append((1 - mu[1:]) / eps)
        out |= {f"{name}_rates": np.array(values), f"{name}_limit": expected[1:], f"{name}_levels": levels}
    return out


def limit_checks(limit) -> list:
    """The eigenvalue that is farthest from its limit, in each setting."""
    names = {
        "circle": "circle: (1 - mu)/(tau k^2), eps -> 0, worst k",
        "sphere": "sphere: (1 - mu)/(tau l(l+1)), eps -> 0, worst l",
        "line": "Gaussian line: (1 - mu)/(tau 2k/s^2), eps -> 0, worst k",
        "uneven": "circle, any p: (1 - mu)/(tau lambda_k), eps -> 0, worst k",
    }
    checks = []
    for name, quantity in names.items():
        expected = limit[f"{name}_limit"]
        controls = {"eigenvalues off by 10 %": 1.1}
        if name == "uneven":
            controls["drift 1 instead of 2, in the ratio of lambda_1"] = float(limit["uneven_drift_1"][0] / expected[0])
        checks.append(check(quantity, 1.0, worst_limit(limit[f"{name}_rates"] / expected), controls))
    return checks


# --- multiplicities ---


def multiplicity_checks(exact, sample) -> list:
    """Sizes of the groups between the widest gaps, on nodes and on stratified tokens."""
    found = [group_by_gaps(-np.log(exact[f"S{d}_measured"]), SIZES[d]) for d in (1, 2, 3)]
    wrong = [_misses(f, np.minimum(2, np.arange(len(f)) + 1)) for f in found[1:]]
    on_nodes = sum(_misses(f, sphere_multiplicities(d, SIZES[d])) for d, f in zip((1, 2, 3), found, strict=True))
    expected = sphere_multiplicities(2, 4)
    groups = [
        group_by_gaps(v, 4) for v in np.hstack([np.zeros((len(sample["stratified_all"]), 1)), sample["stratified_all"]])
    ]
    of_samples = max(_misses(g, expected) for g in groups)
    return [
        check(
            "multiplicities miscounted, nodes on S^1, S^2, S^3",
            0.0,
            Interval(on_nodes, on_nodes, on_nodes),
            {"2 for every l on S^2 and S^3": float(min(wrong))},
            kind="identity",
        ),
        check(
            "multiplicities 2l + 1 miscounted, stratified tokens",
            0.0,
            Interval(of_samples, of_samples, of_samples),
            {"2 for every l": float(_misses(expected, [1, 2, 2, 2]))},
            kind="identity",
        ),
    ]


def _misses(found, expected):
    return float(np.abs(np.asarray(found) - np.asarray(expected)).sum())
