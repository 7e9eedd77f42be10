"""One run: a network of an arm is trained on the splits of a run, and scored."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from simulations.learn import entropy, holding
from simulations.learn.corruptions import relabelled
from simulations.learn.descent import area_saved, descend, from_stream, steps_to
from simulations.learn.examples import IGNORED, Examples, Splits, hidden, noisy
from simulations.learn.network import Network
from simulations.learn.pace import step_ratios
from simulations.learn.real_data import real_splits
from simulations.learn.robustness import robust
from simulations.learn.sequences import MAKERS, sequence_splits
from simulations.learn.text import text_splits
from simulations.learn.user_data import read_data
from theory.claims import metric_attention as claim

# streams of random numbers of a run
START, ORDER, CORRUPTION, OTHER_START, CHANGES, LABELS = range(10, 16)


@dataclass(frozen=True)
class Trial:
    """What fixes a run but for its learning rate and weight decay; runs of the same number are
    paired over arms. path: the file of the task `data`. embedding: its scale at the start."""

    task: str
    arm: str
    seed: int
    number: int
    steps: int
    path: str = ""
    embedding: float = 1.0

    def rng(self, stream: int):
        return np.random.default_rng([self.seed, self.number, stream])

    def splits(self) -> Splits:
        if self.task == claim.DATA:
            return read_data(self.path).splits(self.seed, self.number)
        if self.task == "text":
            return text_splits(self.seed, self.number)
        make = sequence_splits if self.task in MAKERS else real_splits
        return make(self.task, self.seed, self.number)


def trained(
    trial: Trial, splits: Splits, learning_rate: float, weight_decay: float = claim.WEIGHT_DECAY
) -> tuple[Network, np.ndarray]:
    """The network after all steps, and the losses of validation (looks,) of `descend`."""
    network, stream = fresh(trial, splits), batches(trial, splits.training)
    losses = descend(
        network, learning_rate, trial.steps,
        lambda: loss(network, next(stream)), lambda: loss_of(network, splits.validation),
        weight_decay=weight_decay,
        after=holding.holder(network) if trial.arm == claim.HELD else None,
    )  # fmt: skip
    return network, losses


def fresh(trial: Trial, splits: Splits) -> Network:
    """The network at the start, from the run's own stream.

    Where entropies are matched, to those of self-attention from the same stream on the first batch.
    """
    first, design = splits.training, claim.design(trial.task)

    def made(arm):
        make = partial(
            Network, arm, first.tokens.shape[-1], splits.classes, design.depth,
            first.labels.ndim == 1, design.causal, trial.embedding,
        )  # fmt: skip
        return from_stream(trial.rng(OTHER_START if arm == claim.TWIN else START), make)

    network = made(trial.arm)
    if trial.arm == claim.ENTROPY:
        batch = next(batches(trial, first))
        entropy.match(network, made(claim.SELF), torch.from_numpy(batch.tokens))
    return network


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


def level_of(task: str, training: Examples) -> float:
    """The loss to be reached: the declared one, or half of what the shares of the classes give."""
    declared = claim.design(task).loss
    if declared is not None:
        return declared
    shares = np.unique(training.labels, return_counts=True)[1] / training.labels.size
    return -0.5 * float((shares * np.log(shares)).sum())


def validated(trial: Trial, learning_rate: float, weight_decay: float) -> dict[str, np.ndarray]:
    """The last loss of validation: what the setting is chosen by. Test is not touched."""
    _, losses = trained(trial, trial.splits(), learning_rate, weight_decay)
    return {"loss": np.nan_to_num(losses[-1], nan=np.inf)}


def scored(
    trial: Trial, learning_rate: float, weight_decay: float = claim.WEIGHT_DECAY
) -> dict[str, np.ndarray]:
    """Scores of a run by the names of its quantities, and its losses; test is touched here once.

    More is better in every quantity of `claim.quantities_of`.
    """
    splits = trial.splits()
    network, losses = trained(trial, splits, learning_rate, weight_decay)
    rng, level = trial.rng(CORRUPTION), level_of(trial.task, splits.training)
    steps, paces = steps_to(losses, level, trial.steps), step_paces(trial, splits)
    found = {
        "losses": losses,
        claim.ACCURACY: accuracy(network, splits.test),
        claim.STEPS: -math.log(steps),
        claim.SECONDS: -math.log(steps * np.median(paces)),
        claim.PACES_OF: paces,
        claim.AREA: area_saved(losses),
        claim.NOISY: np.array(
            [accuracy(network, noisy(splits.test, deviation, rng)) for deviation in claim.NOISE]
        ),
        claim.HIDDEN: accuracy(network, hidden(splits.test, rng)),
    }
    found |= robust(network, accuracy, splits.test, trial.task, trial.rng(CHANGES))
    if claim.relabelled(trial.task, trial.arm):
        second, _ = trained(trial, mislabelled(trial, splits), learning_rate, weight_decay)
        found[claim.LABELS] = accuracy(second, splits.test)
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
