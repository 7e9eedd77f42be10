"""d = 1 and d = 3 of the claim `new_metric`: the exponents of gbar = p^a g and of its heat capacity, and three witnesses of the evolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import romberg
from simulations.dynamics.evolve import evolve_features
from simulations.experiments.settings import GAUSSIAN, probe_features, sparse_nodes
from simulations.observables import fit_coefficients
from simulations.tokens.sampling import Tokens, iid_tokens, quadrature_tokens
from simulations.verdict import Interval, check, mean_interval, rounding_interval
from theory.setting.densities import Density, density
from theory.setting.expressions import compile_array
from theory.heat import conformal_exponent, conformal_operator
from theory.limits import clock, generator_terms
from theory.setting.manifolds import manifold
from theory.pde import Grid, drift_diffusion_operator, integrate_to_tolerance

CELLS = {1: 1024, 3: 64}
TIME = {1: 0.32, 3: 0.32}
PROBES = {1: 128, 3: (12, 12, 12)}
STEPS = {1: np.array([16, 32, 64, 128]), 3: np.array([3, 4, 6, 8])}
MOST_NODES = 60_000  # that attend to each other


@dataclass(frozen=True)
class Case:
    """A manifold with d != 2, its density, and the temperatures of its studies."""

    density: Density
    temperatures: np.ndarray
    n_tokens: int
    n_seeds: int
    seed: tuple[int, ...]

    @property
    def dim(self) -> int:
        return self.density.manifold.dim

    @property
    def name(self) -> str:
        return f"d = {self.dim}"


def curve_case(p) -> Case:
    """d = 1."""
    return Case(density(manifold(p.curve), p.curve_density), p.temperature / 2.0 ** np.arange(p.n_levels), p.n_tokens, p.n_seeds, (p.seed, 1))


def solid_case(p) -> Case:
    """d = 3."""
    return Case(density(manifold(p.solid), p.solid_density), p.solid_temperature / 2.0 ** np.arange(p.n_levels), p.n_tokens, p.n_seeds, (p.seed, 3))


class Fit:
    """The exponents (a, m) of p^-m Laplacian_gbar, gbar = p^a g, by least squares of a response at the probes.

    p^-m Laplacian_gbar H = p^-(m+a) (Laplacian H + (d-2)/2 a <grad log p, grad H>), and m + a is small: the third term is
    -(m + a) log p Laplacian H.
    """

    def __init__(self, p: Density, probes: Tokens):
        self.dim, self.weights = p.manifold.dim, probes.weights
        features = probe_features(p.manifold)
        self.features = compile_array(p.manifold.symbols, features, (len(features),))
        laplacian, drift = generator_terms(p, features)(probes.coordinates)
        log_p = np.log(p(probes.coordinates))
        self.regressors = [laplacian, drift, -(log_p - log_p.mean())[:, None] * laplacian]

    def exponents(self, response) -> np.ndarray:
        """(a, m)."""
        c = fit_coefficients(response, self.regressors, self.weights)
        a = 2 / (self.dim - 2) * c[1] / c[0]
        return np.array([a, c[2] / c[0] - a])


def _response(case, fit, probes, keys, eps):
    operator = AttentionOperator(probes, GAUSSIAN, eps, keys=keys)
    return (operator @ fit.features(keys.coordinates) - fit.features(probes.coordinates)) / clock(GAUSSIAN.power_law, case.dim, eps)


def _nodes(case, eps):
    return quadrature_tokens(case.density, sparse_nodes(case.density.manifold, eps))


def term_study(case: Case) -> dict:
    """The exponents (a, m) on quadrature nodes, (levels, 2)."""
    probes = quadrature_tokens(case.density, PROBES[case.dim])
    fit = Fit(case.density, probes)
    values = [fit.exponents(_response(case, fit, probes, _nodes(case, eps), eps)) for eps in case.temperatures]
    return {"exponents": np.array(values), "temperatures": case.temperatures}


def sample_study(case: Case, run) -> dict:
    """The exponents on i.i.d. keys at the largest temperature, (seeds, 2)."""
    probes = quadrature_tokens(case.density, PROBES[case.dim])
    fit, eps, values = Fit(case.density, probes), case.temperatures[0], []
    for s in run.progress(range(case.n_seeds), label=f"new_metric, {case.name}: samples"):
        keys = iid_tokens(case.density, case.n_tokens, np.random.default_rng([*case.seed, s]))
        values.append(fit.exponents(_response(case, fit, probes, keys, eps)))
    return {"sampled": np.array(values)}


# --- evolution: two equations by finite differences, and attention ---


def controls(dim: int) -> dict[str, tuple[float, float | None]]:
    """Wrong equations by name: (exponent of the metric, exponent of the heat capacity, None for the matching one)."""
    a = conformal_exponent(dim)
    return {"exponent 10 % off": (1.1 * a, None), "half the exponent": (a / 2, None), "unit heat capacity": (a, 0.0)}


def evolution_study(case: Case, run) -> dict:
    """H at time T from both equations, from the wrong ones, and from attention on quadrature nodes at several temperatures."""
    p, m = case.density, case.density.manifold
    total, initial = TIME[case.dim], m.function(m.embedding[0] + m.embedding[2 if case.dim == 3 else 1] / 2)
    grids = [Grid(m, (CELLS[case.dim] // k,) * case.dim) for k in (1, 2)]
    equations = [lambda grid: drift_diffusion_operator(grid, p), lambda grid: conformal_operator(grid, p)]
    equations += [lambda grid, c=c: conformal_operator(grid, p, *c) for c in controls(case.dim).values()]
    solved = [[integrate_to_tolerance(equation(grid), grid.sample(initial), [total], 1e-6)[0] for grid in grids]
              for equation in run.progress(equations, label=f"new_metric, {case.name}: finite differences")]  # fmt: skip
    (drift, _), (heat, _), *wrong = solved

    def at(pair, u):
        fine, coarse = (grid.interpolate(values, u) for grid, values in zip(grids, pair, strict=True))
        return fine + (fine - coarse) / 3

    places, levels = [], TIME[case.dim] / STEPS[case.dim]
    for eps in run.progress(levels, label=f"new_metric, {case.name}: evolution"):
        tokens = quadrature_tokens(p, sparse_nodes(m, eps, MOST_NODES))
        end = evolve_features(AttentionOperator(tokens, GAUSSIAN, eps), initial(tokens.coordinates), [round(total / eps)])[0]
        right, others = at(solved[1], tokens.coordinates), [at(pair, tokens.coordinates) for pair in solved[2:]]
        places.append([_place(tokens.weights, end, right, other) for other in others])
    return {
        "places": np.array(places), "levels": levels, "difference": np.abs(drift - heat).max() / np.ptp(drift),
        "control_difference": min(np.abs(drift - w).max() for w, _ in wrong) / np.ptp(drift),
        "tokens": tokens.coordinates, "attention": end, "heat": right, "wrong": np.array(others), "start": initial(tokens.coordinates),
    }  # fmt: skip


def _place(weights, end, right, other):
    """Where `end` lies on the way from `other` (0) to `right` (1)."""
    return (weights @ ((end - other) * (right - other))) / (weights @ (right - other) ** 2)


def checks(case: Case, terms: dict, sample: dict, evolution: dict) -> list:
    """Exponents in the limit and on i.i.d. keys, agreement of both equations, and attention among them."""
    a, found = conformal_exponent(case.dim), []
    for column, (what, limit) in enumerate((("exponent of the new metric", a), ("exponent of the heat capacity", -a))):
        extra = {"half the exponent": limit / 2} if column == 0 else {"unit heat capacity": 0.0}
        found.append(check(f"{case.name}: {what}, eps -> 0", limit, romberg(terms["exponents"][:, column]), {"10 % off": 1.1 * limit} | extra))
        expected = float(terms["exponents"][0, column])
        found.append(check(f"{case.name}: {what}, i.i.d. keys at eps", expected, mean_interval(sample["sampled"][:, column]), {"10 % off": 1.1 * expected} | extra))
    difference = rounding_interval(float(evolution["difference"]), 1e-9)
    found.append(
        check(f"{case.name}: drift-diffusion and heat equation, largest difference", 0.0, difference, {"exponent 10 % off": float(evolution["control_difference"])}, kind="identity")
    )
    for k, name in enumerate(controls(case.dim)):
        place = extrapolated(evolution["levels"], evolution["places"][:, k])
        found.append(check(f"{case.name}: A^k H from 0 ({name}) to 1 (heat equation of gbar), eps -> 0", 1.0, place, {name: 0.0}))
    return found


def extrapolated(levels, values):
    """The limit at step 0 of values with an error polynomial in the step, and how far it moves without the finest level."""
    limits = [float(np.polyval(np.polyfit(levels[:n], values[:n], n - 1), 0.0)) for n in (len(levels) - 1, len(levels))]
    moved = abs(limits[1] - limits[0])
    return Interval(limits[1], limits[1] - moved, limits[1] + moved)
