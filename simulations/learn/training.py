"""One run: a network of an arm is trained on the splits of a run, and scored."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from simulations.learn.examples import IGNORED, Examples, Splits, hidden, noisy
from simulations.learn.network import Network
from simulations.learn.real_data import real_splits
from simulations.learn.sequences import sequence_splits
from theory.claims import metric_attention as claim

START, ORDER, CORRUPTION = 10, 11, 12  # streams of random numbers of a run


@dataclass(frozen=True)
class Trial:
    """What fixes a run but for its learning rate; runs of the same number are paired over arms."""

    task: str
    arm: str
    seed: int
    number: int
    steps: int

    def rng(self, stream: int):
        return np.random.default_rng([self.seed, self.number, stream])

    def splits(self) -> Splits:
        sequences = self.task in ("nearest", "successor")
        return (sequence_splits if sequences else real_splits)(self.task, self.seed, self.number)


def trained(trial: Trial, splits: Splits, learning_rate: float) -> tuple[Network, np.ndarray]:
    """The network after all steps of AdamW, its rate falling as a cosine, and the losses of
    validation (looks,), the first before the first step."""
    network = fresh(trial, splits)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=learning_rate, weight_decay=claim.WEIGHT_DECAY, fused=True
    )
    losses = [loss_of(network, splits.validation)]
    for step, examples in enumerate(batches(trial, splits.training)):
        share = step / trial.steps
        optimiser.param_groups[0]["lr"] = learning_rate * (1 + math.cos(math.pi * share)) / 2
        optimiser.zero_grad()
        loss(network, examples).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        if (step + 1) % claim.EVALUATED == 0:
            losses.append(loss_of(network, splits.validation))
    return network, np.array(losses)


def fresh(trial: Trial, splits: Splits) -> Network:
    """The network at the start, from the run's own stream."""
    first = splits.training
    with torch.random.fork_rng():
        torch.manual_seed(int(trial.rng(START).integers(2**62)))
        return Network(
            trial.arm, first.tokens.shape[-1], splits.classes,
            claim.TASKS[trial.task].depth, first.labels.ndim == 1,
        )  # fmt: skip


def batches(trial: Trial, training: Examples) -> Iterator[Examples]:
    """As many batches as steps, epoch after epoch in an order that all arms share."""
    rng, waiting = trial.rng(ORDER), np.array([], dtype=int)
    for _ in range(trial.steps):
        while len(waiting) < claim.BATCH:
            waiting = np.concatenate([waiting, rng.permutation(len(training.labels))])
        yield training.some(waiting[: claim.BATCH])
        waiting = waiting[claim.BATCH :]


def loss(network: Network, examples: Examples) -> torch.Tensor:
    logits = network(torch.from_numpy(examples.tokens))
    labels = torch.from_numpy(examples.labels)
    return cross_entropy(logits.flatten(0, -2), labels.flatten(), ignore_index=IGNORED)


def loss_of(network: Network, examples: Examples) -> float:
    with torch.no_grad():
        return float(loss(network, examples))


def accuracy(network: Network, examples: Examples) -> float:
    """The share of labels that are right, of those that are asked."""
    with torch.no_grad():
        found = network(torch.from_numpy(examples.tokens)).argmax(-1).numpy()
    asked = examples.labels != IGNORED
    return float((found == examples.labels)[asked].mean())


def steps_to(losses: np.ndarray, level: float, steps: int) -> int:
    """Steps to the first look at a loss of at most that level; all steps where it is not reached."""
    reached = np.flatnonzero(losses <= level)
    return max(claim.EVALUATED, int(reached[0]) * claim.EVALUATED) if len(reached) else steps


def validated(trial: Trial, learning_rate: float) -> dict[str, np.ndarray]:
    """The last loss of validation: what the learning rate is chosen by. Test is not touched."""
    _, losses = trained(trial, trial.splits(), learning_rate)
    return {"loss": np.nan_to_num(losses[-1], nan=np.inf)}


def scored(trial: Trial, learning_rate: float) -> dict[str, np.ndarray]:
    """Scores of a run by the names of its quantities, and its losses; test is touched here once."""
    splits = trial.splits()
    network, losses = trained(trial, splits, learning_rate)
    rng, level = trial.rng(CORRUPTION), claim.TASKS[trial.task].loss
    return {
        "losses": losses,
        claim.ACCURACY: accuracy(network, splits.test),
        # minus: less is better, as more is of all others
        claim.STEPS: -math.log(steps_to(losses, level, trial.steps)),
        claim.NOISY: np.array(
            [accuracy(network, noisy(splits.test, deviation, rng)) for deviation in claim.NOISE]
        ),
        claim.HIDDEN: accuracy(network, hidden(splits.test, rng)),
    }
