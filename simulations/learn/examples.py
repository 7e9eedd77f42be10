"""What a task hands to training: sets of tokens with labels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from theory.claims.metric_attention import HIDDEN_SHARE

IGNORED = -100  # the label of a token that is not asked, as of PyTorch's cross-entropy


@dataclass(frozen=True)
class Examples:
    """tokens: (n, tokens, features), float32. labels: (n,), or (n, tokens) where tokens are asked.

    content: how many of the features, the first ones, say what a token holds; the others say where
    it is, or whether it asks.
    """

    tokens: np.ndarray
    labels: np.ndarray
    content: int

    def some(self, numbers) -> Examples:
        return replace(self, tokens=self.tokens[numbers], labels=self.labels[numbers])


@dataclass(frozen=True)
class Splits:
    """Examples for training, for the choice of the learning rate, and for the one last score."""

    training: Examples
    validation: Examples
    test: Examples
    classes: int


def noisy(examples: Examples, deviation: float, rng) -> Examples:
    """Normal noise of that standard deviation added to the content."""
    tokens = examples.tokens.copy()
    content = tokens[..., : examples.content]
    content += deviation * rng.standard_normal(content.shape).astype(np.float32)
    return replace(examples, tokens=tokens)


def hidden(examples: Examples, rng) -> Examples:
    """A share of the tokens, drawn for every example, without content: 0, the mean."""
    tokens = examples.tokens.copy()
    gone = rng.random(tokens.shape[:2]) < HIDDEN_SHARE
    tokens[..., : examples.content][gone] = 0.0
    return replace(examples, tokens=tokens)
