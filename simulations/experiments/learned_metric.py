"""Claim `learned_metric`: attention with scores |W(x - y)| diffuses on (M, g_theta), its drift follows log p_theta.

W is random: of full rank on an ellipse and a torus, of rank 2 on a curve in space. Coefficients, drift and diffusion
tensor are measured on i.i.d. tokens and, for the bias, on quadrature nodes. A score without symmetry shows the cubic term.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from simulations.attention import AttentionOperator
from simulations.convergence import limit_order, order_table, romberg
from simulations.experiments import option
from simulations.experiments.settings import (
    check_levels,
    check_manifolds,
    nodes_for,
    probe_features,
    reference_density,
    require_closed,
)
from simulations.observables import fit_coefficients, richardson
from simulations.pointwise import drift_and_diffusion
from simulations.results import Outcome
from simulations.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import CONFIDENCE, Interval, check, check_against_measurement, mean_interval, widened
from theory.checks import InputError, positive, whole
from theory.claims import Claim
from theory.densities import Density
from theory.expressions import compile_array
from theory.learned_metric import (
    CUBIC_COEFFICIENT,
    cubic_term,
    diffusion_tensor,
    key_weighted_cubic,
    pulled_back,
    relative_density,
    with_metric,
)
from theory.limits import finite_sample_clock, generator, generator_terms, gradient_product
from theory.pseudo_metrics import mahalanobis, user_function

CLAIM = Claim(
    name="learned_metric",
    rank=5,
    title="A learned metric: drift-diffusion in the metric that W induces",
    statement=(
        "With scores |W(x - y)|^2/4, (A - I)/tau tends to Laplacian_{g_theta} H + 2 <grad log p_theta, grad H>_{g_theta}, "
        "g_theta the pull-back of W^T W and p_theta = p sqrt(det g/det g_theta); the carre du champ gives g_theta^-1 "
        "point by point. A score that is not symmetric adds -3 <G^-1 : C_a, grad H>_G."
    ),
    source="Ruan and Zhang (arXiv 2412.18288), Theorem 4; docs/theory.md, 'Learned metric'",
    hypotheses="closed manifold, smooth positive density, W injective on M and on its tangent spaces",
    predicted="drift coefficient 2 with p_theta, diffusion tensor J g_theta^-1 J^T, bias order 1, cubic coefficient -3",
    order="1 in tau",
)

WRONG_DRIFT = 2.2
STRETCH = 1.7  # ratio of the largest to the smallest singular value of W


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(("ellipse(a=1.5)", "torus", "(cos(u), sin(u), 0.4*sin(2*u))"), "Closed manifold.")
    ranks: tuple[int, ...] = option((2, 3, 2), "Rank of W on each manifold.")
    density: str = option("exp(x1/2 + x2/4)", "Token density, a formula; 'reference' for the project's choice.")
    n_tokens: int = option(2000, "Tokens of a sample on a curve; four times as many on a surface.")
    temperature: float = option(0.01, "Largest temperature eps on a curve; three times as much on a surface, there 4.5 times for samples.")
    n_levels: int = option(5, "Temperatures of the bias study, each half the one before; four on a surface.")
    n_points: int = option(16, "Points at which drift and diffusion are measured.")
    n_seeds: int = option(120, "Samples on a curve; a third as many on a surface.")
    n_point_seeds: int = option(600, "Samples of four times as many tokens for single points; a third as many on a surface.")
    seed: int = option(20241218, "Seed of all random numbers, W included.")

    def __post_init__(self):
        check_manifolds(self.manifolds)
        if len(self.manifolds) != len(self.ranks):
            raise InputError(f"ranks: got {len(self.ranks)} for {len(self.manifolds)} manifolds, expected one each")
        for rank in self.ranks:
            whole("ranks", rank, 1)
        whole("n_tokens", self.n_tokens, 100)
        positive("temperature", self.temperature)
        check_levels("n_levels", self.n_levels)
        whole("n_points", self.n_points, 4)
        whole("n_seeds", self.n_seeds, 9)
        whole("n_point_seeds", self.n_point_seeds, 9)
        whole("seed", self.seed, 0)


SMALL = {"manifolds": ("ellipse(a=1.5)", "torus"), "ranks": (2, 3), "n_tokens": 1000, "n_levels": 4, "n_points": 8, "n_seeds": 100, "n_point_seeds": 210}


def run(parameters: Parameters, run) -> Outcome:
    """Measure bias, coefficients, and drift and diffusion point by point on each manifold; see `Parameters`."""
    checks, arrays, tables = [], {}, []
    for k, spec in enumerate(parameters.manifolds):
        case = Case(reference_density(spec, parameters.density), parameters, k)
        studies = {name: run.remember(f"{k}-{name}", lambda f=f, case=case: f(case, run)) for name, f in
                   (("bias", bias_study), ("sample", sample_study), ("points", point_study))}  # fmt: skip
        checks += sample_checks(case, studies["sample"]) + bias_checks(case, studies["bias"]) + point_checks(case, studies["points"])
        if case.full_rank:
            cubic = run.remember(f"{k}-cubic", lambda case=case: cubic_study(case))
            checks += cubic_checks(case, cubic)
            arrays |= {f"{case.name}_{key}": value for key, value in cubic.items()}
        tables.append(f"{case.name}: L2 error of (A - I)H/tau on quadrature nodes\n" + order_table(case.temperatures, case.temperatures, studies["bias"]["errors"], "eps"))
        arrays |= {f"{case.name}_{key}": value for study in studies.values() for key, value in study.items()}
        arrays |= {f"{case.name}_temperatures": case.temperatures, f"{case.name}_matrix": case.matrix}
    return Outcome(tuple(checks), arrays, tuple(tables))


class Case:
    """One manifold with its random W: the setting, the learned metric and the two densities."""

    def __init__(self, p: Density, parameters: Parameters, index: int):
        m = require_closed(p.manifold, "learned_metric")
        self.parameters, self.index, self.density = parameters, index, p
        self.name = short_names(parameters.manifolds)[index]
        self.surface, self.full_rank = m.dim > 1, parameters.ranks[index] >= m.ambient_dim
        self.matrix = random_matrix(self.rng(0), parameters.ranks[index], m.ambient_dim)
        self.pseudo_metric = mahalanobis(self.matrix)
        self.learned = pulled_back(m, self.matrix)
        self.p_theta = relative_density(p, self.learned)
        self.features = probe_features(m)
        self.evaluate = compile_array(m.symbols, self.features, (len(self.features),))
        # a surface wants smaller kernels for its bias to be seen, larger ones for a sample to fill them
        self.temperatures = parameters.temperature * (3 if self.surface else 1) / 2.0 ** np.arange(min(parameters.n_levels, 4 if self.surface else 99))
        self.sample_temperatures = parameters.temperature * (4.5 if self.surface else 1) / np.array([1.0, 2.0])
        self.n_tokens = parameters.n_tokens * (4 if self.surface else 1)
        self.n_seeds = parameters.n_seeds // (3 if self.surface else 1)
        self.n_point_seeds = parameters.n_point_seeds // (3 if self.surface else 1)

    @cached_property
    def terms(self):
        """u -> the two terms of L on (M, g_theta) with p_theta, each (n, c)."""
        return generator_terms(self.p_theta, self.features)

    @cached_property
    def wrong_drift(self):
        """u -> <grad log p, grad H> on (M, g_theta): the drift with p in place of p_theta, (n, c)."""
        products = [gradient_product(self.learned, self.density.log_expression, h) for h in self.features]
        return compile_array(self.learned.symbols, products, (len(products),))

    def limits(self, u):
        """(L H with p_theta, L H with p) at chart points u, each (n, c)."""
        laplacian, drift = self.terms(u)
        return laplacian + 2 * drift, laplacian + 2 * self.wrong_drift(u)

    def rng(self, *stream: int):
        return np.random.default_rng([self.parameters.seed, self.index, *stream])

    def quadrature(self, temperature):
        """Tokens that stand for infinitely many, dense enough for a kernel of this temperature in the learned metric."""
        return quadrature_tokens(self.density, nodes_for(self.learned, temperature))


def short_names(specs) -> list[str]:
    """How checks and figures call each manifold: by its name alone where no other has it, else in full."""
    short = ["space curve" if spec.strip().startswith("(") else spec.partition("(")[0].strip() for spec in specs]
    return [name if short.count(name) == 1 else spec for name, spec in zip(short, specs, strict=True)]


def random_matrix(rng, rank: int, dim: int) -> np.ndarray:
    """A random W (rank, dim): Haar rotations about singular values spread over STRETCH, product 1.

    Below full rank W = W' (1 | b) with b uniform in [-0.3, 0.3]: it forgets a direction near the last axes, never
    one in which a curve that winds about them doubles back.
    """
    values = np.geomspace(STRETCH**-0.5, STRETCH**0.5, rank)
    square = stats.ortho_group.rvs(rank, random_state=rng) * values @ stats.ortho_group.rvs(rank, random_state=rng)
    if rank >= dim:
        return square[:, :dim]
    return square @ np.hstack([np.eye(rank), rng.uniform(-0.3, 0.3, (rank, dim - rank))])


# --- bias: N = infinity ---


def bias_study(case, run, n_probes: int = 150, n_features: int = 24) -> dict:
    """L2 errors (features, levels) against L with p_theta and with p; slopes of the diffusion tensor."""
    probes = iid_tokens(case.density, n_probes, case.rng(1))
    u, h = probes.coordinates, case.evaluate(probes.coordinates)
    mix = case.rng(2).standard_normal((h.shape[1], n_features)) / np.sqrt(h.shape[1])
    limits = case.limits(u)
    diffusion, errors, slopes = tensor(case.learned, u), ([], []), []
    for eps in case.temperatures:
        keys = case.quadrature(eps)
        operator = AttentionOperator(probes, case.pseudo_metric, eps, keys=keys)
        measured = (operator @ case.evaluate(keys.coordinates) - h) / eps
        squares = drift_and_diffusion(operator, probes.points, keys.points, eps)[1]
        for k in (0, 1):
            errors[k].append(np.sqrt((((measured - limits[k]) @ mix) ** 2).mean(axis=0)))
        slopes.append((squares * diffusion).sum() / (diffusion**2).sum())
    return {"errors": np.array(errors[0]).T, "controls": np.array(errors[1]).T, "slopes": np.array(slopes)}


def tensor(manifold, u) -> np.ndarray:
    """J g^-1 J^T at chart points u, (n, D, D)."""
    d = manifold.ambient_dim
    return compile_array(manifold.symbols, list(diffusion_tensor(manifold)), (d, d))(u)


def bias_checks(case, bias) -> list:
    """Order of the bias with p_theta, where p stalls; the size of the diffusion tensor."""
    order, stalled = limit_order(case.temperatures, bias["errors"]), limit_order(case.temperatures, bias["controls"])
    return [
        check_against_measurement(f"{case.name}: order of the bias in tau", 1.0, order, "p in place of p_theta stalls", stalled),
        check(f"{case.name}: diffusion tensor over J g_theta^-1 J^T, eps -> 0", 1.0, romberg(bias["slopes"]), {"off by 10 %": 1.1}),
    ]


# --- sampled tokens: the coefficients ---


def sample_study(case, run) -> dict:
    """(clock, drift) at two temperatures on the same i.i.d. tokens, (seeds, 2, 2), and at N = infinity, (2, 2)."""

    def fit(tokens, eps, clock_factor, keys):
        u, operator = tokens.coordinates, AttentionOperator(tokens, case.pseudo_metric, eps, keys=None if keys is tokens else keys)
        measured = (operator @ case.evaluate(keys.coordinates) - case.evaluate(u)) / (eps * clock_factor)
        return fit_coefficients(measured, case.terms(u), tokens.weights)

    values, second_order = [], []
    for s in run.progress(range(case.n_seeds), label=f"learned_metric, {case.name}: samples"):
        tokens = iid_tokens(case.density, case.n_tokens, case.rng(3, s))
        factors = [finite_sample_clock(case.p_theta, tokens.coordinates, eps, case.n_tokens) for eps in case.sample_temperatures]
        values.append([fit(tokens, eps, factor[:, None], tokens) for eps, factor in zip(case.sample_temperatures, factors, strict=True)])
        second_order.append([((1 - factor) ** 2).mean() for factor in factors])
    tokens = quadrature_tokens(case.density, 24 if case.surface else 96)
    expected = [fit(tokens, eps, 1.0, case.quadrature(eps)) for eps in case.sample_temperatures]
    return {"coefficients": np.array(values), "expected": np.array(expected), "second_order": np.array(second_order).mean(axis=0)}


def sample_checks(case, sample) -> list:
    """Drift coefficient of i.i.d. tokens, extrapolated to zero temperature."""
    measured = mean_interval(richardson(sample["coefficients"][:, 0, 1], sample["coefficients"][:, 1, 1]))
    # what is left of the bias, known at N = infinity, and of the clock of a finite sample, known to first order
    left = abs(richardson(*sample["expected"][:, 1]) - 2) + 2 * abs(richardson(*sample["second_order"]))
    controls = {"off by 10 %": WRONG_DRIFT, "no drift": 0.0}
    return [check(f"{case.name}: drift coefficient on grad log p_theta", 2.0, widened(measured, left), controls)]


# --- point by point ---


def point_study(case, run) -> dict:
    """Drift (D) and diffusion (D, D) at fixed points, extrapolated, mean over samples; with half-widths and limits.

    The half-widths are simultaneous ones, and hold what is left of the bias, known at N = infinity.
    """
    m, temperatures, n = case.density.manifold, case.sample_temperatures, case.parameters.n_points
    u = (iid_tokens(case.density, n, case.rng(4)) if case.surface else quadrature_tokens(case.density, n)).coordinates
    x, drifts, diffusions = m.embed(u), [], []

    def extrapolated(keys):
        levels = [drift_and_diffusion(AttentionOperator(x, case.pseudo_metric, eps, keys=keys), x, keys.points, eps) for eps in temperatures]
        return [richardson(*pair) for pair in zip(*levels, strict=True)]

    for s in run.progress(range(case.n_point_seeds), label=f"learned_metric, {case.name}: points"):
        drift, diffusion = extrapolated(iid_tokens(case.density, 4 * case.n_tokens, case.rng(5, s)))
        drifts.append(drift)
        diffusions.append(diffusion)
    population = extrapolated(case.quadrature(temperatures[1]))
    # the first of the features are the coordinates
    limits = [limit[:, : m.ambient_dim] for limit in case.limits(u)]
    tensors = tensor(case.learned, u), tensor(m, u)
    found = {"u": u}
    for name, samples, infinite, (right, wrong) in zip(("drift", "diffusion"), (drifts, diffusions), population, (limits, tensors), strict=True):
        half = bonferroni_half_width(np.array(samples)) + np.abs(infinite - right)
        found |= {name: np.mean(samples, axis=0), f"{name}_half": half, f"{name}_limit": right, f"{name}_wrong": wrong}
    return found | curve_limits(case)


def curve_limits(case) -> dict:
    """Drift and diffusion along a curve, right and wrong, for the figure."""
    if case.surface:
        return {}
    m, line = case.density.manifold, np.linspace(0, 2 * np.pi, 241)[:, None]
    drift, wrong = (limit[:, : m.ambient_dim] for limit in case.limits(line))
    return {
        "line": line[:, 0], "line_drift": drift, "line_drift_wrong": wrong,
        "line_diffusion": tensor(case.learned, line), "line_diffusion_wrong": tensor(m, line),
    }  # fmt: skip


def point_checks(case, points) -> list:
    """How many numbers measured at single points miss their limit: none, where the wrong limit misses many."""
    checks = []
    for what, control in (("drift", "p in place of p_theta"), ("diffusion", "g in place of g_theta")):
        right, wrong = (int((np.abs(points[what] - points[f"{what}_{limit}"]) > points[f"{what}_half"] + 1e-12).sum()) for limit in ("limit", "wrong"))
        name = f"{case.name}: missed of {points[what].size} numbers, {what} at {len(points[what])} points"
        checks.append(check_against_measurement(name, 0.0, _count(right), control, _count(wrong)))
    return checks


def bonferroni_half_width(samples) -> np.ndarray:
    """Half-widths of Student intervals over the first axis that hold all together at the confidence of the verdicts."""
    n, numbers = len(samples), samples[0].size
    quantile = stats.t.ppf(1 - (1 - CONFIDENCE) / (2 * numbers), n - 1)
    return quantile * samples.std(axis=0, ddof=1) / np.sqrt(n)


def _count(number):
    return Interval(float(number), float(number), float(number))


# --- a score that is not symmetric ---

KEY_WEIGHT = "exp(0.3*x1 + 0.2*x2)"


def weighted_by_the_key(x, y):
    """w(y) |x - y|^2: symmetric only to leading order."""
    square = 0.0
    for k in range(x.size):
        square += (x[k] - y[k]) ** 2
    return square * math.exp(0.3 * y[0] + 0.2 * y[1])


def weighted_by_both(x, y):
    """sqrt(w(x) w(y)) |x - y|^2: symmetric, with the same G."""
    square = 0.0
    for k in range(x.size):
        square += (x[k] - y[k]) ** 2
    return square * math.exp(0.15 * (x[0] + y[0]) + 0.1 * (x[1] + y[1]))


def cubic_study(case, n_probes: int = 150) -> dict:
    """Coefficient of <G^-1 : C_a, grad H>_G for f = w(y) |x-y|^2, and for its symmetric counterpart, (levels,); tau = eps/4."""
    m = case.density.manifold
    weighted = with_metric(m, m.expression("weight", KEY_WEIGHT) * m.metric_expression)
    p_weighted, cubic = relative_density(case.density, weighted), key_weighted_cubic(m, KEY_WEIGHT)
    symmetric = compile_array(m.symbols, [generator(p_weighted, h) for h in case.features], (len(case.features),))
    skew = compile_array(m.symbols, [cubic_term(weighted, cubic, h) for h in case.features], (len(case.features),))
    probes = iid_tokens(case.density, n_probes, case.rng(6))
    u, h, found = probes.coordinates, case.evaluate(probes.coordinates), {"cubic": [], "cubic_symmetric": []}
    for tau in case.temperatures:
        keys = quadrature_tokens(case.density, nodes_for(weighted, tau))
        values = case.evaluate(keys.coordinates)
        for name, function in zip(found, (weighted_by_the_key, weighted_by_both), strict=True):
            operator = AttentionOperator(probes, user_function(function, function.__doc__), 4 * tau, keys=keys)
            rest = (operator @ values - h) / tau - symmetric(u)
            found[name].append(fit_coefficients(rest, [skew(u)])[0])
    return {name: np.array(value) for name, value in found.items()}


def cubic_checks(case, cubic) -> list:
    """The cubic term of a score without symmetry, and its absence from a symmetric score that is no metric."""
    right, none = romberg(cubic["cubic"]), romberg(cubic["cubic_symmetric"])
    c = CUBIC_COEFFICIENT
    name = f"{case.name}: coefficient of G^-1 : C_a"
    return [
        check(f"{name}, f = w(y)|x-y|^2", c, right, {"off by 10 %": 1.1 * c, "left out": 0.0}),
        check(f"{name}, symmetric f", 0.0, none, {"a tenth of the asymmetric one": c / 10}),
    ]
