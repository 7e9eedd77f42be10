"""The lift of the claim `new_metric`: attention between tokens of M x S^1 realises the heat equation of g + p^4 ds^2."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import romberg
from simulations.experiments.new_metric_surface import Case
from simulations.experiments.settings import probe_features, sparse_nodes
from simulations.tokens.lift import lift_definition, lift_score, lifted_points
from simulations.observables import fit_coefficients
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import Interval, check, check_against_measurement, mean_interval, rounding_interval
from theory.setting.densities import density
from theory.setting.expressions import compile_array
from theory.heat import LIFT_CONTROLS, lift_clock, lifted_operator
from theory.setting.geometry import generator_terms
from theory.setting.manifolds import times_circle
from theory.pde import Grid, drift_diffusion_operator, integrate_to_tolerance

PROBES = 10
MOST_KEYS = 6_000_000
NODES_A_SIGMA = 1.05  # on the circle of the lift
LIFTED_TOKENS = 10  # times the tokens of the other samples: they fill one dimension more
TIME, STEPS, CELLS = 0.32, np.array([4, 6, 8, 12]), 96


def radii(case: Case):
    """rho = kappa p^2 as a function of chart points, kappa such that the smallest is `smallest_radius`."""
    p = case.density
    low = min(p(quadrature_tokens(p, 48).coordinates))
    return lambda u: case.smallest_radius * (p(u) / low) ** 2


def lifted_density(case: Case, power: float = 2):
    """The density of the tokens x on M: proportional to p^2, so that lifted tokens are uniform in dV_ghat; p is a control."""
    return density(case.density.manifold, case.density.expression**power)


class Lift:
    """Responses of lifted attention at probes (x, s = 0): by the symmetry of the circle every s is alike."""

    def __init__(self, case: Case):
        m, p = case.density.manifold, case.density
        self.case, self.rho, features = case, radii(case), probe_features(m)
        self.features = compile_array(m.symbols, features, (len(features),))
        self.probes = quadrature_tokens(p, PROBES)
        self.terms = generator_terms(p, features)(self.probes.coordinates)

    def raise_tokens(self, tokens, s) -> np.ndarray:
        """Lifted points of tokens at angles s."""
        return lifted_points(tokens.points, self.rho(tokens.coordinates), s)

    def nodes(self, eps, power=2):
        """Tokens on M and angles s that fill M x S^1 as densely as this temperature asks."""
        # f = |x - y|^2 is the Gaussian kernel of a temperature four times smaller
        base = quadrature_tokens(lifted_density(self.case, power), sparse_nodes(self.case.density.manifold, eps / 4))
        turns = int(np.ceil(2 * np.pi * self.rho(base.coordinates).max() * NODES_A_SIGMA / np.sqrt(eps / 2)))
        s = 2 * np.pi * np.arange(turns) / turns
        return base, s

    def response(self, score, eps, power=2) -> np.ndarray:
        """(A - I)H/tau at N = infinity, (n, c)."""
        base, s = self.nodes(eps, power)
        per_turn, total, sums = max(1, MOST_KEYS // len(base) // 8), None, None
        points = self.raise_tokens(self.probes, np.zeros(len(self.probes)))
        values = self.features(base.coordinates)
        # H does not depend on s: keys are taken a few turns of the circle at a time
        for start in range(0, len(s), per_turn):
            part = s[start : start + per_turn]
            keys = np.concatenate([self.raise_tokens(base, np.full(len(base), angle)) for angle in part])
            operator = AttentionOperator(points, score, eps, keys=keys, weights=np.tile(base.weights, len(part)))
            means, log_z = operator @ np.tile(values, (len(part), 1)), operator.log_partition
            if total is None:
                total, sums = log_z, means
            else:
                joint = np.logaddexp(total, log_z)
                sums = np.exp(total - joint)[:, None] * sums + np.exp(log_z - joint)[:, None] * means
                total = joint
        return (sums - self.features(self.probes.coordinates)) / lift_clock(eps)

    def coefficients(self, response) -> np.ndarray:
        """(clock ratio, drift coefficient)."""
        return fit_coefficients(response, self.terms, self.probes.weights)

    def error(self, response) -> float:
        """The relative L2 distance of a response from L H."""
        limit = self.terms[0] + 2.0 * self.terms[1]
        w = self.probes.weights
        return float(np.sqrt((w @ (response - limit) ** 2).sum() / (w @ limit**2).sum()))


WRONG = {"query": ("query", 2), "key": ("key", 2), "density": ("product", 1)}
NAMES = {"query": "factor rho^2 of the query", "key": "factor rho^2 of the key", "density": "tokens x of density p"}


def coefficient_study(case: Case, run) -> dict:
    """(clock ratio, drift coefficient) on nodes, (levels, 2): the lift by its dot product, and three wrong lifts."""
    lift, found = Lift(case), {"lift": [], **{f"wrong_{name}": [] for name in WRONG}, "errors": [], "embedding": []}
    n = case.density.manifold.ambient_dim
    for eps in run.progress(case.lift_temperatures, label=f"new_metric, {case.name}: lift"):
        right = lift.response(lift_score(n), eps)
        found["lift"].append(lift.coefficients(right))
        found["errors"].append(lift.error(right))
        found["embedding"].append(lift.error(lift.response(lift_score(n, "embedding"), eps)))
        for name, (factor, power) in WRONG.items():
            found[f"wrong_{name}"].append(lift.coefficients(lift.response(lift_score(n, factor), eps, power)))
    return {name: np.array(v) for name, v in found.items()} | {"lift_temperatures": case.lift_temperatures, "identity": identity(case)}


def identity(case: Case, n_tokens: int = 400) -> np.ndarray:
    """Largest difference of A H by the score as it is written and as a dot product; and with the plain embedding."""
    lift, rng, eps = Lift(case), np.random.default_rng([*case.seed, 7]), 10 * case.lift_temperatures[0]
    tokens = iid_tokens(lifted_density(case), n_tokens, rng)
    points = lift.raise_tokens(tokens, 2 * np.pi * rng.random(n_tokens))
    h, d = lift.features(tokens.coordinates), case.density.manifold.ambient_dim
    a, b, c = (AttentionOperator(points, f, eps) @ h for f in (lift_score(d), lift_definition(), lift_score(d, "embedding")))
    return np.array([np.abs(a - b).max(), np.abs(a - c).max()])


def sample_study(case: Case, run) -> dict:
    """(clock ratio, drift coefficient) on i.i.d. lifted keys at the largest temperature, (seeds, 2)."""
    lift, eps, values = Lift(case), case.lift_temperatures[0], []
    dot, own = lift_score(case.density.manifold.ambient_dim), lift.features(lift.probes.coordinates)
    points = lift.raise_tokens(lift.probes, np.zeros(len(lift.probes)))
    for s in run.progress(range(case.n_seeds), label=f"new_metric, {case.name}: lifted samples"):
        rng = np.random.default_rng([*case.seed, 5, s])
        tokens = iid_tokens(lifted_density(case), LIFTED_TOKENS * case.n_tokens, rng)
        keys = lift.raise_tokens(tokens, 2 * np.pi * rng.random(len(tokens)))
        operator = AttentionOperator(points, dot, eps, keys=keys)
        values.append(lift.coefficients((operator @ lift.features(tokens.coordinates) - own) / lift_clock(eps)))
    return {"lift_sampled": np.array(values)}


def checks(case: Case, study: dict, sample: dict) -> list:
    """Drift and clock of the lift, of three wrong lifts, and its score as a dot product."""
    found, expected = [], study["lift"][0]
    for column, (what, limit) in enumerate((("clock ratio", 1.0), ("drift coefficient", 2.0))):
        wrong = {"10 % off": 1.1 * limit} | ({"no drift": 0.0} if column else {})
        found.append(check(f"lift of {case.name}: {what}, eps -> 0", limit, romberg(study["lift"][:, column]), wrong))
    drift = mean_interval(sample["lift_sampled"][:, 1])
    found.append(check(f"lift of {case.name}: drift coefficient, i.i.d. keys at eps", float(expected[1]), drift, {"20 % off": 1.2 * expected[1], "no drift": 0.0}))
    for name, limit in LIFT_CONTROLS.items():
        found.append(check(f"lift of {case.name}, {NAMES[name]}: drift coefficient, eps -> 0", limit, romberg(study[f"wrong_{name}"][:, 1]), {"the lift's": 2.0}))
    errors, plain = romberg(study["errors"]), romberg(study["embedding"])
    found.append(check_against_measurement(f"lift of {case.name}: |(A - I)H/tau - L H|/|L H|, eps -> 0", 0.0, errors, "plain embedding (x, rho cos s, rho sin s)", plain))
    difference, wrong = study["identity"]
    found.append(check(f"lift of {case.name}: f against the dot product diag(1, .., 1, -1)", 0.0, rounding_interval(difference, 1e-10), {"plain embedding": wrong}, kind="identity"))
    return found


# --- evolution ---


def evolution_study(case: Case, run) -> dict:
    """Heat equation of ghat by finite differences on M x S^1, drift-diffusion on M, and lifted attention on nodes."""
    m, p = case.density.manifold, case.density
    initial = m.function(m.embedding[0] + m.embedding[-1] / 2)
    solved = []
    grids = [Grid(m, (CELLS // k,) * 2) for k in (1, 2)]
    for equation in (lambda grid: drift_diffusion_operator(grid, p), lambda grid: drift_diffusion_operator(grid, p, 0.0)):
        solved.append([integrate_to_tolerance(equation(grid), grid.sample(initial), [TIME], 1e-7)[0] for grid in grids])
    raised = Grid(times_circle(m), (CELLS // 4, CELLS // 4, 8))
    base = Grid(m, (CELLS // 4,) * 2)
    flat = integrate_to_tolerance(drift_diffusion_operator(base, p), base.sample(initial), [TIME], 1e-8)[0]
    lifted = [integrate_to_tolerance(lifted_operator(raised, p, e), np.repeat(base.sample(initial), 8), [TIME], 1e-8)[0][::8] for e in (4.0, 2.0)]
    lift, places = Lift(case), []

    def at(pair, u):
        fine, coarse = (grid.interpolate(v, u) for grid, v in zip(grids, pair, strict=True))
        return fine + (fine - coarse) / 3

    levels = 4 * TIME / STEPS
    for steps, eps in zip(STEPS, run.progress(levels, label="new_metric: evolution on the lift"), strict=True):
        base_tokens, s = lift.nodes(eps)
        queries = lift.raise_tokens(base_tokens, np.zeros(len(base_tokens)))
        keys = np.concatenate([lift.raise_tokens(base_tokens, np.full(len(base_tokens), angle)) for angle in s])
        operator = AttentionOperator(queries, lift_score(m.ambient_dim), eps, keys=keys, weights=np.tile(base_tokens.weights, len(s)))
        h = initial(base_tokens.coordinates)
        for _ in range(steps):
            h = operator @ np.tile(h, len(s))
        right, other = at(solved[0], base_tokens.coordinates), at(solved[1], base_tokens.coordinates)
        w = base_tokens.weights
        places.append((w @ ((h - other) * (right - other))) / (w @ (right - other) ** 2))
    return {
        "places": np.array(places), "levels": levels, "difference": np.abs(flat - lifted[0]).max() / np.ptp(flat),
        "control_difference": np.abs(flat - lifted[1]).max() / np.ptp(flat),
    }  # fmt: skip


def evolution_checks(case: Case, study: dict) -> list:
    """Both finite-difference solutions agree, and lifted attention goes to them."""
    difference = rounding_interval(float(study["difference"]), 1e-6)
    levels, values = study["levels"], study["places"]
    ends = [float(np.polyval(np.polyfit(levels[:n], values[:n], n - 1), 0.0)) for n in (len(levels) - 1, len(levels))]
    moved = abs(ends[1] - ends[0])
    return [
        check(f"lift of {case.name}: heat equation of g + p^4 ds^2 and drift-diffusion, largest difference", 0.0, difference, {"g + p^2 ds^2": float(study["control_difference"])}, kind="identity"),
        check(f"lift of {case.name}: A^k H from 0 (heat equation of g) to 1 (that of the lift), eps -> 0", 1.0, Interval(ends[1], ends[1] - moved, ends[1] + moved), {"heat equation of g": 0.0, "10 % short": 0.9}),
    ]
