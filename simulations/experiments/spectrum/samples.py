"""Eigenvalues of samples against those of N = infinity at the same temperature (claim `spectrum`).

A finite sample slows every mode by a term of order 1/N. The same tokens, cut in two halves, show it, and it is
extrapolated away: 2 v(N) - v(N/2).
"""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.settings import GAUSSIAN, nodes_for
from simulations.tokens.sampling import Tokens, iid_tokens, quadrature_tokens, stratified_tokens
from simulations.observables.spectrum import leading_eigenpairs
from simulations.verdict import check, mean_interval, widened
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.exact import sphere_eigenvalues, sphere_multiplicities
from theory.setting.manifolds import manifold


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
    return [
        Tokens(tokens.manifold, tokens.coordinates[part], tokens.points[part])
        for part in (slice(middle), slice(middle, 2 * middle))
    ]


def rates(tokens, eps, count, rng, tolerance=1e-5) -> np.ndarray:
    """-log(mu_j)/tau, j = 1..count-1, increasing."""
    mu = leading_eigenpairs(AttentionOperator(tokens, GAUSSIAN, eps), count, rng, tolerance)[0]
    if mu[-1] <= 0:
        raise InputError(
            f"n_tokens: {len(tokens)} tokens have no {count} positive eigenvalues at temperature {eps:g}, expected more tokens"
        )
    return -np.log(mu[1:]) / eps


def multiplet_ratios(values, expected) -> np.ndarray:
    """Mean of values (seeds, n) over each multiplet of `expected`, over that expected value: (seeds, multiplets)."""
    groups = [np.isclose(expected, e) for e in np.unique(np.round(expected, 9))]
    return np.stack([values[:, g].mean(axis=1) / expected[g].mean() for g in groups], axis=1)


def sample_checks(sample) -> list:
    """Eigenvalues of samples over those of N = infinity at the same temperature."""
    checks = []
    for name, what in {
        "sphere": "sphere, i.i.d. tokens",
        "circle": "circle, i.i.d. tokens",
        "uneven": "circle, any p, i.i.d. tokens",
    }.items():
        ratio = multiplet_ratios(sample[f"{name}_samples"], sample[f"{name}_expected"]).mean(axis=1)
        checks.append(
            check(
                f"{what}: -log(mu)/tau over expected",
                1.0,
                mean_interval(ratio),
                {"eigenvalues off by 10 %": 1.1},
            )
        )
    ratio = multiplet_ratios(sample["stratified_all"], sample["sphere_expected"]).mean(axis=1)
    # stratified tokens are one size only: what a sample of that size still lacks is bounded by the i.i.d. slowing
    slowing = 1 - multiplet_ratios(sample["sphere_full"], sample["sphere_expected"]).mean()
    interval = widened(mean_interval(ratio), slowing)
    checks.append(
        check(
            "sphere, stratified tokens: -log(mu)/tau over expected",
            1.0,
            interval,
            {"eigenvalues off by 10 %": 1.1},
        )
    )
    return checks


def table(sample) -> str:
    """Eigenvalues of the sphere, by multiplet: expected, measured, slowed by the sample."""
    expected = sample["sphere_expected"]
    groups = [
        multiplet_ratios(sample[key], expected).mean(axis=0)
        for key in ("sphere_full", "sphere_samples", "stratified_all")
    ]
    lines = [
        "sphere: -log(mu_l)/tau over its value at N = infinity",
        f"{'l':>3} {'expected':>9} {'i.i.d., N':>10} {'N -> inf':>9} {'stratified':>11}",
    ]
    lines += [
        f"{k + 1:>3} {expected[(k + 1) ** 2 - 1]:>9.4f} {a:>10.4f} {b:>9.4f} {c:>11.4f}"
        for k, (a, b, c) in enumerate(zip(*groups, strict=True))
    ]
    return "\n".join(lines)
