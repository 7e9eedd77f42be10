"""Part (a) of the claim `first_order`: attention inside a window, its drift up the density and down the score."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import limit_order, romberg
from simulations.experiments.first_order_settings import Features, asymmetric_score, rms
from simulations.experiments.settings import reference_density, require_closed
from simulations.observables import fit_coefficients
from simulations.tokens.sampling import Tokens, iid_tokens
from simulations.verdict import check, check_against_measurement, mean_interval
from simulations.tokens.window import window_tokens
from theory.setting.checks import InputError
from theory.first_order import FORCE_COEFFICIENT, force_terms, score_force
from theory.limits import DRIFT_COEFFICIENT
from theory.normalisations import window_clock

TERMS = ("clock ratio", "coefficient of <grad log p, grad H>", "coefficient of -<grad_y f, grad H>/T")
FORCE = TERMS[2]


class LocalCase:
    """One manifold with its score: window radii, probes off the poles of the chart, and the three terms of L."""

    def __init__(self, parameters, index: int):
        self.parameters, self.index = parameters, index
        self.density = reference_density(parameters.local_manifolds[index], parameters.density)
        m = require_closed(self.density.manifold, "first_order")
        self.name = m.name if [s.split("(")[0] for s in parameters.local_manifolds].count(m.name) == 1 else parameters.local_manifolds[index]
        self.score = asymmetric_score(parameters.local_scores[index], m, self.rng(0))
        self.temperature, self.features = parameters.window_temperature, Features(m)
        # the clock halves from level to level
        self.radii = parameters.radius / np.sqrt(2.0) ** np.arange(parameters.n_levels)
        self.terms = force_terms(self.density, score_force(m, self.score, self.temperature), self.features.formulas)

    def rng(self, *stream: int):
        return np.random.default_rng([self.parameters.seed, 1, self.index, *stream])

    def probes(self, count: int, rng) -> Tokens:
        """Queries drawn from p, those left out whose window comes near a pole of the chart: (count, ...)."""
        tokens = iid_tokens(self.density, 4 * count + 20, rng)
        kept = [k for k in range(len(tokens)) if self._fits(tokens.coordinates[k : k + 1])][:count]
        if len(kept) < count:
            raise InputError(f"radius: got {self.parameters.radius:g}, too wide for most places of {self.density.manifold.name}; expected a smaller one")
        return Tokens(tokens.manifold, tokens.coordinates[kept], tokens.points[kept])

    def _fits(self, u):
        try:
            next(window_tokens(self.density, u, 1.2 * self.radii[0]))
        except InputError:
            return False
        return True

    def response(self, probes: Tokens, radius: float, keys=None) -> np.ndarray:
        """(A - I)H/tau at the probes, (n, c): on `keys`, by default on nodes that fill each window."""
        tau, own = float(window_clock(radius, self.density.manifold.dim)), self.features(probes.coordinates)
        if keys is not None:
            operator = AttentionOperator(probes, self.score.pseudo_metric, self.temperature, keys=keys, window=radius)
            return (operator @ self.features(keys.coordinates) - own) / tau
        means = []
        for x, nodes in zip(probes.points, window_tokens(self.density, probes.coordinates, radius), strict=True):
            operator = AttentionOperator(x[None], self.score.pseudo_metric, self.temperature, keys=nodes, window=radius)
            means.append((operator @ self.features(nodes.coordinates))[0])
        return (np.array(means) - own) / tau


def bias_study(case: LocalCase, n_probes: int = 80) -> dict:
    """On window nodes: coefficients of the three terms, (levels, 3), and L2 errors of random features, (features, levels)."""
    probes, mix = case.probes(n_probes, case.rng(1)), case.features.mixtures(case.rng(2))
    laplacian, drift, force = case.terms(probes.coordinates)
    found = {"coefficients": [], "errors": [], "without_force": [], "wrong_force": []}
    for radius in case.radii:
        measured = case.response(probes, radius)
        rest = measured - laplacian - DRIFT_COEFFICIENT * drift
        found["coefficients"].append(fit_coefficients(measured, [laplacian, drift, force]))
        for name, c in (("errors", FORCE_COEFFICIENT), ("without_force", 0.0), ("wrong_force", 1.1 * FORCE_COEFFICIENT)):
            found[name].append(rms(rest - c * force, mix))
    taus = window_clock(case.radii, case.density.manifold.dim)
    return {name: np.array(v) if name == "coefficients" else np.array(v).T for name, v in found.items()} | {"taus": taus}


def sample_study(case: LocalCase, run, n_probes: int = 300) -> dict:
    """The coefficients on i.i.d. keys, (seeds, 3), and on window nodes at the same radius and the same probes, (3,)."""
    radius, p = case.parameters.sample_radius, case.density
    probes = case.probes(n_probes, case.rng(3))
    terms, values = case.terms(probes.coordinates), []
    for s in run.progress(range(case.parameters.n_seeds), label=f"first_order, window, {case.name}"):
        keys = iid_tokens(p, case.parameters.n_tokens, case.rng(4, s))
        values.append(fit_coefficients(case.response(probes, radius, keys), terms))
    return {
        "sample": np.array(values),
        "population": fit_coefficients(case.response(probes, radius), terms),
        "sample_tau": window_clock(radius, p.manifold.dim),
    }


def local_checks(case: LocalCase, bias: dict, sample: dict) -> list:
    """The drift down the score in the limit and on i.i.d. keys, the drift up the density, and the order of the bias."""
    expected = float(sample["population"][2])
    checks = [
        _limit_check(case, bias, 2, FORCE_COEFFICIENT),
        check(
            f"{case.name}, window R = {case.parameters.sample_radius:g}, i.i.d. keys: {FORCE}", expected, mean_interval(sample["sample"][:, 2]),
            {"10 % off": 1.1 * expected, "left out": 0.0, "wrong sign": -expected},
        ),
    ]  # fmt: skip
    if case.index == 0:  # what the claim `generator` measures for metrics holds here too: once is enough
        checks.append(_limit_check(case, bias, 1, DRIFT_COEFFICIENT))
    right, none, wrong = (limit_order(bias["taus"], bias[key]) for key in ("errors", "without_force", "wrong_force"))
    nearest = min(((none, "no grad f stalls"), (wrong, "grad f 10 % off stalls")), key=lambda c: abs(c[0].value - 1))
    return [*checks, check_against_measurement(f"{case.name}, window: order of the bias in tau", 1.0, right, nearest[1], nearest[0])]


def _limit_check(case, bias, column, limit):
    name = f"{case.name}, window R -> 0: {TERMS[column]}"
    return check(name, limit, romberg(bias["coefficients"][:, column]), {"10 % off": 1.1 * limit, "left out": 0.0, "wrong sign": -limit})
