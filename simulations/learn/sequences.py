"""Tasks with a known answer: one is a metric's by construction, one no metric's, one anyone's.

`nearest`: labelled points, and one that asks: the answer is the label of the nearest, in the first
two of four coordinates. A metric with W = the projection on these answers exactly as T -> 0.

`successor`: all symbols of a cycle in random order, each with a random label; each asks for the
label of its successor. With one symmetric score no layer attends most to the successor everywhere:
f(s, s + 1) < f(s, s - 1) = f(s - 1, s) for all s would fall all the way round the cycle. What a
network reads around this, with several heads and what the MLP knows of s, is not excluded.

`recall`: pairs of a key and a value, and keys that ask for the value they were paired with, as of
an associative memory. Equal keys attract each other by either score.
"""

from __future__ import annotations

import numpy as np

from simulations.learn.examples import IGNORED, Examples, Splits

COUNTS = (4096, 512, 1024)  # examples for training, validation and test
POINTS, DIM, SEEN, LABELS = 8, 4, 2, 4
CYCLE = 8
KEYS, PAIRS, ASKING = 16, 8, 4


def sequence_splits(name: str, seed: int, run: int) -> Splits:
    """Fresh examples of a run: training, validation and test are drawn from streams of their own."""
    make = MAKERS[name]
    parts = (make(n, np.random.default_rng([seed, run, k])) for k, n in enumerate(COUNTS))
    return Splits(*parts, LABELS)


def nearest(n: int, rng) -> Examples:
    """Tokens: coordinates, the label one-hot, and whether it asks, (n, POINTS + 1, 9)."""
    points = rng.standard_normal((n, POINTS + 1, DIM))
    labels = rng.integers(LABELS, size=(n, POINTS))
    distances = ((points[:, :1, :SEEN] - points[:, 1:, :SEEN]) ** 2).sum(-1)
    tokens = np.zeros((n, POINTS + 1, DIM + LABELS + 1), dtype=np.float32)
    tokens[..., :DIM] = points
    tokens[:, 1:, DIM:-1] = np.eye(LABELS)[labels]
    tokens[:, 0, -1] = 1.0
    asked = np.full((n, POINTS + 1), IGNORED)
    asked[:, 0] = labels[np.arange(n), distances.argmin(-1)]
    return Examples(tokens, asked, DIM)


def successor(n: int, rng) -> Examples:
    """Tokens: the symbol and its label, both one-hot, (n, CYCLE, 12)."""
    symbols = rng.permuted(np.tile(np.arange(CYCLE), (n, 1)), axis=1)
    of_symbol = rng.integers(LABELS, size=(n, CYCLE))
    labels = np.take_along_axis(of_symbol, symbols, axis=1)
    asked = np.take_along_axis(of_symbol, (symbols + 1) % CYCLE, axis=1)
    tokens = np.concatenate([np.eye(CYCLE)[symbols], np.eye(LABELS)[labels]], axis=-1)
    return Examples(tokens.astype(np.float32), asked, CYCLE)


def recall(n: int, rng) -> Examples:
    """Tokens: the key, its value and whether it asks, all one-hot, (n, PAIRS + ASKING, 21)."""
    keys = rng.permuted(np.tile(np.arange(KEYS), (n, 1)), axis=1)[:, :PAIRS]
    values = rng.integers(LABELS, size=(n, PAIRS))
    which = rng.permuted(np.tile(np.arange(PAIRS), (n, 1)), axis=1)[:, :ASKING]
    tokens = np.zeros((n, PAIRS + ASKING, KEYS + LABELS + 1), dtype=np.float32)
    tokens[:, :PAIRS, :KEYS] = np.eye(KEYS)[keys]
    tokens[:, :PAIRS, KEYS:-1] = np.eye(LABELS)[values]
    tokens[:, PAIRS:, :KEYS] = np.eye(KEYS)[np.take_along_axis(keys, which, axis=1)]
    tokens[:, PAIRS:, -1] = 1.0
    asked = np.full((n, PAIRS + ASKING), IGNORED)
    asked[:, PAIRS:] = np.take_along_axis(values, which, axis=1)
    return Examples(tokens, asked, KEYS)


MAKERS = {"nearest": nearest, "successor": successor, "recall": recall}
