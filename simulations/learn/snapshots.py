"""Snapshots of the heads of a network while it is trained, in double precision, as arrays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch

from simulations.learn import training
from simulations.learn.descent import descend
from simulations.learn.network import Network
from theory.claims.metric_attention import EVALUATED
from theory.setting.checks import InputError


@dataclass(frozen=True)
class Layer:
    """The heads of one block on sets of tokens.

    tokens: (sets, n, D), what the layer takes. queries, keys: (sets, heads, n, m), whose inner
    product is the logit. maps: W_Q and W_K, each (heads, m, D), up to one factor; biases: b_Q
    (heads, m). spreads: (sets, depths), of the whole layer repeated (`repeated`).
    """

    tokens: np.ndarray
    queries: np.ndarray
    keys: np.ndarray
    maps: tuple[np.ndarray, np.ndarray]
    biases: np.ndarray
    spreads: np.ndarray


@dataclass(frozen=True)
class Snapshot:
    """A network after so many steps: its loss of validation, and the heads of its blocks."""

    step: int
    loss: float
    layers: tuple[Layer, ...]


def snapshots(
    trial: training.Trial, learning_rate: float, steps, n_sets: int, depths
) -> list[Snapshot]:
    """The network of a run at the given steps, on the first sets of its validation split.

    steps: multiples of EVALUATED, increasing, 0 the start. Training is that of the study: same
    start, batches and schedule. Raises InputError for steps at which nobody looks.
    """
    missed = [step for step in steps if step % EVALUATED or not 0 <= step <= trial.steps]
    if missed:
        raise InputError(
            f"steps: got {missed[0]}, expected multiples of {EVALUATED} up to {trial.steps}"
        )
    with one_thread():
        splits = trial.splits()
        network, stream = training.fresh(trial, splits), training.batches(trial, splits.training)
        sets, seen, kept = splits.validation.some(slice(n_sets)), [], []

        def look() -> float:
            step, loss = len(seen) * EVALUATED, training.loss_of(network, splits.validation)
            seen.append(step)
            if step in steps:
                kept.append(Snapshot(step, loss, layers(network, sets.tokens, depths)))
            return loss

        descend(
            network, learning_rate, trial.steps,
            lambda: training.loss(network, next(stream)), look,
        )  # fmt: skip
    return kept


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread of PyTorch: sums in one order, so the same bits whatever the machine has."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def layers(network: Network, tokens, depths) -> tuple[Layer, ...]:
    """The heads of every block on sets of tokens (sets, n, features)."""
    double = deepcopy(network).double().eval()
    taken: list[torch.Tensor] = []
    handles = [
        block.before.register_forward_hook(lambda module, given, out: taken.append(out))
        for block in double.blocks
    ]
    with torch.no_grad():
        double(torch.from_numpy(np.asarray(tokens, dtype=np.float64)))
        for handle in handles:
            handle.remove()
        return tuple(
            _layer(block, x, depths) for block, x in zip(double.blocks, taken, strict=True)
        )


def _layer(block, x, depths) -> Layer:
    queries, keys, _ = block.attention.projected(x, x, x)
    return Layer(
        x.numpy(), queries.numpy(), keys.numpy(), *maps_of(block.attention),
        repeated(block, x, depths),
    )  # fmt: skip


def maps_of(attention) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """W_Q and W_K (heads, m, D) and b_Q (heads, m) of an attention layer, from its state dict.

    One map stands for both where the layer has one.
    """
    width, state = attention.embed_dim, attention.state_dict()
    score = state["in_proj_weight"].detach().numpy()[:-width]
    heads = attention.num_heads
    parts = np.split(score, len(score) // width) if len(score) == 2 * width else [score]
    w_q, w_k = (w.reshape(heads, -1, width) for w in (parts[0], parts[-1]))
    bias = state.get("in_proj_bias")
    if bias is None or len(bias) == width:
        return (w_q, w_k), np.zeros(w_q.shape[:2])
    return (w_q, w_k), bias.detach().numpy()[:width].reshape(heads, -1)


def repeated(block, x, depths) -> np.ndarray:
    """The relative spread of the tokens (sets, depths) after x <- attention(norm x), again and again:
    the whole layer, all its heads and values, without skip and MLP.

    |x - mean over tokens|^2 over |x|^2, both summed, of each set.
    """
    found = []
    for depth in range(1, max(depths) + 1):
        x = block.attention(x, x, x, need_weights=False)[0]
        if depth in depths:
            centred = x - x.mean(1, keepdim=True)
            found.append(((centred**2).sum((1, 2)) / (x**2).sum((1, 2))).numpy())
        x = block.before(x)
    return np.stack(found, axis=1)
