"""Part (d) of the claim `first_order`: W = c I + eps B on the sphere, where S tilts the density and K rotates."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import limit_order, romberg
from simulations.experiments.first_order_settings import Features, rms, tilted_rotation
from simulations.experiments.settings import nodes_for, reference_density
from simulations.observables import empirical_generator, fit_coefficients, richardson
from simulations.tokens.sampling import Tokens, iid_tokens, quadrature_tokens
from simulations.verdict import check, check_against_measurement, mean_interval
from theory.setting.expressions import compile_array
from theory.first_order import (
    FORCE_COEFFICIENT,
    dot_product_clock,
    force_product,
    force_terms,
    matrix_force,
    symmetric_and_rotation,
)
from theory.limits import DRIFT_COEFFICIENT, finite_sample_clock
from theory.setting.pseudo_metrics import dot_product

TERMS = ("clock ratio", "coefficient of <grad log p, grad H>", "coefficient of S", "coefficient of K")


class SphereCase:
    """The unit sphere with a random B = S + K: operators at a temperature, and the four terms of L."""

    def __init__(self, parameters):
        self.parameters, self.density = parameters, reference_density("sphere", parameters.density)
        self.matrix = tilted_rotation(self.rng(0), parameters.torque)
        self.parts = symmetric_and_rotation(self.matrix)
        m = self.density.manifold
        self.features, self.c = Features(m), parameters.strength
        formulas = self.features.formulas
        self._common = force_terms(self.density, matrix_force(m, self.parts[0]), formulas)
        rotation = [force_product(m, matrix_force(m, self.parts[1]), h) for h in formulas]
        self._rotation = compile_array(m.symbols, rotation, (len(formulas),))

    def rng(self, *stream: int):
        return np.random.default_rng([self.parameters.seed, 4, *stream])

    def terms(self, u) -> tuple:
        """(Laplacian H, <grad log p, grad H>, the same for S and for K), each (n, c); L H is 1, 2, 2 and 2 times these."""
        return (*self._common(u), self._rotation(u))

    def clock(self, temperature) -> float:
        return dot_product_clock(self.c, temperature)

    def operator(self, tokens, temperature, keys=None, matrix=None) -> AttentionOperator:
        """Attention with W = c I + eps B, or with another matrix in place of B."""
        b = self.matrix if matrix is None else matrix
        return AttentionOperator(tokens, dot_product(self.c * np.eye(3) + temperature * b), temperature, keys=keys)

    def nodes(self, temperature) -> Tokens:
        return quadrature_tokens(self.density, nodes_for(self.density.manifold, self.clock(temperature)))


def bias_study(case: SphereCase, temperatures, n_probes: int = 300) -> dict:
    """On quadrature nodes: the four coefficients, (levels, 4), and L2 errors (features, levels), also without K."""
    probes, mix = iid_tokens(case.density, n_probes, case.rng(1)), case.features.mixtures(case.rng(2))
    h, (laplacian, drift, tilt, rotation) = case.features(probes.coordinates), case.terms(probes.coordinates)
    found = {"coefficients": [], "errors": [], "controls": []}
    for eps in temperatures:
        keys = case.nodes(eps)
        measured = (case.operator(probes, eps, keys) @ case.features(keys.coordinates) - h) / case.clock(eps)
        rest = measured - laplacian - DRIFT_COEFFICIENT * drift - FORCE_COEFFICIENT * tilt
        found["coefficients"].append(fit_coefficients(measured, [laplacian, drift, tilt, rotation]))
        found["errors"].append(rms(rest - FORCE_COEFFICIENT * rotation, mix))
        found["controls"].append(rms(rest, mix))
    taus = np.array([case.clock(eps) for eps in temperatures])
    return {name: np.array(v) if name == "coefficients" else np.array(v).T for name, v in found.items()} | {"taus": taus}


def sample_study(case: SphereCase, run) -> dict:
    """The four coefficients of i.i.d. tokens, (seeds, 4), and of the N -> infinity operator at the same temperature, (4,)."""
    eps, n, values = case.parameters.temperature, case.parameters.n_self_tokens, []
    for s in run.progress(range(case.parameters.n_seeds), label="first_order, W = c I + eps B: samples"):
        tokens = iid_tokens(case.density, n, case.rng(3, s))
        factor = finite_sample_clock(case.density, tokens.coordinates, case.clock(eps), n)[:, None]
        values.append(_coefficients(case, tokens, eps, factor))
    return {"sample": np.array(values), "population": _coefficients(case, case.nodes(eps), eps, 1.0), "sample_tau": case.clock(eps)}


def _coefficients(case, tokens, eps, factor):
    response = empirical_generator(case.operator(tokens, eps), case.features(tokens.coordinates), case.clock(eps))
    return fit_coefficients(response, [factor * term for term in case.terms(tokens.coordinates)], tokens.weights)


def field_study(case: SphereCase, n_points: int = 220) -> dict:
    """Drift vectors at nearly equidistant points: tangential (A - I)X/tau less 2 grad log p, for B, S and K, (3, n, 3).

    Measured on quadrature nodes at two temperatures and extrapolated; predicted 2 P B^T x = 2 grad(x^T S x/2) - 2 K x.
    """
    m, eps = case.density.manifold, case.parameters.temperature / 4
    k = np.arange(n_points)
    u = np.stack([np.arccos(1 - (2 * k + 1) / n_points), np.pi * (1 + 5**0.5) * k % (2 * np.pi)], axis=1)
    x = m.embed(u)
    log_gradient = np.einsum("nDa,nab,nb->nD", m.jacobian(u), m.inverse_metric(u), case.density.log_gradient(u))
    matrices, measured = (case.matrix, *case.parts), []
    for b in matrices:
        velocity = []
        for t in (eps, eps / 2):
            keys = case.nodes(t)
            velocity.append((case.operator(x, t, keys, b) @ keys.points - x) / case.clock(t))
        velocity = richardson(*velocity)
        measured.append(velocity - (velocity * x).sum(axis=1, keepdims=True) * x - DRIFT_COEFFICIENT * log_gradient)
    predicted = [FORCE_COEFFICIENT * (x @ b - ((x @ b) * x).sum(axis=1, keepdims=True) * x) for b in matrices]
    return {"points": x, "measured": np.array(measured), "predicted": np.array(predicted)}


def sphere_checks(bias: dict, sample: dict) -> list:
    """The tilt by S and the rotation by K, on i.i.d. tokens and in the limit; the order of the bias."""
    checks = []
    for column in (3, 2):
        expected = float(sample["population"][column])
        controls = {"10 % off": 1.1 * expected, "left out": 0.0, "wrong sign": -expected}
        checks.append(check(f"sphere, W = c I + eps B, i.i.d. at eps: {TERMS[column]}", expected, mean_interval(sample["sample"][:, column]), controls))
    for column in (3, 2):
        value = romberg(bias["coefficients"][:, column])
        checks.append(check(f"sphere, W = c I + eps B, eps -> 0: {TERMS[column]}", FORCE_COEFFICIENT, value, {"10 % off": 2.2, "left out": 0.0, "wrong sign": -2.0}))
    right, wrong = (limit_order(bias["taus"], bias[name]) for name in ("errors", "controls"))
    return [*checks, check_against_measurement("sphere, W = c I + eps B: order of the bias in tau", 1.0, right, "K left out stalls", wrong)]
