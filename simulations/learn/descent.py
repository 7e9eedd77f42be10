"""Training, the same for every task and arm."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from theory.claims.metric_attention import EVALUATED, WEIGHT_DECAY

LARGEST_STEP = 1.0  # norm of a gradient, longer ones are cut
HIGHEST = 10.0  # nats: of a loss that an area counts


def descend(
    network: nn.Module, learning_rate: float, steps: int, training, validation,
    *, weight_decay: float = WEIGHT_DECAY, after=None,
) -> np.ndarray:  # fmt: skip
    """All steps of AdamW, the rate falling as a cosine: the losses of validation (looks,), the
    first before the first step. training() is the loss of the next batch, validation() a number;
    after(), where there is one, is called when a step is done."""
    optimiser = adam(network, learning_rate, weight_decay)
    losses = [validation()]
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = learning_rate * (1 + math.cos(math.pi * step / steps)) / 2
        advance(network, optimiser, training)
        if after is not None:
            after()
        if (step + 1) % EVALUATED == 0:
            losses.append(validation())
    return np.array(losses)


def adam(
    network: nn.Module, learning_rate: float, weight_decay: float = WEIGHT_DECAY
) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        network.parameters(), lr=learning_rate, weight_decay=weight_decay, fused=True
    )


def advance(network: nn.Module, optimiser: torch.optim.Optimizer, training) -> None:
    """One step against the gradient of training(), which is cut where it is long."""
    optimiser.zero_grad()
    training().backward()
    nn.utils.clip_grad_norm_(network.parameters(), LARGEST_STEP)
    optimiser.step()


def steps_to(losses: np.ndarray, level: float, steps: int) -> int:
    """Steps to the first look at a loss of at most that level; all steps where it is not reached."""
    reached = np.flatnonzero(losses <= level)
    return max(EVALUATED, int(reached[0]) * EVALUATED) if len(reached) else steps


def area_saved(losses: np.ndarray) -> float:
    """Minus the mean loss over the steps, by the trapezoidal rule: more is better.

    A loss that is no number, or larger, counts as HIGHEST: one run that fails is bad, not infinite.
    """
    kept = np.minimum(np.nan_to_num(losses, nan=HIGHEST, posinf=HIGHEST), HIGHEST)
    return -float(np.trapezoid(kept) / (len(kept) - 1))


def from_stream(rng, make):
    """What make() makes with PyTorch's generator set from a stream, which is left as it was."""
    with torch.random.fork_rng():
        torch.manual_seed(int(rng.integers(2**62)))
        return make()
