"""Files of tokens: what is read, and one line for what is not."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.points.reading import chosen, read_points
from theory.setting.checks import InputError


def saved(tmp_path, array, name="x.npy"):
    np.save(tmp_path / name, array, allow_pickle=True)
    return tmp_path / name


def test_tokens_are_distinct_centred_and_chosen_by_the_seed(tmp_path):
    x = np.random.default_rng(0).standard_normal((200, 3)) + 5
    path = saved(tmp_path, np.concatenate([x, x[:20]]))
    found = read_points(path, 100, 1)
    assert (found.in_file, found.coinciding, found.points.shape) == (220, 20, (100, 3))
    assert np.abs(found.points.mean(axis=0)).max() < 1e-12
    assert np.array_equal(found.points, read_points(path, 100, 1).points)
    assert not np.array_equal(found.points, read_points(path, 100, 2).points)
    everything = read_points(path, 1000, 1).points
    assert np.allclose(np.sort(everything[:, 0]), np.sort(x[:, 0] - x[:, 0].mean()))


def test_whole_numbers_and_single_precision_are_taken():
    x = np.random.default_rng(0).integers(0, 1000, (80, 2))
    assert np.array_equal(chosen(x, 80, 0).points, chosen(x.astype(np.float32), 80, 0).points)


BAD = {
    "(any, any)": np.zeros(100),
    "at least 50 tokens": np.random.default_rng(0).standard_normal((10, 2)),
    "not finite": np.full((60, 2), np.nan),
    "expected real ones": np.zeros((60, 2)) + 1j,
    "got text": np.full((60, 2), "a"),
    "largest coordinate is 0": np.zeros((60, 2)),
    "differ, expected at least 50": np.tile([[1.0, 2.0], [2.0, 1.0]], (40, 1)),
    "largest coordinate is 1e+90": 1e90 * np.random.default_rng(0).random((60, 2)) ** 0,
    "largest coordinate is 1e-59": 1e-59 * np.random.default_rng(0).random((60, 2)) ** 0,
    "subtract their mean": 1e8 + 1e-6 * np.random.default_rng(0).random((600, 1)),
    "got shape (60, 0)": np.zeros((60, 0)),
}


@pytest.mark.parametrize("words", BAD)
def test_arrays_that_are_no_tokens_are_refused(words, tmp_path):
    with pytest.raises(InputError) as refused:
        read_points(saved(tmp_path, BAD[words]), 4000, 0)
    assert words in str(refused.value) and "\n" not in str(refused.value)


def test_files_that_are_none_are_refused(tmp_path):
    (tmp_path / "text.npy").write_text("1 2 3")
    (tmp_path / "empty.npy").write_bytes(b"")
    np.savez(tmp_path / "many.npz", a=np.zeros((60, 2)))
    saved(tmp_path, np.array([{}, None], dtype=object), "objects.npy")
    for name in ("text.npy", "empty.npy", "many.npz", "objects.npy", "missing.npy", "."):
        with pytest.raises(InputError, match="points"):
            read_points(tmp_path / name, 4000, 0)


@pytest.mark.parametrize("n", [0, 10, 10**9, 2.5])
def test_numbers_of_tokens_out_of_reach_are_refused(n, tmp_path):
    with pytest.raises(InputError, match="n_tokens"):
        read_points(tmp_path / "x.npy", n, 0)
