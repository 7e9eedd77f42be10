"""Clusters of moving tokens on a flat circle: which tokens have gathered, and when clusters merge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.dynamics.evolve import evolve_tokens
from theory.setting.checks import InputError, finite_array, positive, whole

TOLERANCE = (
    1e-6  # tokens nearer than this have gathered: a few steps later they coincide to rounding
)
MOST_STEPS = 1_000_000
_LONGEST_LOOK = 64


def gather(positions, weights, period: float, tolerance: float = TOLERANCE):
    """Tokens on a flat circle that are joined by gaps of at most `tolerance` become one, at their centre of mass.

    positions, weights: (n,). Returns (positions (m,) in [0, period), weights (m,), labels (n,)), in order round the circle.
    """
    period, tolerance = positive("period", period), positive("tolerance", tolerance)
    positions = finite_array("positions", positions, (None,)) % period
    weights = finite_array("weights", weights, (len(positions),))
    order = np.argsort(positions)
    # the circle is cut open at its widest gap, where no cluster is
    start = int(np.argmax(np.diff(positions[order], append=positions[order[0]] + period))) + 1
    order = np.roll(order, -start)
    opened = (positions[order] - positions[order[0]]) % period
    steps = np.concatenate([[0], np.cumsum(np.diff(opened) > tolerance)])
    mass = np.bincount(steps, weights[order])
    centres = (np.bincount(steps, weights[order] * opened) / mass + positions[order[0]]) % period
    labels = np.empty(len(order), dtype=int)
    labels[order] = steps
    return centres, mass, labels


@dataclass(frozen=True)
class History:
    """Clusters of one run. After `steps[m]` steps there are clusters at `positions[m]` with `masses[m]`, until steps[m + 1].

    kept: (len(keep), n) the tokens, wrapped, after the steps that were asked for.
    """

    steps: tuple[int, ...]
    positions: tuple[np.ndarray, ...]
    masses: tuple[np.ndarray, ...]
    kept: np.ndarray


def cluster_history(
    positions, pseudo_metric, temperature: float, period: float, n_steps: int, keep=()
) -> History:
    """Move tokens (n,) on a flat circle for `n_steps`; tokens that have gathered go on as one, with the sum of their weights.

    keep: increasing whole numbers <= n_steps, the steps after which the tokens are kept. Raises InputError on unusable input.
    """
    positions, n_steps = finite_array("positions", positions, (None,)), whole("n_steps", n_steps, 1)
    keep = [whole("keep", k, 0) for k in keep]
    if keep != sorted(set(keep)) or (keep and keep[-1] > n_steps):
        raise InputError(f"keep: got {keep}, expected increasing numbers up to {n_steps}")
    x, masses, labels = gather(positions, np.ones(len(positions)), period)
    events, kept, done, look = [(0, x, masses)], {}, 0, 1
    if 0 in keep:
        kept[0] = x[labels]
    while done < n_steps:
        look = min(look, n_steps - done)
        path = (
            evolve_tokens(
                x[:, None],
                pseudo_metric,
                temperature,
                range(1, look + 1),
                weights=masses,
                period=period,
            )[:, :, 0]
            % period
        )
        merged = np.flatnonzero(_smallest_gaps(path, period) <= TOLERANCE)
        taken = int(merged[0]) + 1 if len(merged) else look
        kept |= {done + k: path[k - 1][labels] for k in range(1, taken + 1) if done + k in keep}
        done, x = done + taken, path[taken - 1]
        look = 1 if len(merged) else min(2 * look, _LONGEST_LOOK)
        if len(merged):
            x, masses, joined = gather(x, masses, period)
            labels = joined[labels]
            events.append((done, x, masses))
        if len(x) == 1:
            kept |= {k: x[labels] for k in keep if k > done}
            break
    steps, places, weights = zip(*events, strict=True)
    return History(steps, places, weights, np.array([kept[k] for k in keep]))


def steps_to_merge(
    tokens, pseudo_metric, temperature: float, tolerance: float, *, period=None, weights=None
) -> int:
    """Steps until two neighbouring clusters, first apart, are nearer than `tolerance`.

    tokens: (n, 1), in order along the line; tokens at one place are a cluster. period, weights: as
    of `evolve_tokens`. Raises InputError where nothing has merged after MOST_STEPS.
    """
    tokens, tolerance = finite_array("tokens", tokens, (None, 1)), positive("tolerance", tolerance)
    border = np.flatnonzero(np.diff(tokens[:, 0]) > 0)
    done, look = 0, 1
    while done < MOST_STEPS:
        steps = range(look + 1)
        path = evolve_tokens(
            tokens, pseudo_metric, temperature, steps, period=period, weights=weights
        )
        gaps = np.diff(path[:, :, 0], axis=1)[:, border].min(axis=1)
        merged = np.flatnonzero(gaps <= tolerance)
        if len(merged):
            return done + int(merged[0])
        tokens, done, look = path[-1], done + look, min(2 * look, _LONGEST_LOOK)
    raise InputError(f"tokens: still apart after {MOST_STEPS} steps, expected ones that merge")


def _smallest_gaps(path, period):
    """The smallest gap round the circle of each row of positions (k, n), shape (k,)."""
    ordered = np.sort(path, axis=1)
    return np.diff(ordered, axis=1, append=ordered[:, :1] + period).min(axis=1)
