"""Seconds of a training step, of two networks in turn: a busy machine is busy for both."""

from __future__ import annotations

from itertools import cycle

import numpy as np
from torch import nn

from simulations.bench.timing import timed
from simulations.learn.descent import adam, advance
from theory.setting.checks import whole

RATE = 1e-3  # a learning rate, on which the time does not depend


def step_ratios(one: nn.Module, other: nn.Module, losses, steps: int, turns: int) -> np.ndarray:
    """Seconds of `steps` steps of one over those of the other, (turns,).

    losses: functions of a network that give the loss of a batch, used in turn by both. The first
    step of each is not counted; who begins alternates. The networks are trained on, so they are
    used for nothing else.
    """
    whole("steps of a turn", steps, 1), whole("turns", turns, 1)
    sides = [_stepper(network, losses) for network in (one, other)]
    for step in sides:
        step()
    ratios = []
    for turn in range(turns):
        order = (0, 1) if turn % 2 == 0 else (1, 0)
        seconds = {side: timed(lambda side=side: _repeat(sides[side], steps))[0] for side in order}
        ratios.append(seconds[0] / seconds[1])
    return np.array(ratios)


def _stepper(network, losses):
    optimiser, waiting = adam(network, RATE), cycle(losses)

    def step():
        loss = next(waiting)
        advance(network, optimiser, lambda: loss(network))

    return step


def _repeat(step, steps):
    for _ in range(steps):
        step()
