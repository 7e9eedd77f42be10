"""Characters of the manual that ships with Python, to be continued: a causal task.

The text is `pydoc_data.topics`, what help() shows: English and code. Nothing is downloaded. It
differs between releases of Python, so results name its SHA-256. Some topics repeat parts of others:
each paragraph is taken once.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cache
from pydoc_data.topics import topics

import numpy as np

from simulations.learn.examples import Examples, Splits
from simulations.learn.splitting import parts
from simulations.learn.tokens import with_place

ALPHABET = 48  # the most frequent characters, all others being one more
LENGTH = 32  # tokens of an example
SHORTEST = 40  # characters of a paragraph: shorter ones are headings
COUNTS = (2048, 256, 512)  # examples for training, validation and test


@cache
def manual() -> tuple[str, ...]:
    """The paragraphs of the manual, each once and on one line, in lower case."""
    paragraphs = (p for name in sorted(topics) for p in topics[name].lower().split("\n\n"))
    lines = dict.fromkeys(" ".join(p.split()) for p in paragraphs)
    return tuple(line for line in lines if len(line) >= SHORTEST)


def digest() -> str:
    """SHA-256 of the text."""
    return hashlib.sha256("\0".join(manual()).encode()).hexdigest()


@cache
def alphabet() -> str:
    counts = Counter("".join(manual()))
    return "".join(sorted(counts, key=lambda c: (-counts[c], c))[:ALPHABET])


def text_splits(seed: int, run: int) -> Splits:
    """Windows of a run: whole paragraphs are for training, validation or test."""
    split = []
    for k, (part, count) in enumerate(zip(parts(len(manual()), seed, run), COUNTS, strict=True)):
        # what is tested does not change with the run
        rng = np.random.default_rng([seed, 0 if k == 2 else run, k, 30])
        split.append(windows([manual()[i] for i in part], count, rng))
    return Splits(*split, ALPHABET + 1)


def windows(texts, count: int, rng) -> Examples:
    """So many windows at random places: tokens (count, LENGTH, ...), the character and its place,
    both one-hot; labels (count, LENGTH), the next character of each."""
    places = {character: k for k, character in enumerate(alphabet())}
    codes = np.array([places.get(c, ALPHABET) for c in " ".join(texts)])
    starts = rng.integers(len(codes) - LENGTH, size=count)
    cut = codes[starts[:, None] + np.arange(LENGTH + 1)]
    tokens = with_place(np.eye(ALPHABET + 1)[cut[:, :-1]])
    return Examples(tokens.astype(np.float32), cut[:, 1:], ALPHABET + 1)
