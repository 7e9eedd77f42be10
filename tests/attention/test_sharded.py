"""Tokens in shards are attended to as in one piece, whatever the shards are; what cannot be kept to
the tolerance is refused."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.attention.sharded import ShardedAttention, step_of_files
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import squared_distance

BOX = ((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0))


def sphere(n, seed=0):
    x = np.random.default_rng(seed).normal(size=(n, 3))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def in_shards(attention, x, h, weights=None, count=5, targets=None):
    parts = np.array_split(np.arange(len(x)), count)
    modes = attention.add(
        attention.partial_modes(x[p], h[p], None if weights is None else weights[p]) for p in parts
    )
    return attention.read(
        x if targets is None else targets, modes, 1 if h.ndim == 1 else h.shape[1]
    )


@pytest.mark.parametrize("tolerance", [1e-4, 1e-6, 1e-10])
@pytest.mark.parametrize("features", [0, 1, 2, 3, 4])
def test_shards_are_one_piece(tolerance, features):
    x, rng = sphere(6000), np.random.default_rng(1)
    h, weights = 1e5 * rng.uniform(-1, 1, (6000, features)), rng.uniform(0, 2, 6000)
    attention = ShardedAttention(*BOX, 0.05, tolerance, largest=1e5)
    found = in_shards(attention, x, h, weights)
    operator = AttentionOperator(x, squared_distance(), 0.05, weights=weights, engine="dense")
    assert found.shape == h.shape
    assert np.abs(found - operator @ h).max(initial=0) <= 1e5 * tolerance


@pytest.mark.parametrize("dim", [1, 2])
def test_in_fewer_dimensions_and_at_points_that_are_no_tokens(dim):
    rng = np.random.default_rng(dim)
    x, y = rng.uniform(-1, 1, (4000, dim)), rng.uniform(-1, 1, (300, dim))
    h = np.sin(3 * x[:, :1])
    attention = ShardedAttention((-1.0,) * dim, (1.0,) * dim, 0.02, 1e-8)
    exact = AttentionOperator(y, squared_distance(), 0.02, keys=x, engine="dense") @ h
    assert np.abs(in_shards(attention, x, h, targets=y) - exact).max() < 1e-8


def test_a_lost_shard_and_a_shard_that_came_twice_are_seen():
    x = sphere(6000)
    attention = ShardedAttention(*BOX, 0.05)
    parts = np.array_split(np.arange(6000), 4)
    modes = [attention.partial_modes(x[p], x[p]) for p in parts]
    whole = attention.read(x, attention.add(modes), 3)
    for wrong in (modes[1:], [*modes, modes[0]]):
        assert np.abs(attention.read(x, attention.add(wrong), 3) - whole).max() > 1e-3
    assert np.abs(attention.read(x, attention.add(modes[::-1]), 3) - whole).max() < 1e-12


def test_modes_weigh_the_same_whatever_the_number_of_tokens():
    attention = ShardedAttention(*BOX, 0.05)
    few, many = (attention.partial_modes(sphere(n), sphere(n)) for n in (100, 20_000))
    assert few.nbytes == many.nbytes
    assert attention.weight(many) == pytest.approx(20_000, rel=1e-6)


def test_files_are_stepped_as_arrays(tmp_path):
    x = sphere(7000)
    h = np.column_stack([x[:, 2], 50 * x[:, 0] * x[:, 1]])
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "h.npy", h)
    told = []
    arguments = (tmp_path / "x.npy", tmp_path / "h.npy", tmp_path / "out.npy", 0.05)
    step_of_files(*arguments, shard=1000, report=lambda done, total: told.append((done, total)))
    exact = AttentionOperator(x, squared_distance(), 0.05, engine="dense") @ h
    assert np.abs(np.load(tmp_path / "out.npy") - exact).max() < 50e-6
    assert told == [(k, 14) for k in range(1, 15)]


def test_a_step_that_fails_leaves_no_half_file(tmp_path):
    x = sphere(3000)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "h.npy", x[:, 0])

    def stop(done, total):
        if done == 6:  # of 8: some of the result is written
            raise KeyboardInterrupt

    arguments = (tmp_path / "x.npy", tmp_path / "h.npy", tmp_path / "out.npy", 0.05)
    with pytest.raises(KeyboardInterrupt):
        step_of_files(*arguments, shard=900, report=stop)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["h.npy", "x.npy"]


def test_a_point_without_neighbours_is_refused():
    x = sphere(3000)
    attention = ShardedAttention(*BOX, 0.01)
    modes = attention.partial_modes(x, x)
    assert attention.read(x[:5], modes, 3).shape == (5, 3)
    with pytest.raises(InputError, match="1 of 2 points have too few neighbours"):
        attention.read(np.array([x[0], [0.0, 0.0, 0.0]]), modes, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ShardedAttention((0.0,), (0.0,), 0.1), "low: got .0.0., expected less than high"),
        (lambda: ShardedAttention((0.0,) * 4, (1.0,) * 4, 0.1), "got 4 and 4 numbers"),
        (lambda: ShardedAttention(*BOX, -1.0), "temperature: got -1"),
        (lambda: ShardedAttention(*BOX, 0.1, 1e-14), "tolerance: got 1e-14"),
        (
            lambda: ShardedAttention(*BOX, 0.1).partial_modes(2 * sphere(9), np.ones(9)),
            "points: got",
        ),
        (
            lambda: ShardedAttention(*BOX, 0.1).partial_modes(sphere(9), 3 * np.ones(9)),
            "values: the",
        ),
        (
            lambda: ShardedAttention(*BOX, 0.1).partial_modes(sphere(9), np.ones(9), -np.ones(9)),
            "weights: the smallest is -1",
        ),
        (lambda: ShardedAttention(*BOX, 0.1).read(sphere(9), np.ones(3), 1), "modes: got shape"),
        (lambda: ShardedAttention.add([]), "modes: got no shard"),
        (lambda: ShardedAttention.add([np.ones((2, 3)), np.ones((2, 1))]), "modes: got shapes"),
        (lambda: ShardedAttention(*BOX, 0.1).partial_modes(sphere(2), [[1], [2, 3]]), "values: "),
        (lambda: ShardedAttention(*BOX, 1e-9), "temperature: got 1e-09 for a box"),
        (
            lambda: ShardedAttention((-1e308,), (1e308,), 0.1),
            "low, high: got .* expected numbers up to 1e.100",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_tokens_without_weight_and_modes_that_are_no_numbers_are_refused():
    x, attention = sphere(50), ShardedAttention(*BOX, 0.1)
    nothing = attention.partial_modes(x, x, np.zeros(50))
    with pytest.raises(InputError, match="50 of 50 points have too few neighbours"):
        attention.read(x, nothing, 3)
    with pytest.raises(InputError, match="modes: some are not finite"):
        attention.read(x, nothing * np.nan, 3)
    whole = attention.partial_modes(x, x)
    assert np.array_equal(attention.read(x, whole.tolist(), 3), attention.read(x, whole, 3))


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("x", np.full((9, 3), np.nan), "points: some are not finite"),
        ("h", np.full(9, np.inf), "values: some are not finite"),
        ("h", np.ones((9, 0)), "h.npy: got float64 of shape"),
        ("x", np.ones((9, 4)), "points: got shape"),
        ("h", np.ones(8), "values: got 8 in"),
        ("h", np.ones(9, np.float32), "h.npy: got float32"),
    ],
)
def test_bad_files_are_named(tmp_path, name, array, message):
    np.save(tmp_path / "x.npy", sphere(9))
    np.save(tmp_path / "h.npy", np.ones(9))
    np.save(tmp_path / f"{name}.npy", array)
    with pytest.raises(InputError, match=message):
        step_of_files(tmp_path / "x.npy", tmp_path / "h.npy", tmp_path / "out.npy", 0.1)


def test_a_target_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    for name in ("x", "h"):
        np.save(tmp_path / f"{name}.npy", sphere(9))
    (tmp_path / "file").write_text("")
    for out in (tmp_path, tmp_path / "file" / "out.npy"):
        with pytest.raises(InputError, match="out"):
            step_of_files(tmp_path / "x.npy", tmp_path / "h.npy", out, 0.1)


def test_points_on_one_place_have_a_box():
    assert in_shards(
        ShardedAttention((1e20,), (3e20,), 1e40), np.full((9, 1), 2e20), np.ones(9)
    ) == (pytest.approx(1.0))


@pytest.mark.parametrize("content", [b"no array", b"", None])
def test_what_is_no_array_on_disk_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / "x.npy").write_bytes(content)
    with pytest.raises(InputError, match="x.npy"):
        step_of_files(tmp_path / "x.npy", tmp_path / "x.npy", tmp_path / "out.npy", 0.1)
