"""Claim `evolution`: A^k H tends to the solution of dH/dt = p^-2 div(p^2 grad H) at time k tau.

The temperature is tied to the number of tokens by a law declared here: to reach time T in k steps, eps = T/k, with
N proportional to k^((d+6)/2), that is eps ~ N^(-2/(d+6)). The finite-difference solution is read at the same times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.convergence import order_table
from simulations.experiments import option
from simulations.experiments.settings import reference_density, require_closed
from simulations.results import Outcome
from theory.checks import positive, whole
from theory.claims import Claim

CLAIM = Claim(
    name="evolution",
    rank=3,
    title="Iterated attention solves the drift-diffusion equation",
    statement=(
        "A^k H tends to the solution of dH/dt = p^-2 div(p^2 grad H) at time k tau, on a curve, a torus of "
        "revolution and a sphere, with an error that falls at least as fast as N^(-2/(d+6)) at eps ~ N^(-2/(d+6))."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Evolution'",
    hypotheses="i.i.d. tokens of a smooth positive density, temperature tied to N by a law declared beforehand",
    predicted="drift coefficient 2 and clock ratio 1 of the evolved features; order at least 2/(d+6) in N",
    order="at least 2/(d+6) in N",
)

WRONG_DRIFT, NO_DRIFT, WRONG_CLOCK = 2.2, 0.0, 1.1


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(("circle", "torus", "sphere"), "Closed manifold.")
    density: str = option("reference", "Token density, a formula; 'reference' for the project's choice.")
    features: str = option("sin(3*x1/2) + cos(2*x2)/2", "Features H at time 0, a formula.")
    time: float = option(0.12, "Diffusion time T at which the two are compared.")
    n_tokens: int = option(100_000, "Tokens at the finest level.")
    n_steps: int = option(6, "Steps k at the finest level; the levels are 2, 3, ..., k.")
    n_seeds: int = option(6, "Samples a level.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        positive("time", self.time)
        whole("n_tokens", self.n_tokens, 100)
        whole("n_steps", self.n_steps, 4)
        whole("n_seeds", self.n_seeds, 3)
        whole("seed", self.seed, 0)


SMALL = {"manifolds": ("circle", "sphere"), "n_tokens": 6000, "n_steps": 5, "n_seeds": 5}


def run(parameters: Parameters, run) -> Outcome:
    """Evolve features by attention and by finite differences, at every level and seed; see `Parameters`."""
    checks, arrays, tables = [], {"manifolds": np.array(parameters.manifolds)}, []
    for k, spec in enumerate(parameters.manifolds):
        p = reference_density(spec, parameters.density)
        m = require_closed(p.manifold, "evolution")
        predictions = Predictions(p, parameters.features, parameters.time)
        study = run.remember(f"{m.name}-study", lambda: order_study(p, predictions, parameters, k, run))
        fit = run.remember(f"{m.name}-fit", lambda: coefficient_study(p, predictions, parameters, k, run))
        view = run.remember(f"{m.name}-view", lambda: snapshots(p, predictions, parameters, k))
        checks += coefficient_checks(m.name, p, parameters, fit) + order_checks(m, study)
        tables.append(
            f"{m.name}: sup error of A^k H against the finite-difference solution at T = {parameters.time:g} "
            f"(finite-difference error {float(view['grid_error']):.1e})\n" + order_table(study["sizes"].tolist(), 1 / study["sizes"], study["errors"])
        )
        arrays |= {f"{m.name}_{key}": value for part in (study, fit, view) for key, value in part.items()}
    return Outcome(tuple(checks), arrays, tuple(tables))


class Predictions:
    """Finite-difference solutions of one initial value, by drift coefficient, each solved once."""

    def __init__(self, p, formula: str, time: float):
        self.p, self.formula, self.time, self._solved = p, formula, time, {}

    def at(self, u, drift: float = 2.0, times=None) -> np.ndarray:
        """The solution at chart points u (n, d), shape (len(times), n); times is a subset of `all_times`."""
        times = [self.time] if times is None else list(times)
        key = (drift, tuple(times))
        if key not in self._solved:
            self._solved[key] = evolve(self.p, self.formula, times, drift_coefficient=drift)
        return self._solved[key].at(u)
