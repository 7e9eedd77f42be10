"""What the theory says of a choice: clock and drift, the solution of the equation, and what the
coefficients are at that very temperature, at N = infinity."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from figures.explore.choice import (
    ALPHAS,
    CLOCK,
    DRIFT,
    LEAST_TOKENS,
    SINKHORN,
    SOFTMAX,
    STEPS,
    TAKEN,
    Choice,
)
from theory.clocks import clock
from theory.normalisations import SINKHORN_DRIFT, alpha_drift
from theory.pde import evolve
from theory.pde.grid import square_cells
from theory.population import Population, least_squares, population
from theory.predictions import Value, off_by_tenth
from theory.setting.checks import InputError
from theory.setting.geometry import generator_terms, values_of
from theory.setting.nodes import sparse_nodes
from theory.setting.quadrature import chart_quadrature
from theory.setting.references import probe_features

CELLS = {1: 512, 2: 64}  # of the solver along an axis of mean length
TOLERANCE = 1e-4  # of its integrator, relative to the range of H
QUERIES = {1: 128, 2: 24}  # nodes an axis: what is fitted is smooth
KEYS = {1: 2400, 2: 12_000}  # that these attend to, at most; that attend to each other:
MOST_SQUARE = 2400
FEWEST = 32  # nodes an axis
SWEEPS, BALANCED = 60, 1e-9  # of Sinkhorn
COARSER = 0.75  # of the nodes, by which the error of the quadrature is told
MOST_ERROR = 0.005  # of the drift, relative to softmax's: a tenth of what a row must resolve


def tau(choice: Choice) -> float:
    """The clock of one step, by the leading power of phi."""
    return clock(choice.score.power_law, choice.p.manifold.dim, choice.temperature)


def limit_drift(choice: Choice) -> float:
    """c in L = Laplacian + c <grad log p, grad>, as the temperature falls."""
    if choice.normalisation == SINKHORN:
        return SINKHORN_DRIFT
    return alpha_drift(ALPHAS[choice.normalisation])


def rival_drift(choice: Choice) -> float:
    """The coefficient of the equation beside it, which is wrong: none, or that of softmax."""
    return 0.0 if limit_drift(choice) else alpha_drift(0.0)


def equation(choice: Choice, u, drift: float) -> np.ndarray:
    """e^(k tau L) H at chart points u (n, d) for k = 0, ..., STEPS, by finite differences."""
    p = choice.p
    start = p.manifold.function(choice.features)(u)
    times = tau(choice) * np.arange(1, STEPS + 1)
    cells = square_cells(p, CELLS[p.manifold.dim])
    solution = evolve(
        p, choice.features, times, cells=cells, drift_coefficient=drift, tolerance=TOLERANCE
    )
    return np.concatenate([start[None], solution.at(u)])


def slopes(choice: Choice, u) -> np.ndarray:
    """tau grad log p at chart points u (n, d), as vectors of the space around, (n, D)."""
    m = choice.p.manifold
    raised = np.einsum("nab,nb->na", m.inverse_metric(u), choice.p.log_gradient(u))
    return tau(choice) * np.einsum("nka,na->nk", m.jacobian(u), raised)


def values(choice: Choice) -> dict[str, Value]:
    """The coefficients at this temperature, at N = infinity.

    Raises InputError where the nodes that a page can afford do not resolve the kernel.
    """
    # no sample enters
    return _values(replace(choice, n_tokens=LEAST_TOKENS, seed=0))


@lru_cache(maxsize=32)
def _values(choice):
    fine, coarse = (at_temperature(choice, share) for share in (1.0, COARSER))
    error = np.abs(fine - coarse)[[0, 2]].max() / alpha_drift(0.0)
    if not error < MOST_ERROR:
        raise InputError(
            f"temperature: got {choice.temperature:g}, at which the drift is predicted to "
            f"{error:.1%} only on the nodes of this page; expected a higher one"
        )
    drift, step, softmax = map(float, fine)
    found = {CLOCK: Value(step, off_by_tenth(step), "at size")}
    if limit_drift(choice):
        wrong = off_by_tenth(drift, **{"no drift": 0.0})
        found = {DRIFT: Value(drift, wrong, "at size")} | found
    if choice.normalisation != SOFTMAX:
        taken = softmax - drift
        found[TAKEN] = Value(taken, off_by_tenth(taken, **{"nothing": 0.0}), "at size")
    return found


def at_temperature(choice: Choice, share: float) -> np.ndarray:
    """(drift, clock, drift of softmax) on this share of the nodes an axis."""
    p = choice.p
    tokens = population(p, choice.temperature, choice.score, nodes_of(choice, share))
    formulas = probe_features(p.manifold)
    h = tokens.features(formulas)
    u, volume = chart_quadrature(p.manifold, QUERIES[p.manifold.dim])
    before, terms = values_of(p.manifold, formulas, u), generator_terms(p, formulas)(u)

    def fit(keys):
        step, transport = least_squares(keys.attend(h, u) - before, terms, volume * p(u))
        return transport / step, step

    softmax = fit(tokens)
    own = softmax if choice.normalisation == SOFTMAX else fit(normalised(choice, tokens))
    return np.array([*own, softmax[0]])


def nodes_of(choice: Choice, share: float) -> list[int]:
    """Nodes an axis: as many as the page can afford, and at least what a Gaussian kernel of this
    clock needs. A sharper one tells by how far fewer nodes move the result."""
    m = choice.p.manifold
    needed = np.maximum(sparse_nodes(m, tau(choice)), FEWEST)
    most = KEYS[m.dim] if choice.normalisation == SOFTMAX else MOST_SQUARE
    afforded = (most / needed.prod()) ** (1 / m.dim)
    if afforded < 1:
        raise InputError(
            f"temperature: got {choice.temperature:g}, whose kernel takes {needed.prod()} nodes, "
            f"expected one that takes at most {most} on this page: a higher one"
        )
    return [int(n) for n in np.ceil(needed * max(afforded * share, 1.0) + (share == 1.0))]


def normalised(choice: Choice, tokens: Population) -> Population:
    """The population whose keys are divided by their column sums, to the power of the choice."""
    kernel = np.exp(-tokens.pseudo_metric(tokens.x, tokens.x) / tokens.temperature)
    mass = tokens.mass
    if choice.normalisation != SINKHORN:
        return replace(tokens, mass=mass * (kernel @ mass) ** -ALPHAS[choice.normalisation])
    factors = np.ones(len(mass))
    for _ in range(SWEEPS):
        excess = factors * (kernel @ (mass * factors))
        if np.abs(excess - 1).max() < BALANCED:
            break
        # half the way in the logarithm: the kernel is symmetric
        factors = factors / np.sqrt(excess)
    return replace(tokens, mass=mass * factors)
