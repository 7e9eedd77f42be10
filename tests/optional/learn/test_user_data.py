"""Files of the user: what is read, and what is refused in one line."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from simulations.learn.tokens import patch_of, patches
from simulations.learn.training import Trial, scored
from simulations.learn.user_data import read_data
from theory.claims import metric_attention as claim
from theory.setting.checks import InputError

N = 60
LABELS = np.arange(N) % 3
RNG = np.random.default_rng(4)
TOKENS = RNG.standard_normal((N, 5, 2)) + 3 * LABELS[:, None, None]
IMAGES = RNG.standard_normal((N, 9, 6)) + 3 * LABELS[:, None, None]
MASKS = {name: np.arange(N) // 20 == k
         for k, name in enumerate(("train_mask", "val_mask", "test_mask"))}  # fmt: skip


def written(folder, **arrays):
    path = folder / "data.npz"
    np.savez(path, **{k: v for k, v in arrays.items() if v is not None})
    read_data.cache_clear()
    return str(path)


@pytest.mark.parametrize("content", [{"tokens": TOKENS}, {"images": IMAGES}])
def test_a_run_learns_what_a_file_holds(tmp_path, content):
    path = written(tmp_path, labels=LABELS, **content)
    trial = Trial(claim.DATA, claim.METRIC, seed=1, number=0, steps=100, path=path)
    assert scored(trial, 1e-2)[claim.ACCURACY] > 0.8


def test_declared_splits_are_kept(tmp_path):
    splits = read_data(written(tmp_path, tokens=TOKENS, labels=LABELS, **MASKS)).splits(1, 0)
    np.testing.assert_array_equal(splits.test.labels, LABELS[40:])
    content = splits.training.tokens[..., : splits.training.content]
    np.testing.assert_allclose(content.mean((0, 1)), 0, atol=1e-6)
    np.testing.assert_allclose(content.std((0, 1)), 1, rtol=1e-5)


def test_patches_hold_every_pixel_once():
    image = np.arange(9 * 6, dtype=float).reshape(1, 9, 6, 1) + 1
    tokens = patches(image)
    assert tokens.shape == (1, 15, 4 + 15) and patch_of(28, 28) == 4
    held = tokens[..., :4]
    assert sorted(held[held > 0]) == list(range(1, 55))


TOO_WIDE = np.zeros((N, 300, 2))
BAD = {
    "neither": {"labels": LABELS},
    "tokens and images": {"tokens": TOKENS, "images": IMAGES, "labels": LABELS},
    "no array labels": {"tokens": TOKENS},
    "got shape (5, 2)": {"tokens": TOKENS[0], "labels": LABELS},
    "finite": {"tokens": np.full_like(TOKENS, np.nan), "labels": LABELS},
    "at most 256": {"tokens": TOO_WIDE, "labels": LABELS},
    "none empty": {"tokens": TOKENS[:, :0], "labels": LABELS},
    "at least 8": {"tokens": TOKENS[:3], "labels": LABELS[:3]},
    "labels have the shape": {"tokens": TOKENS, "labels": LABELS[1:]},
    "of float64": {"tokens": TOKENS, "labels": LABELS + 0.5},
    "labels lie from": {"tokens": TOKENS, "labels": LABELS - 1},
    "one class": {"tokens": TOKENS, "labels": 0 * LABELS},
    "all three or none": {"tokens": TOKENS, "labels": LABELS, "val_mask": MASKS["val_mask"]},
    "empty split": {"tokens": TOKENS, "labels": LABELS, **MASKS, "val_mask": np.zeros(N, bool)},
    "two splits": {"tokens": TOKENS, "labels": LABELS, **MASKS, "val_mask": np.ones(N, bool)},
    "truth values": {"tokens": TOKENS, "labels": LABELS, **MASKS, "val_mask": np.ones(N)},
}


@pytest.mark.parametrize("words", BAD)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path, words):
    with pytest.raises(InputError) as refusal:
        read_data(written(tmp_path, **BAD[words]))
    assert "\n" not in str(refusal.value) and words in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_a_file_that_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"):
        read_data(str(path))


def test_objects_are_not_unpickled(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_data(written(tmp_path, tokens=np.array([{}], dtype=object), labels=LABELS))
