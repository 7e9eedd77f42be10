"""Predictions of the claim `regime`: the error at every N and temperature, its borders, the tokens
needed."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from theory import many_steps, regime
from theory.claims import regime as claim
from theory.finite_sample import best_temperature, harmonic_error
from theory.predictions import Prediction, Value, off_by_tenth

# the ground of the figure: tokens, and temperatures a little beyond those of the map
CURVE_TOKENS = np.unique(np.geomspace(8, 1e11, 44).round().astype(int))
CURVE_TEMPERATURES = np.geomspace(claim.TEMPERATURES[0] / 1.3, claim.TEMPERATURES[-1] * 1.3, 34)

# the same of k steps
STEP_CURVE, STEP_NEIGHBOURS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64), 10
STEP_TOKENS = np.geomspace(8, 1e7, 40)


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Tokens needed, errors at three places of the map, borders; see theory/claims/regime.py."""
    predicted = {}
    for d in claim.DIMENSIONS:
        predicted |= needed_values(d) | cell_values(parameters, d) | border_values(d)
        predicted |= step_values(d)
    return predicted


def needed_values(d: int) -> dict[str, Value]:
    """Tokens needed for each measured error, and their exponent between two of them."""
    errors = (*claim.ERRORS, *((claim.FINER[d],) if d in claim.FINER else ()))
    numbers = {error: regime.tokens_needed(d, error)[0] for error in errors}
    predicted = {}
    for error, n in numbers.items():
        neighbours = {d - 1, d + 1} & set(claim.DIMENSIONS)
        others = {f"those of d = {k}": regime.tokens_needed(k, error)[0] for k in neighbours}
        predicted[claim.needed(d, error)] = Value(n, off_by_tenth(n, **others), "at size")
    (large, few), *_, (small, many) = [(e, numbers[e]) for e in claim.ERRORS]
    slope = math.log(many / few) / math.log(large / small)
    wrong = {
        "2: noise alone, at one temperature": 2.0,
        "(d+4)/2, as for densities": (d + 4) / 2,
        "that of d + 1": (d + 7) / 2,
    }
    predicted[claim.exponent(d)] = Value(slope, off_by_tenth(slope, **wrong), "at size")
    return predicted


def cell_values(parameters: claim.Parameters, d: int) -> dict[str, Value]:
    """The error at a place where the bias rules, one where the noise does, one of copying."""
    predicted = {}
    for place in claim.CELLS:
        n, eps = parameters.cell(place)
        right = regime.relative_error(d, eps, n)
        bias, noise = (
            regime.bias(d, eps),
            math.sqrt(regime.noise_constant(d) / n / eps ** (1 + d / 2)),
        )
        rivals = {"bias alone": bias, "noise alone, first order": noise}
        if place == "copying":
            rivals["a token that does not see itself"] = math.sqrt(harmonic_error(d, eps, n))
        # where one of them rules, the other alone is the rival
        wrong = {name: v for name, v in rivals.items() if abs(v / right - 1) > 0.2}
        predicted[claim.cell(d, place)] = Value(right, off_by_tenth(right, **wrong), "at size")
    return predicted


def border_values(d: int) -> dict[str, Value]:
    """The rate of the generator, and what makes the two borders, as eps -> 0."""
    rate, slope, constant = regime.rate(d), regime.bias_slope(d), regime.noise_constant(d)
    arc = {"of the arc in place of the chord: d + 1": slope + 1}
    squared = {"kernel instead of its square: (4 pi)^(-d/2)": regime.noise_constant(d, 4.0)}
    return {
        claim.generator_rate(d): Value(-rate, off_by_tenth(-rate)),
        claim.bias_slope(d): Value(slope, off_by_tenth(slope, **arc)),
        claim.noise_constant(d): Value(constant, off_by_tenth(constant, **squared)),
    }


def step_values(d: int) -> dict[str, Value]:
    """The error of k steps at two places, to order 1/N of half as many tokens again (the halves of
    each sample take the order 1/N^2 away, and two thirds of the order 1/N are left), and its bias.
    """
    predicted = {}
    for place, where in claim.STEP_CELLS.items():
        steps, n = where[d]
        at = (d, steps, claim.TIME / steps, 1.5 * n)
        right = many_steps.relative_error(*at)
        bias, noise = many_steps.bias_and_noise(*at)
        rivals = {
            "bias alone": bias,
            "noise alone": noise,
            "fresh tokens at every step": many_steps.fresh_error(*at),
            "noise of one step, k times": steps
            * math.sqrt(many_steps.moments(d, claim.TIME / steps, 1).noise / at[-1]),
        }
        # where one of them is nearly all, the others are the rivals
        wrong = {name: v for name, v in rivals.items() if abs(v / right - 1) > 0.15}
        predicted[claim.step_cell(d, place)] = Value(right, off_by_tenth(right, **wrong), "at size")
    if d not in claim.STEP_BIAS:
        return predicted
    slope = many_steps.bias_slope(d, claim.TIME)
    wrong = {
        "of the generator, carried on: d lambda T": -d * slope,
        "of the arc in place of the chord: 0": 0.0,
    }
    predicted[claim.step_bias(d)] = Value(slope, off_by_tenth(slope, **wrong))
    return predicted


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """The ground of the map for each d, (temperatures, tokens), and what is drawn on it.

    Also the errors at the measured cells, (sizes, temperatures), and for the table of the README
    tokens and temperature (errors, 2) that each of ROUND needs.
    """
    sizes = parameters.sizes()
    cells = {
        f"cells_{d}": [[regime.relative_error(d, e, n) for e in claim.TEMPERATURES] for n in sizes]
        for d in claim.DIMENSIONS
    }
    places = {
        f"cell_neighbours_{d}": [regime.neighbours(d, claim.TEMPERATURES, n) for n in sizes]
        for d in claim.DIMENSIONS
    }
    return ground() | {name: np.array(found) for name, found in (cells | places).items()}


def ground_of_steps(d: int) -> dict[str, np.ndarray]:
    """The error of k steps over tokens, (steps, tokens), nan where a token has fewer than
    STEP_NEIGHBOURS others that count: first order in 1/N says nothing there. And that of fresh
    tokens at each step."""
    rows, fresh = [], []
    for k in STEP_CURVE:
        eps = claim.TIME / k
        least = regime.copying_border(d, eps, 1 / STEP_NEIGHBOURS)
        known = np.where(least <= STEP_TOKENS, STEP_TOKENS, np.nan)
        for found, error in ((rows, many_steps.relative_error), (fresh, many_steps.fresh_error)):
            found.append([error(d, k, eps, n) if n > 0 else n for n in known])
    return {
        "step_tokens": STEP_TOKENS, "step_temperatures": claim.TIME / np.array(STEP_CURVE),
        f"steps_{d}": np.array(rows), f"fresh_{d}": np.array(fresh),
    }  # fmt: skip


@cache
def ground() -> dict[str, np.ndarray]:
    """What no parameter changes: computed once."""
    eps, tokens = CURVE_TEMPERATURES, CURVE_TOKENS
    out = {"tokens": tokens, "temperatures": eps}
    for d in claim.DIMENSIONS:
        out[f"errors_{d}"] = np.array(
            [[regime.relative_error(d, e, int(n)) for n in tokens] for e in eps]
        )
        few = tokens[np.linspace(0, len(tokens) - 1, 12).astype(int)]
        best = [best_temperature(d, int(n), own=True)[0] for n in few]
        out[f"best_{d}"] = np.array([few, best])
        out[f"needed_{d}"] = np.array([regime.tokens_needed(d, error) for error in claim.ROUND])
        out[f"bias_{d}"] = np.array([regime.bias_border(d, error) for error in claim.ROUND])
        out[f"noise_{d}"] = np.array([regime.noise_border(d, eps, error) for error in claim.ROUND])
        out[f"copying_{d}"] = regime.copying_border(d, eps)
        out[f"copied_{d}"] = regime.copying_border(d, eps, regime.copied_share(d))
        # where cells stand on the plane of heads
        out[f"neighbours_{d}"] = regime.neighbours(d, eps[:, None], tokens)
        for name, steps in ((f"clocks_{d}", eps), (f"cell_clocks_{d}", claim.TEMPERATURES)):
            out[name] = np.array([regime.clock_over_length(d, e) for e in steps])
        # the rival of the noise border: the kernel in place of its square
        wrong = regime.noise_constant(d, 4.0) / regime.noise_constant(d)
        out[f"rival_{d}"] = out[f"noise_{d}"] * wrong
        out |= ground_of_steps(d)
    return out
