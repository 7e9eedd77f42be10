"""Token sets or images of a file that the user names."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from simulations.learn.examples import Examples, Splits
from simulations.learn.splitting import parts
from simulations.learn.tokens import patches, with_place
from theory.setting.checks import InputError, finite_array

CONTENTS = ("tokens", "images")
MASKS = ("train_mask", "val_mask", "test_mask")
MOST_TOKENS, MOST_FEATURES = 256, 4096  # of a set, and of a token: more would take hours
MOST_CLASSES = 1000
LEAST = 8  # examples


@dataclass(frozen=True)
class UserData:
    """images: (n, height, width, colours), or tokens: (n, t, c), the other being None. labels:
    (n,), from 0. masks: (3, n), of training, validation and test, or None, where the splits are
    those of the other tasks. digest: SHA-256 of the file."""

    images: np.ndarray | None
    tokens: np.ndarray | None
    labels: np.ndarray
    masks: np.ndarray | None
    digest: str

    def splits(self, seed: int, run: int) -> Splits:
        """The splits of a run, the content standardised by the training split: pixels together,
        features of tokens each."""
        if self.masks is None:
            split = parts(len(self.labels), seed, run)
        else:
            split = tuple(map(np.flatnonzero, self.masks))
        content = self.images if self.tokens is None else self.tokens
        axes = None if self.tokens is None else (0, 1)
        mean, scale = content[split[0]].mean(axes), content[split[0]].std(axes)
        scaled = (content - mean) / np.where(scale > 0, scale, 1.0)
        tokens = patches(scaled) if self.tokens is None else with_place(scaled)
        whole = Examples(tokens.astype(np.float32), self.labels, tokens.shape[-1] - tokens.shape[1])
        return Splits(*(whole.some(part) for part in split), int(self.labels.max()) + 1)


@cache
def read_data(path: str) -> UserData:
    """The data of an .npz file: labels (n,), whole numbers from 0, and tokens (n, t, c) or images
    (n, height, width) or (n, height, width, colours); perhaps train_mask, val_mask and test_mask,
    truth values (n,), without which the splits are as of other tasks.

    Raises InputError for a file that is none, in one line that names what is wrong.
    """
    try:
        content = Path(path).read_bytes()
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError(f"data: {path} cannot be read as .npz ({error})") from None
    given = [name for name in CONTENTS if name in arrays]
    if len(given) != 1:
        raise InputError(
            f"data: {path} has {' and '.join(given) or 'neither tokens nor images'}, expected one "
            "of tokens (n, t, c) and images (n, height, width)"
        )
    images, tokens = checked_content(given[0], arrays[given[0]])
    n = len(arrays[given[0]])
    labels = checked_labels(arrays.get("labels"), n)
    masks = checked_masks(arrays, labels)
    return UserData(images, tokens, labels, masks, hashlib.sha256(content).hexdigest())


def checked_content(name, array):
    """(images, tokens), one of which is None."""
    dims = array.ndim
    if name == "tokens":
        tokens = finite_array("data: tokens", array, (None, None, None))
        _, t, c = _not_empty(name, tokens)
        if t > MOST_TOKENS or c > MOST_FEATURES:
            raise InputError(
                f"data: tokens have the shape {tokens.shape}, expected at most {MOST_TOKENS} tokens "
                f"of {MOST_FEATURES} features"
            )
        return None, tokens
    images = finite_array("data: images", array, (None,) * (4 if dims == 4 else 3))
    images = images if dims == 4 else images[..., None]
    _not_empty(name, images)
    return images, None


def _not_empty(name, array):
    if min(array.shape) < 1 or len(array) < LEAST:
        raise InputError(
            f"data: {name} have the shape {array.shape}, expected at least {LEAST} of them, none "
            "empty"
        )
    return array.shape


def checked_labels(labels, n) -> np.ndarray:
    """Whole numbers (n,) from 0, at least two of them."""
    if labels is None:
        raise InputError("data: there is no array labels, expected whole numbers, one an example")
    if labels.dtype.kind not in "iu" or labels.shape != (n,):
        raise InputError(
            f"data: labels have the shape {labels.shape} of {labels.dtype}, expected whole numbers "
            f"of the shape {(n,)}"
        )
    least, most = int(labels.min()), int(labels.max())
    if least < 0 or most >= MOST_CLASSES:
        raise InputError(
            f"data: labels lie from {least} to {most}, expected 0 to {MOST_CLASSES - 1}"
        )
    if least == most:
        raise InputError("data: labels hold one class, expected two or more")
    return labels.astype(np.int64)


def checked_masks(arrays, labels) -> np.ndarray | None:
    """The splits of a file (3, n), or None where it declares none."""
    given = [name for name in MASKS if name in arrays]
    if not given:
        return None
    if missing := set(MASKS) - set(given):
        raise InputError(f"data: there is no array {min(missing)}, expected all three or none")
    for name in MASKS:
        mask = arrays[name]
        if mask.dtype != bool or mask.shape != labels.shape:
            raise InputError(
                f"data: {name} has the shape {mask.shape} of {mask.dtype}, expected truth values "
                f"{labels.shape}"
            )
        if not mask.any():
            raise InputError(f"data: {name} is an empty split, expected some examples in each")
    masks = np.array([arrays[name] for name in MASKS])
    if masks.sum(0).max() > 1:
        raise InputError("data: an example is in two splits, expected each in one at most")
    if len(np.unique(labels[masks[0]])) < 2:
        raise InputError("data: train_mask holds one class, expected two or more")
    return masks
