"""Claim `evolution`: A^k H tends to the solution of dH/dt = p^-2 div(p^2 grad H) at time k tau.

The temperature is tied to the number of tokens by a law declared here: to reach time T in k steps, eps = T/k, with
N proportional to k^((d+6)/2), that is eps ~ N^(-2/(d+6)). The finite-difference solution is read at the same times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import order_table, romberg, seed_order, sup_norm
from simulations.dynamics.evolve import evolve_features
from simulations.experiments import option
from simulations.experiments.settings import (
    GAUSSIAN,
    check_manifolds,
    nodes_for,
    reference_density,
    require_closed,
    require_varying,
)
from simulations.observables import fit_coefficients, richardson
from simulations.store.results import Outcome
from simulations.tokens.sampling import Tokens, iid_tokens, quadrature_tokens
from simulations.verdict import check, mean_interval, widened
from theory.setting.checks import InputError, whole, within
from theory.claims import Claim
from theory.limits import temperature_for
from theory.pde import evolve

CLAIM = Claim(
    name="evolution",
    rank=3,
    title="Iterated attention solves the drift-diffusion equation",
    statement=(
        r"$A^k H$ tends to the solution of $\partial_t H = p^{-2} \mathrm{div}(p^2 \nabla H)$ at time $k \tau$, on a curve, a torus of "
        r"revolution and a sphere, with an error that falls at least as fast as $N^{-2/(d+6)}$ at $\varepsilon \sim N^{-2/(d+6)}$."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Evolution'",
    hypotheses="i.i.d. tokens of a smooth positive density, temperature tied to N by a law declared beforehand",
    predicted=r"drift coefficient 2 and clock ratio 1 of the evolved features",
    order="at least $2/(d+6)$ in $N$",
)

WRONG_DRIFT, NO_DRIFT, WRONG_CLOCK = 2.2, 0.0, 1.1
MOST_DENSE = 5000  # tokens; beyond, a step in linear time is cheaper, and both agree to ENGINE_TOLERANCE
ENGINE_TOLERANCE = 1e-8
COEFFICIENT_SHARE, COEFFICIENT_SEEDS = 10, 4  # samples of a tenth of the tokens, four times as many


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(("circle", "sphere", "torus"), "Closed manifold.")
    density: str = option("reference", "Token density, a formula; 'reference' for the project's choice.")
    features: str = option("sin(3*x1/2) + cos(2*x2)/2", "Features H at time 0, a formula.")
    time: float = option(0.2, "Diffusion time T at which the two are compared.")
    n_tokens: int = option(1_000_000, "Tokens at the finest level.")
    n_steps: int = option(8, "Steps k at the finest level; coarser levels take fewer, down to a quarter.")
    n_seeds: int = option(3, "Samples at the finest level; coarser ones have up to eight times as many.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_manifolds(self.manifolds)
        within("time", self.time, 0.01, 5.0)
        whole("n_tokens", self.n_tokens, 100)
        whole("n_steps", self.n_steps, 4)
        whole("n_seeds", self.n_seeds, 3)
        whole("seed", self.seed, 0)


SMALL = {"manifolds": ("circle", "sphere"), "n_tokens": 50_000, "n_steps": 6, "n_seeds": 6}
LONG = {"n_tokens": 4_000_000, "n_steps": 12, "n_seeds": 6}


def run(parameters: Parameters, run) -> Outcome:
    """Evolve features by attention and by finite differences, at every level and seed; see `Parameters`."""
    checks, arrays, tables = [], {"manifolds": np.array(parameters.manifolds)}, []
    for k, spec in enumerate(parameters.manifolds):
        case, name = Case(spec, parameters, k), spec
        study, fit, view = (
            run.remember(f"{name}-{what}", lambda part=part, case=case: part(case, run))
            for what, part in (("order", order_study), ("coefficients", coefficient_study), ("view", snapshots))
        )
        checks += coefficient_checks(case, fit) + order_checks(case, study)
        tables.append(
            f"{name}: largest error of A^k H at T = {parameters.time:g} (that of the finite differences: {float(study['grid_error']):.1e})\n"
            + order_table(study["sizes"].tolist(), 1 / study["sizes"], study["errors"])
        )
        arrays |= {f"{name}_{key}": value for part in (study, fit, view) for key, value in part.items()}
    return Outcome(tuple(checks), arrays, tuple(tables))


class Case:
    """One manifold: its density, its levels, and its finite-difference solutions, each solved once."""

    def __init__(self, name: str, parameters: Parameters, index: int):
        self.name, self.parameters, self.index, self._solved = name, parameters, index, {}
        self.density = require_varying(reference_density(name, parameters.density), "evolution")
        m = require_closed(self.density.manifold, "evolution")
        if not m.expression("features", parameters.features).free_symbols:
            raise InputError(f"features: got {parameters.features!r}, which is constant on {m.name}, expected a function that varies")
        self.features = m.function(parameters.features)

    def solution(self, drift: float = 2.0):
        """The finite-difference solution with this drift coefficient, at `self.times`."""
        if drift not in self._solved:
            self._solved[drift] = evolve(self.density, self.parameters.features, self.times, drift_coefficient=drift)
        return self._solved[drift]

    @property
    def times(self) -> tuple[float, ...]:
        """The times at which solutions are kept: snapshots up to T, and T off by 10 % both ways."""
        return tuple(self.parameters.time * np.array([1 / 3, 2 / 3, 1 / WRONG_CLOCK, 1.0, WRONG_CLOCK]))

    def rng(self, *stream: int):
        return np.random.default_rng([self.parameters.seed, self.index, *stream])

    def attend(self, tokens, steps: int, kept=None):
        """A^k H at the tokens, at the temperature whose clock brings k steps to time T; shape (n,)."""
        temperature = temperature_for(GAUSSIAN.power_law, self.density.manifold.dim, self.parameters.time / steps)
        linear = "nufft" if tokens.points.shape[1] <= 3 else "auto"
        engine = linear if len(tokens) > MOST_DENSE else "dense"
        operator = AttentionOperator(tokens, GAUSSIAN, temperature, engine=engine, tolerance=ENGINE_TOLERANCE)
        return evolve_features(operator, self.features(tokens.coordinates), [steps] if kept is None else kept)


_T, _LATE, _EARLY = 3, 4, 2  # places in Case.times


# --- the error against N, temperature tied to N ---


def levels(case) -> list[tuple[int, int]]:
    """(steps k, tokens N) of each level: N proportional to k^((d+6)/2)."""
    most, tokens = case.parameters.n_steps, case.parameters.n_tokens
    power = (case.density.manifold.dim + 6) / 2
    steps = np.unique(np.round(np.geomspace(max(2, most / 4), most, 5)).astype(int))
    return [(int(k), max(2, round(tokens * (k / most) ** power))) for k in steps]


def order_study(case, run) -> dict:
    """Largest error over the tokens against the prediction, (seeds, levels), and against the three controls, (3, ...).

    Coarse levels are cheap and get up to eight times as many seeds; what is not run is NaN.
    """
    seeds = [min(8, round(case.parameters.n_tokens / n)) * case.parameters.n_seeds for _, n in levels(case)]
    errors = np.full((4, max(seeds), len(seeds)), np.nan)
    bar = run.progress(total=sum(seeds), label=f"evolution, {case.name}: levels")
    for level, (k, n) in enumerate(levels(case)):
        for s in range(seeds[level]):
            tokens = iid_tokens(case.density, n, case.rng(1, level, s))
            measured, u = case.attend(tokens, k)[0], tokens.coordinates
            right = case.solution().at(u)
            predictions = (right[_T], case.solution(WRONG_DRIFT).at(u)[_T], case.solution(NO_DRIFT).at(u)[_T], right[_LATE])
            errors[:, s, level] = [sup_norm(measured - p) for p in predictions]
            bar.update()
    bar.close()
    probe = iid_tokens(case.density, 2000, case.rng(2)).coordinates
    return {
        "sizes": np.array([n for _, n in levels(case)]),
        "errors": errors[0],
        "controls": errors[1:],
        "grid_error": case.solution().error(probe),
    }


def order_checks(case, study) -> list:
    """The order in N is at least 2/(d+6)."""
    m = case.density.manifold
    order = seed_order(1 / study["sizes"], study["errors"])
    return [check(f"{case.name}: order of the error in N", 2 / (m.dim + 6), order, {"an error that stalls": 0.0}, kind="at least")]


# --- drift coefficient and clock of the evolved features ---


def coefficient_study(case, run) -> dict:
    """(drift coefficient, clock ratio) read off A^k H: on i.i.d. tokens and on quadrature nodes.

    samples: (seeds, 2, 2, 2) for k and 2k steps, on all N tokens and the mean of their two halves. population:
    (3, 2) at k, 2k and 4k steps on quadrature nodes, where N is infinite.
    """
    k, n = case.parameters.n_steps, max(4, case.parameters.n_tokens // COEFFICIENT_SHARE)
    samples = []
    for s in run.progress(range(COEFFICIENT_SEEDS * case.parameters.n_seeds), label=f"evolution, {case.name}: coefficients"):
        tokens = iid_tokens(case.density, n, case.rng(3, s))
        halves = [Tokens(tokens.manifold, tokens.coordinates[part], tokens.points[part]) for part in (slice(0, n, 2), slice(1, n, 2))]
        samples.append([[fitted(case, tokens, steps), np.mean([fitted(case, h, steps) for h in halves], axis=0)] for steps in (k, 2 * k)])
    population = []
    for steps in (k, 2 * k, 4 * k):
        nodes = nodes_for(case.density.manifold, case.parameters.time / steps)
        population.append(fitted(case, quadrature_tokens(case.density, nodes), steps))
    return {"samples": np.array(samples), "population": np.array(population)}


def fitted(case, tokens, steps) -> np.ndarray:
    """(drift coefficient, clock ratio) for which the equation gives A^k H best, linearised about (2, 1)."""
    u = tokens.coordinates
    right = case.solution().at(u)
    slope_drift = (case.solution(WRONG_DRIFT).at(u)[_T] - case.solution(4 - WRONG_DRIFT).at(u)[_T]) / (2 * (WRONG_DRIFT - 2))
    slope_clock = (right[_LATE] - right[_EARLY]) / (WRONG_CLOCK - 1 / WRONG_CLOCK)
    difference = case.attend(tokens, steps)[0] - right[_T]
    change = fit_coefficients(difference[:, None], [slope_drift[:, None], slope_clock[:, None]], tokens.weights)
    return np.array([2.0, 1.0]) + change


def coefficient_checks(case, fit) -> list:
    """Both coefficients, extrapolated to tau -> 0: on i.i.d. tokens, and at N = infinity.

    A sample of N shifts them by O(1/N), mostly by slowing the clock. Twice the whole less the mean of the halves
    (the jackknife) takes that away; the square of the shift bounds what is left.
    """
    name, checks = case.name, []
    whole_sample, halves = np.moveaxis(richardson(fit["samples"][:, 0], fit["samples"][:, 1]), 1, 0)
    for column, (what, limit) in enumerate((("drift coefficient", 2.0), ("clock ratio", 1.0))):
        population = fit["population"][:, column]
        truncation = abs(richardson(population[0], population[1]) - limit)
        shift = np.mean(whole_sample - halves, axis=0)[column] / limit
        corrected = (2 * whole_sample - halves)[:, column]
        interval = widened(mean_interval(corrected), truncation + limit * shift**2)
        controls = {f"{what} off by 10 %": 1.1 * limit} | ({"no drift": 0.0} if column == 0 else {})
        checks.append(check(f"{name}: {what} of A^k H, i.i.d. tokens", limit, interval, controls))
        checks.append(check(f"{name}: {what} of A^k H, N = infinity", limit, romberg(population), controls))
    return checks


# --- what the figures show ---


def snapshots(case, run, n_shown: int = 12_000) -> dict:
    """Features of some tokens at times 0, T/3, 2T/3, T, measured and predicted; (4, n)."""
    k = 3 * max(1, case.parameters.n_steps // 3)
    tokens = iid_tokens(case.density, min(case.parameters.n_tokens, 40_000), case.rng(4))
    measured = case.attend(tokens, k, [0, k // 3, 2 * k // 3, k])
    shown = slice(0, n_shown)
    u = tokens.coordinates[shown]
    right = case.solution().at(u)
    predicted = np.stack([measured[0, shown], right[0], right[1], right[_T]])
    return {"points": tokens.points[shown], "coordinates": u, "measured": measured[:, shown], "predicted": predicted}
