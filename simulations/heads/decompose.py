"""The decomposition of a head: its matrix, its pseudo-metric on tokens, and its Markov kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from simulations.heads.head import Context, Head
from simulations.heads.matrices import MatrixParts, parts
from simulations.heads.measures import NAMES, text_measures
from theory.setting.checks import InputError
from theory.setting.heads import symmetric_and_rotation


@dataclass(frozen=True)
class Decomposition:
    """What the weights say alone, and a row of measures for each text, (texts, len(names))."""

    matrix: MatrixParts
    contexts: tuple[Context, ...]
    measured: np.ndarray
    names: tuple[str, ...] = NAMES

    def mean(self, name: str) -> float:
        """The mean of a measure over the texts that have it; nan where none has."""
        column = self.measured[:, self.names.index(name)]
        known = column[~np.isnan(column)]
        return float(known.mean()) if len(known) else float("nan")


def decompose(
    w_q, w_k, tokens, b_q=None, b_k=None, causal: bool = False, rotations=None, seed: int = 0
) -> Decomposition:
    """Decompose the head W_Q, W_K (d_k, D), b_Q, b_K (d_k,) on the tokens of texts.

    tokens: (n, D) of one text, or a sequence of such; rotations: (cos, sin) of rotary positions for
    each text; seed: of the triples that are looked at. Raises InputError.
    """
    texts = texts_of(tokens)
    head = Head(w_q, w_k, b_q, b_k)
    turned = [None] * len(texts) if rotations is None else rotations
    contexts = tuple(head.on(x, causal, r) for x, r in zip(texts, turned, strict=True))
    return of_contexts(head, contexts, np.random.default_rng(seed))


def of_contexts(head: Head, contexts, rng) -> Decomposition:
    """The decomposition of a head whose scores on the texts are there already."""
    symmetric = symmetric_and_rotation(head.matrix)[0]
    rows = [list(asdict(text_measures(c, symmetric, rng)).values()) for c in contexts]
    return Decomposition(parts(head.matrix), tuple(contexts), np.array(rows))


def texts_of(tokens) -> list:
    """The texts of (n, D), (texts, n, D) or a sequence of (n_i, D). Raises InputError for none."""
    if isinstance(tokens, np.ndarray) and tokens.ndim == 2:
        return [tokens]
    if not isinstance(tokens, np.ndarray | Sequence) or len(tokens) == 0:
        raise InputError("tokens: got no text, expected (n, D) or a sequence of such")
    return list(tokens)
