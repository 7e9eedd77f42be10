"""Scores of one trained network on test examples that were changed; more is better in all."""

from __future__ import annotations

import numpy as np
from torch import nn

from simulations.learn import corruptions
from simulations.learn.attacks import doubled, fgsm, pgd
from simulations.learn.examples import Examples
from simulations.learn.lipschitz import layer_norms
from theory.claims import metric_attention as claim

# of power iteration, whose result is a lower bound: enough for a logarithm
ITERATIONS, GAIN = 100, 1e-4


def robust(network: nn.Module, accuracy, test: Examples, task: str, rng) -> dict[str, np.ndarray]:
    """What is declared for the task, by its names; accuracy(network, examples) is a number."""

    def score(examples):
        return accuracy(network, examples)

    found = {claim.LIPSCHITZ: of_jacobians(network, test, rng)}
    wanted = claim.robustness_of(task)
    if claim.SHIFTED in wanted:
        found |= of_images(score, test)
    if claim.RESCALED in wanted:
        found |= {claim.RESCALED: of_norms(score, test, rng)}
        found |= of_attacks(network, accuracy, test)
    return found


def of_images(score, test: Examples) -> dict[str, np.ndarray]:
    """score(examples) of shifted images (shifts,), the mean of four directions, and of rotated ones
    (angles,)."""
    return {
        claim.SHIFTED: np.array(
            [
                np.mean([score(moved) for moved in corruptions.shifted(test, pixels)])
                for pixels in claim.SHIFTS
            ]
        ),
        claim.ROTATED: np.array(
            [score(corruptions.rotated(test, degrees)) for degrees in claim.ANGLES]
        ),
    }


def of_norms(score, test: Examples, rng) -> np.ndarray:
    """score(examples) (spreads,) of tokens whose norms are rescaled."""
    return np.array([score(corruptions.rescaled(test, s, rng)) for s in claim.NORM_SPREADS])


def of_attacks(network: nn.Module, accuracy, test: Examples) -> dict[str, np.ndarray]:
    """accuracy(network, examples) (budgets,) under FGSM and PGD, on the first examples of test."""
    some = test.some(slice(claim.ATTACKED))
    exact = doubled(network)
    attacks = {
        claim.FGSM: lambda budget: fgsm(network, some, budget),
        claim.PGD: lambda budget: pgd(network, some, budget, claim.PGD_STEPS),
    }
    return {
        name: np.array([accuracy(exact, attack(budget)) for budget in claim.BUDGETS])
        for name, attack in attacks.items()
    }


def of_jacobians(network: nn.Module, test: Examples, rng) -> np.ndarray:
    """Minus the logarithm (layers,) of the largest norm of the Jacobian of each attention layer at
    what it gets of the first test examples."""
    tokens = test.tokens[: claim.LIPSCHITZ_EXAMPLES]
    return -np.log(layer_norms(network, tokens, rng, ITERATIONS, GAIN).max(axis=1))
