"""d = 2 of the claim `new_metric`: over every conformal factor and heat capacity, how much of L H stays out of reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import romberg
from simulations.experiments.settings import GAUSSIAN, nodes_for
from simulations.tokens.sampling import Tokens, iid_tokens, quadrature_tokens
from simulations.verdict import check, mean_interval
from theory.setting.densities import Density, density
from theory.setting.expressions import compile_array
from theory.heat import conformal_residual, surface_features
from theory.limits import clock, laplacian
from theory.setting.manifolds import manifold

PROBES = 24


@dataclass(frozen=True)
class Case:
    """A surface, its density, and the temperatures of its studies."""

    density: Density
    temperatures: np.ndarray
    lift_temperatures: np.ndarray
    smallest_radius: float
    n_tokens: int
    n_seeds: int
    seed: tuple[int, ...]

    @property
    def name(self) -> str:
        return {"flat_torus2": "T^2", "sphere": "S^2"}.get(self.density.manifold.name, self.density.manifold.name)


def case_of(p, k: int) -> Case:
    """The k-th surface of the parameters."""
    levels = 2.0 ** np.arange(p.n_levels)
    return Case(
        density(manifold(p.surfaces[k]), p.surface_densities[k]), p.temperature / levels, p.lift_temperature / levels[:-1],
        p.smallest_radius, p.n_tokens, p.n_seeds, (p.seed, 2, k),
    )  # fmt: skip


class Reach:
    """The test functions at the probes, and the share of a response that no multiple w(x) of their Laplacians reaches."""

    def __init__(self, case: Case, probes: Tokens):
        m = case.density.manifold
        formulas = surface_features(m)[0]
        self.probes, self.weights = probes, probes.weights
        self.features = compile_array(m.symbols, formulas, (len(formulas),))
        self.own = self.features(probes.coordinates)
        self.laplacian = compile_array(m.symbols, [laplacian(m, h) for h in formulas], (len(formulas),))(probes.coordinates)

    def response(self, keys, eps) -> np.ndarray:
        """(A - I)H/tau at the probes, (n, c)."""
        operator = AttentionOperator(self.probes, GAUSSIAN, eps, keys=keys)
        return (operator @ self.features(keys.coordinates) - self.own) / clock(GAUSSIAN.power_law, 2, eps)

    def share(self, first, second) -> float:
        """min_w <|R - w Laplacian H|^2>/<|R|^2>, products of two responses so that independent noise drops out."""
        along = [(r * self.laplacian).sum(axis=1) / np.sqrt((self.laplacian**2).sum(axis=1)) for r in (first, second)]
        square = (first * second).sum(axis=1)
        return float(self.weights @ (square - along[0] * along[1]) / (self.weights @ square))

    def factor(self, response) -> float:
        """The mean of the best w."""
        return float(self.weights @ ((response * self.laplacian).sum(axis=1) / (self.laplacian**2).sum(axis=1)))


def residual_study(case: Case, run) -> dict:
    """The share out of reach and the best factor: on quadrature nodes (levels,), and on i.i.d. keys at the largest temperature (seeds,)."""
    p, m = case.density, case.density.manifold
    reach = Reach(case, quadrature_tokens(p, PROBES))
    nodes = [reach.response(quadrature_tokens(p, nodes_for(m, eps)), eps) for eps in case.temperatures]
    sampled, eps = [], case.temperatures[0]
    for s in run.progress(range(case.n_seeds), label=f"new_metric, {case.name}: conformal factors"):
        pair = [reach.response(iid_tokens(p, case.n_tokens, np.random.default_rng([*case.seed, s, k])), eps) for k in (0, 1)]
        sampled.append(reach.share(*pair))
    return {
        "temperatures": case.temperatures, "shares": np.array([reach.share(r, r) for r in nodes]),
        "factors": np.array([reach.factor(r) for r in nodes]), "sampled_shares": np.array(sampled), "share_predicted": conformal_residual(p),
    }  # fmt: skip


def checks(case: Case, study: dict) -> list:
    """The share that no conformal factor reaches, in the limit and on i.i.d. keys; and that the best factor is 1."""
    limit, expected = float(study["share_predicted"]), float(study["shares"][0])
    return [
        check(f"{case.name}: share of L H out of reach of every conformal factor, eps -> 0", limit, romberg(study["shares"]), {"a metric exists": 0.0, "10 % off": 1.1 * limit}),
        check(f"{case.name}: share out of reach, i.i.d. keys at eps", expected, mean_interval(study["sampled_shares"]), {"a metric exists": 0.0, "20 % off": 1.2 * expected}),
        check(f"{case.name}: the best conformal factor, eps -> 0", 1.0, romberg(study["factors"]), {"10 % off": 1.1}),
    ]
