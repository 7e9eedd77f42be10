"""The constants of the claim `entropy_production`: e/tau and the stationary current, on quadrature nodes and on i.i.d. tokens."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import sympy as sp

from simulations.attention import AttentionOperator
from simulations.statistics.orders import limit_order, romberg
from simulations.observables.entropy import head_entropy, probability_current, stationary_law
from simulations.experiments.first_order_settings import head, ratio, tilted_rotation
from simulations.experiments.settings import reference_density, require_closed
from simulations.observables import richardson
from simulations.tokens.sampling import Tokens, iid_tokens, quadrature_tokens
from simulations.verdict import check, check_against_measurement, mean_interval, widened
from theory.setting.checks import InputError
from theory.currents import StationaryState, rotation_entropy_rate, stationary_state
from theory.first_order import dot_product_clock, matrix_force, symmetric_and_rotation
from theory.normalisations import window_clock
from theory.setting.pseudo_metrics import dot_product
from theory.setting.quadrature import chart_quadrature

HALF_NODES = 40  # on each side of a query in a sharp window


class HeadCase:
    """W = c I + eps B with the key bias -c |y|^2/(2 eps), 0 up to a constant on a sphere: a Gaussian window of clock eps/(2 c)."""

    def __init__(self, parameters, index: int, density_spec: str | None = None, parts: str = "SK"):
        self.parameters, self.c = parameters, parameters.strength
        self.density = reference_density(parameters.manifolds[index], parameters.density if density_spec is None else density_spec)
        m = require_closed(self.density.manifold, "entropy_production")
        self.name = m.name
        b = tilted_rotation(np.random.default_rng([parameters.seed, 4, index]), parameters.torque, m.ambient_dim)
        s, k = symmetric_and_rotation(b)
        self.matrix = {"SK": b, "S": s, "K": k}[parts]
        # one dimension is cheap; where K does nothing the guess of the state is exact
        self.degree = 2 if parts == "S" else parameters.degree * (1 if m.dim > 1 else 2)
        self.nodes = parameters.n_nodes * (1 if m.dim > 1 else 10)
        self._require_resolved()

    def _require_resolved(self):
        m, finest = self.density.manifold, self.parameters.temperature / 2.0 ** (self.parameters.n_levels - 1)
        u = chart_quadrature(m, self.nodes)[0]
        apart = max(np.sqrt(m.metric(u)[:, k, k].max()) * axis.length / self.nodes for k, axis in enumerate(m.axes))
        # the trapezoidal rule on a Gaussian of this width is then right to about 1e-7
        if apart > 1.1 * np.sqrt(2 * self.clock(finest)):
            raise InputError(f"n_nodes: got {self.parameters.n_nodes}, {apart:.2g} apart on {m.name} at eps = {finest:g}; expected at most {1.1 * np.sqrt(2 * self.clock(finest)):.2g}")

    def clock(self, temperature: float) -> float:
        return dot_product_clock(self.c, temperature)

    def operator(self, tokens: Tokens, temperature: float) -> AttentionOperator:
        bias = -self.c * (tokens.points**2).sum(axis=1) / (2 * temperature)
        return AttentionOperator(tokens, dot_product(self.weights(temperature)), temperature, key_bias=bias)

    def weights(self, temperature: float) -> np.ndarray:
        """W = c I + eps B."""
        return self.c * np.eye(len(self.matrix)) + temperature * self.matrix

    def entropy(self, tokens: Tokens, temperature: float, start=None) -> tuple[float, np.ndarray]:
        """(e/tau, pi) of attention among the tokens."""
        operator = self.operator(tokens, temperature)
        law = stationary_law(operator, start)
        return head_entropy(operator, law, self.weights(temperature)) / self.clock(temperature), law

    @cached_property
    def state(self) -> StationaryState:
        """The predicted stationary state, started from the density that S alone would give."""
        x, s = sp.Matrix(self.density.manifold.embedding), sp.Matrix(symmetric_and_rotation(self.matrix)[0])
        tilt = 2 * self.density.log_expression + (x.T * s * x)[0]
        return stationary_state(self.density, matrix_force(self.density.manifold, self.matrix), self.degree, tilt, self.nodes)

    @cached_property
    def tokens(self) -> Tokens:
        """Quadrature tokens, the nodes of the predicted state."""
        return quadrature_tokens(self.density, self.nodes)

    def current(self, temperature: float, law) -> np.ndarray:
        """The measured current through the nodes, per volume and per time tau, (n, D)."""
        return probability_current(self.operator(self.tokens, temperature), law) / self.clock(temperature) / self.state.weights[:, None]

    def vectors(self, covector) -> np.ndarray:
        """J^D = (dX^D/du^a) g^ab J_b, (n, D), of a covector field of the state."""
        jacobian = self.density.manifold.jacobian(self.state.coordinates)
        return np.einsum("nDa,nab,nb->nD", jacobian, self.state.inverse_metric, covector)


def bias_study(case: HeadCase, temperatures) -> dict:
    """On the nodes of the predicted state: e/tau and the current over predicted, (levels,), and errors of the current (features, levels)."""
    state, root, law = case.state, np.sqrt(case.state.weights)[:, None], None
    predicted, without = (case.vectors(a) for a in (state.current, state.current_without_spread))
    mix = np.random.default_rng([case.parameters.seed, 5]).standard_normal((predicted.shape[1], 24))
    found = {"rates": [], "currents": [], "errors": [], "controls": []}
    for eps in temperatures:
        rate, law = case.entropy(case.tokens, eps, law)
        current = case.current(eps, law)
        found["rates"].append(rate)
        found["currents"].append(ratio(root * current, root * predicted))
        for name, j in (("errors", predicted), ("controls", without)):
            found[name].append(np.sqrt((((root * (current - j)) @ mix) ** 2).sum(axis=0)))
    return {name: np.array(v).T for name, v in found.items()} | {
        "predicted": state.entropy_rate, "bound": state.entropy_bound, "taus": np.array([case.clock(eps) for eps in temperatures]),
    }  # fmt: skip


def rotation_study(case: HeadCase, temperatures) -> dict:
    """e/tau of a pure rotation of uniform tokens on the sphere, (levels,), and its closed form."""
    law, rates = None, []
    for eps in temperatures:
        rate, law = case.entropy(case.tokens, eps, law)
        rates.append(rate)
    return {"rates": np.array(rates), "predicted": rotation_entropy_rate(case.matrix)}


def window_study(parameters, n_levels: int) -> dict:
    """e/tau, (levels,), of a head with W_Q != W_K in sharp windows on the circle, and its limit."""
    p, t = reference_density("circle", parameters.density), parameters.window_temperature
    w, rates, law = head(np.random.default_rng([parameters.seed, 6]), 2), [], None
    state = stationary_state(p, matrix_force(p.manifold, w / t), 2 * parameters.degree)
    arcs = parameters.radius / np.sqrt(2.0) ** np.arange(n_levels)
    for arc in arcs:
        n, arc = _aligned(arc)
        operator = AttentionOperator(quadrature_tokens(p, n), dot_product(w), t, window=2 * np.sin(arc / 2))
        law = stationary_law(operator)
        rates.append(head_entropy(operator, law, w) / window_clock(arc, 1))
    return {"rates": np.array(rates), "taus": window_clock(arcs, 1), "predicted": state.entropy_rate, "bound": state.entropy_bound}


def _aligned(arc: float) -> tuple[int, float]:
    """Nodes n of the circle for which a window ends half-way between two, about HALF_NODES away, and the arc where it does."""
    half = HALF_NODES + np.arange(HALF_NODES // 2) + 0.5
    n = np.rint(2 * np.pi * half / arc)
    best = np.argmin(np.abs(2 * np.pi * half / n - arc))
    return int(n[best]), float(2 * np.pi * half[best] / n[best])


def sample_study(case: HeadCase, run) -> dict:
    """e/tau of i.i.d. tokens, all N and the mean of the two halves, (seeds, 2), and of the N -> infinity chain at the same eps."""
    eps, n, values = case.parameters.sample_temperature, case.parameters.n_tokens, []
    for s in run.progress(range(case.parameters.n_seeds), label="entropy_production, samples"):
        tokens = iid_tokens(case.density, n, np.random.default_rng([case.parameters.seed, 7, s]))
        halves = [case.entropy(_part(tokens, k), eps)[0] for k in (slice(None, n // 2), slice(n // 2, None))]
        values.append([case.entropy(tokens, eps)[0], np.mean(halves)])
    return {"sample": np.array(values), "population": case.entropy(case.tokens, eps)[0], "sample_tau": case.clock(eps)}


def _part(tokens, kept):
    return Tokens(tokens.manifold, tokens.coordinates[kept], tokens.points[kept])


def field_study(cases, temperature: float, n_points: int = 260) -> dict:
    """The stationary current of each case, at nodes about equidistant on the sphere, (cases, n, 3).

    Measured at two temperatures and extrapolated.
    """
    points = cases[0].tokens.points
    k = np.arange(n_points)
    height, turn = 1 - (2 * k + 1) / n_points, np.pi * (1 + 5**0.5) * k
    even = np.stack([np.sqrt(1 - height**2) * np.cos(turn), np.sqrt(1 - height**2) * np.sin(turn), height], axis=1)
    kept = np.unique(np.argmax(even @ points.T, axis=1))
    measured = []
    for case in cases:
        coarse, fine = (case.current(eps, case.entropy(case.tokens, eps)[1]) for eps in (temperature, temperature / 2))
        measured.append(richardson(coarse, fine)[kept])
    predicted = [case.vectors(case.state.current)[kept] for case in cases]
    return {"points": points[kept], "measured": np.array(measured), "predicted": np.array(predicted), "matrix": cases[0].matrix}


def limit_checks(names, biases: list, rotation: dict, window: dict, sample: dict) -> list:
    """The constants of e/tau, with the bound that they stay below, and the current."""
    checks = []
    for name, bias in zip(names, biases, strict=True):
        controls = {"10 % off": 1.1, "int |2 b|^2 rho, an upper bound": float(bias["bound"] / bias["predicted"])}
        checks.append(check(f"{name}, W = c I + eps B, eps -> 0: e/tau over int |J|^2/rho dV", 1.0, romberg(bias["rates"] / bias["predicted"]), controls))
    controls = {"10 % off": 1.1, "int |2 b|^2 rho, an upper bound": float(window["bound"] / window["predicted"])}
    # on nodes the second moment of a window of 2 k + 1 of them is 1/(2 k + 1)^2 too small
    measured = widened(romberg(window["rates"] / window["predicted"]), 1 / HALF_NODES**2)
    checks.append(check("circle, W_Q != W_K, window R -> 0: e/tau over int |J|^2/rho dV", 1.0, measured, controls))
    checks.append(
        check("sphere, uniform, K alone, eps -> 0: e/tau over 4 int |K x|^2 rho dV", 1.0, romberg(rotation["rates"] / rotation["predicted"]), {"10 % off": 1.1, "|K x|^2": 0.25})
    )
    expected = float(sample["population"])
    # twice the whole less the halves: what falls as 1/N drops out
    jackknife = 2 * sample["sample"][:, 0] - sample["sample"][:, 1]
    checks.append(check(f"{names[0]}, i.i.d. at eps: e/tau", expected, mean_interval(jackknife), {"10 % off": 1.1 * expected, "reversible": 0.0}))
    for name, bias in zip(names, biases, strict=True):
        checks.append(check(f"{name}, eps -> 0: stationary current over predicted J", 1.0, romberg(bias["currents"]), {"10 % off": 1.1, "none": 0.0}))
        right, wrong = (limit_order(bias["taus"], bias[key]) for key in ("errors", "controls"))
        checks.append(check_against_measurement(f"{name}: order of the bias of the current in tau", 1.0, right, "grad rho left out stalls", wrong))
    return checks
