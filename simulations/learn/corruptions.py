"""What is done to examples so that robustness can be measured; each is a function of a stream."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from simulations.learn.examples import IGNORED, Examples
from theory.setting.checks import InputError, positive, real, whole, within

DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0))


def images(examples: Examples) -> np.ndarray:
    """Images (n, side, side) of examples whose tokens are square patches in rows of an image.

    Raises InputError where they are none: a count of tokens or of content that is no square.
    """
    n, t, _ = examples.tokens.shape
    k, p = _root("tokens", t), _root("coordinates of content", examples.content)
    cut = examples.tokens[..., : examples.content].reshape(n, k, k, p, p)
    return cut.transpose(0, 1, 3, 2, 4).reshape(n, k * p, k * p)


def with_images(examples: Examples, changed: np.ndarray) -> Examples:
    """The examples with the content of these images (n, side, side): the inverse of `images`."""
    n, t, _ = examples.tokens.shape
    k, p = _root("tokens", t), _root("coordinates of content", examples.content)
    cut = changed.reshape(n, k, p, k, p).transpose(0, 1, 3, 2, 4).reshape(n, t, p * p)
    return _with_content(examples, cut)


def shifted(examples: Examples, pixels: int) -> list[Examples]:
    """Images moved by that many pixels in each of four directions; background moves in."""
    found, pixels = images(examples), whole("shift in pixels", pixels, 1)
    fill = _background(found)
    return [
        with_images(
            examples,
            ndimage.shift(found, (0, pixels * down, pixels * right), order=0, cval=fill),
        )
        for down, right in DIRECTIONS
    ]


def rotated(examples: Examples, degrees: float) -> Examples:
    """Images turned about their middle, bilinear between pixels; background turns in."""
    found = images(examples)
    turned = ndimage.rotate(
        found, real("angle in degrees", degrees), axes=(1, 2), reshape=False, order=1,
        cval=_background(found),
    )  # fmt: skip
    return with_images(examples, turned)


def rescaled(examples: Examples, spread: float, rng) -> Examples:
    """Each token's content times exp(spread z), z standard normal: another norm, one direction."""
    spread = positive("spread of log norms", spread)
    factors = np.exp(spread * rng.standard_normal(examples.tokens.shape[:2]))
    return _with_content(examples, examples.tokens[..., : examples.content] * factors[..., None])


def relabelled(examples: Examples, part: float, classes: int, rng) -> Examples:
    """A share of the labels that are asked, rounded to whole ones, drawn anew from all classes.

    A label that is drawn may be the old one: one in `classes` is.
    """
    labels = examples.labels.copy()
    asked = np.flatnonzero(labels != IGNORED)
    count = round(within("share of labels", part, 0.0, 1.0) * len(asked))
    chosen = rng.permutation(asked)[:count]
    labels.flat[chosen] = rng.integers(whole("classes", classes, 2), size=count)
    return replace(examples, labels=labels)


def _with_content(examples, content):
    tokens = examples.tokens.copy()
    tokens[..., : examples.content] = content
    return replace(examples, tokens=tokens)


def _background(found) -> float:
    """The darkest pixel of all: images of ink on nothing."""
    return float(found.min())


def _root(what, count) -> int:
    root = round(count**0.5)
    if root * root != count:
        raise InputError(f"images: got {count} {what}, expected a square number")
    return root
