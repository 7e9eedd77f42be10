"""The claim `clusters`: how long two clusters, and a chain of equal ones, rest before they merge."""

from __future__ import annotations

import numpy as np

from simulations.dynamics.evolve import evolve_tokens
from simulations.experiments.settings import GAUSSIAN
from simulations.verdict import Interval, check, mean_interval, rounding_interval
from theory.clusters import chain_multiplier, pair_lifetime, pair_step, plateau_length

PAIR_TEMPERATURE, PAIR_SQUARES = 0.01, np.arange(3.0, 13.0)  # delta^2/(4 eps) at the start
MERGED = 1e-6
CHAIN_LENGTH, CHAIN_SQUARES, PLATEAU_SQUARE = 12, (1.5, 2.0, 4.0, 8.0), 9.0  # a^2/(4 eps), at spacing a = 1
CHAIN_AMPLITUDE, CHAIN_BOUND = 1e-5, 1e-6
AMPLITUDES = 10.0 ** -np.arange(2, 9)


def pair_study() -> dict:
    """Lifetimes of two clusters of equal mass (levels,), and the largest deviation of a step from its closed form."""
    distances, lifetimes, deviations = np.sqrt(4 * PAIR_TEMPERATURE * PAIR_SQUARES), [], []
    for distance in distances:
        # the tokens of a cluster coincide, and stay together
        start = np.repeat([[-distance / 2], [distance / 2]], 3, axis=0)
        path = until_merged(start, PAIR_TEMPERATURE)
        lifetimes.append(len(path) - 1)
        deviations.append([np.abs(path[1:] - law(path[:-1])).max() for law in (tanh_step, wrong_step)])
    return {"squares": PAIR_SQUARES, "distances": distances, "lifetimes": np.array(lifetimes), "deviations": np.array(deviations)}


def tanh_step(distance):
    return pair_step(distance, PAIR_TEMPERATURE)


def wrong_step(distance):
    """The pair motion at half the temperature, f = |x-y|^2/2: a control."""
    return pair_step(distance, PAIR_TEMPERATURE / 2)


def until_merged(tokens, temperature, *, period=None, look: int = 64) -> np.ndarray:
    """The smallest distance of two neighbouring clusters after 0, 1, ... steps, until it is at most MERGED.

    tokens: (n, 1), the clusters in order along the line, each of the same number of tokens.
    """
    path = [tokens[None]]
    size = int((tokens[:, 0] == tokens[0, 0]).sum())
    while smallest_gap(path[-1][-1:], size)[0] > MERGED:
        path.append(evolve_tokens(path[-1][-1], GAUSSIAN, temperature, range(1, look + 1), period=period))
    gaps = smallest_gap(np.concatenate(path), size)
    return gaps[: int(np.argmax(gaps <= MERGED)) + 1]


def smallest_gap(path, size):
    """The smallest gap of neighbouring clusters, (steps,), of a path (steps, n, 1) of clusters of `size` tokens."""
    return np.abs(np.diff(path[:, ::size, 0], axis=1)).min(axis=1)


def pair_checks(study) -> list:
    """The motion of the pair, exactly, and its lifetime as the distance grows."""
    right, wrong = study["deviations"].max(axis=0)
    x, ratios = study["squares"], study["lifetimes"] / pair_lifetime(study["distances"], PAIR_TEMPERATURE)
    # the ratio approaches 1 like x^2 exp(-x), so it has moved by more than what is left
    moved = abs(ratios[-1] - ratios[-2])
    no_prefactor = float(np.exp(x[-1]) / 4 / pair_lifetime(study["distances"][-1], PAIR_TEMPERATURE))
    return [
        check("two clusters: deviation of a step from delta tanh(delta^2/(8 eps))", 0.0, rounding_interval(right, 1e-13),
              {"tanh(delta^2/(4 eps))": wrong}, kind="identity"),
        check(f"two clusters: lifetime over Ei(x)/4, x = delta^2/(4 eps) = {x[-1]:g}", 1.0, Interval(ratios[-1], ratios[-1] - moved, ratios[-1] + moved),
              {"10 % off": 1.1, "exp(x)/4": no_prefactor}),
    ]  # fmt: skip


def pair_curves(study) -> dict:
    """What the figure draws: the predicted lifetime, and the control without the prefactor 1/x."""
    x = np.linspace(study["squares"][0], study["squares"][-1], 100)
    return {"x": x, "predicted": pair_lifetime(np.sqrt(4 * PAIR_TEMPERATURE * x), PAIR_TEMPERATURE), "control": np.exp(x) / 4}


def chain_study() -> dict:
    """Multipliers (squares, phases) of equispaced clusters, and the plateau lengths (amplitudes,) of their fastest mode."""
    sites = np.arange(CHAIN_LENGTH, dtype=np.float64)
    phases = 2 * np.pi * np.arange(1, CHAIN_LENGTH // 2 + 1) / CHAIN_LENGTH
    multipliers = [[measured_multiplier(sites, theta, 1 / (4 * x)) for theta in phases] for x in CHAIN_SQUARES]
    lengths = []
    for amplitude in AMPLITUDES:
        start = sites + amplitude * (-1.0) ** np.arange(CHAIN_LENGTH)
        lengths.append(len(until_merged(start[:, None], 1 / (4 * PLATEAU_SQUARE), period=float(CHAIN_LENGTH))) - 1)
    return {"squares": np.array(CHAIN_SQUARES), "phases": phases, "multipliers": np.array(multipliers), "amplitudes": AMPLITUDES, "lengths": np.array(lengths)}


def measured_multiplier(sites, theta, temperature) -> float:
    """The factor by which a small displacement cos(theta j) of the clusters grows in a step."""
    wave = np.cos(theta * np.arange(len(sites)))
    moved = evolve_tokens((sites + CHAIN_AMPLITUDE * wave)[:, None], GAUSSIAN, temperature, [1], period=float(len(sites)))[0, :, 0]
    return float((moved - sites) @ wave / (wave @ wave) / CHAIN_AMPLITUDE)


def restless_ratio() -> float:
    """log(multiplier) over that of a multiplier without its -1, at the temperature of the plateaus: a control."""
    right, wrong = (float(np.log(chain_multiplier(np.pi, 1.0, 1 / (4 * PLATEAU_SQUARE), repulsion=c))) for c in (1.0, 0.0))
    return right / wrong


def chain_curves(study) -> dict:
    """What the figure draws: the predicted plateau length at the amplitudes, and with the control's multiplier."""
    predicted = plateau_length(study["amplitudes"], 1.0, 1 / (4 * PLATEAU_SQUARE))
    return {"predicted": predicted, "control": predicted * restless_ratio(), "square": PLATEAU_SQUARE}


def chain_checks(study) -> list:
    """The multiplier of every phase, and the steps that a plateau gains for every decade of order."""
    temperatures = 1 / (4 * study["squares"])
    predicted, near = (np.array([chain_multiplier(study["phases"], 1.0, e, neighbours=n) for e in temperatures]) for n in (None, 1))
    deviation, wrong = (float(np.abs(study["multipliers"] - law).max()) for law in (predicted, near))
    # the first decade is not small enough to be linear
    decades = np.diff(study["lengths"][1:]) / np.diff(plateau_length(study["amplitudes"][1:], 1.0, 1 / (4 * PLATEAU_SQUARE)))
    return [
        check("chain: deviation of the multiplier from its sum over neighbours", 0.0, rounding_interval(deviation, CHAIN_BOUND),
              {"nearest neighbours only": wrong}, kind="identity"),
        check("chain: steps of plateau per decade of order, over log(10)/log(multiplier)", 1.0, mean_interval(decades),
              {"10 % off": 1.1, "multiplier without the -1": restless_ratio()}),
    ]  # fmt: skip
