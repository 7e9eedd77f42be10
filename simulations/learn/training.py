"""One run: a network of an arm is trained on the splits of a run, and scored."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from simulations.learn.corruptions import relabelled
from simulations.learn.descent import descend, from_stream, steps_to
from simulations.learn.examples import IGNORED, Examples, Splits, hidden, noisy
from simulations.learn.network import Network
from simulations.learn.pace import step_ratios
from simulations.learn.real_data import real_splits
from simulations.learn.robustness import robust
from simulations.learn.sequences import sequence_splits
from theory.claims import metric_attention as claim

START, ORDER, CORRUPTION, CHANGES, LABELS = 10, 11, 12, 13, 14  # streams of random numbers of a run


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
    """The network after all steps, and the losses of validation (looks,) of `descend`."""
    network, stream = fresh(trial, splits), batches(trial, splits.training)
    losses = descend(
        network, learning_rate, trial.steps,
        lambda: loss(network, next(stream)), lambda: loss_of(network, splits.validation),
    )  # fmt: skip
    return network, losses


def fresh(trial: Trial, splits: Splits) -> Network:
    """The network at the start, from the run's own stream."""
    first = splits.training
    make = partial(
        Network, trial.arm, first.tokens.shape[-1], splits.classes,
        claim.TASKS[trial.task].depth, first.labels.ndim == 1,
    )  # fmt: skip
    return from_stream(trial.rng(START), make)


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


def validated(trial: Trial, learning_rate: float) -> dict[str, np.ndarray]:
    """The last loss of validation: what the learning rate is chosen by. Test is not touched."""
    _, losses = trained(trial, trial.splits(), learning_rate)
    return {"loss": np.nan_to_num(losses[-1], nan=np.inf)}


def scored(trial: Trial, learning_rate: float) -> dict[str, np.ndarray]:
    """Scores of a run by the names of its quantities, and its losses; test is touched here once."""
    splits = trial.splits()
    network, losses = trained(trial, splits, learning_rate)
    rng, level = trial.rng(CORRUPTION), claim.TASKS[trial.task].loss
    steps, paces = steps_to(losses, level, trial.steps), step_paces(trial, splits)
    found = {
        "losses": losses,
        claim.ACCURACY: accuracy(network, splits.test),
        # minus: less is better, as more is of all others
        claim.STEPS: -math.log(steps),
        claim.SECONDS: -math.log(steps * np.median(paces)),
        "paces": paces,
        claim.NOISY: np.array(
            [accuracy(network, noisy(splits.test, deviation, rng)) for deviation in claim.NOISE]
        ),
        claim.HIDDEN: accuracy(network, hidden(splits.test, rng)),
    }
    found |= robust(network, accuracy, splits.test, trial.task, trial.rng(CHANGES))
    if claim.relabelled(trial.task, trial.arm):
        found[claim.LABELS] = accuracy(
            trained(trial, mislabelled(trial, splits), learning_rate)[0], splits.test
        )
    return found


def mislabelled(trial: Trial, splits: Splits) -> Splits:
    """The splits with a share of the training labels drawn anew, the same for all arms of a run.

    Labels of validation stay: nothing is chosen by them here.
    """
    rng = trial.rng(LABELS)
    changed = relabelled(splits.training, claim.LABEL_SHARE, splits.classes, rng)
    return replace(splits, training=changed)


def step_paces(trial: Trial, splits: Splits) -> np.ndarray:
    """Seconds of a training step over those of self-attention, (turns,); 1 of itself."""
    if trial.arm == claim.SELF:
        return np.ones(claim.PACES)
    few = replace(trial, steps=claim.PACED)
    losses = [partial(loss, examples=e) for e in batches(few, splits.training)]
    networks = (fresh(t, splits) for t in (trial, replace(trial, arm=claim.SELF)))
    return step_ratios(*networks, losses, claim.PACED, claim.PACES)
