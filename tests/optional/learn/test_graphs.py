"""Attention on graphs: the layer on all pairs, and files that cannot be used."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from simulations.learn import protocol  # noqa: E402
from simulations.learn.graph_network import EdgeAttention, GraphNetwork  # noqa: E402
from simulations.learn.graph_training import GraphTrial, scored  # noqa: E402
from simulations.learn.graphs import both_ways, read_graph  # noqa: E402
from theory.claims import metric_attention as claim  # noqa: E402
from theory.setting.checks import InputError  # noqa: E402

N = 40
RNG = np.random.default_rng(5)


def arrays():
    labels = np.arange(N) % 2
    masks = np.zeros((3, 2, N), dtype=bool)
    for k, part in enumerate((slice(0, 20), slice(20, 30), slice(30, N))):
        masks[k, :, part] = True
    return {
        "node_features": labels[:, None] + RNG.standard_normal((N, 3)),
        "node_labels": labels,
        "edges": np.array([[i, (i + 2) % N] for i in range(N)]),
        **dict(zip(("train_masks", "val_masks", "test_masks"), masks, strict=True)),
    }


def written(folder, **changed):
    path = folder / "graph.npz"
    np.savez(path, **{k: v for k, v in (arrays() | changed).items() if v is not None})
    read_graph.cache_clear()
    return str(path)


@pytest.mark.parametrize("arm", ["self", "metric", "matched", "cosine", "l2", "shared"])
def test_on_a_complete_graph_it_is_the_layer(arm):
    made, x = EdgeAttention(arm).double(), torch.from_numpy(RNG.standard_normal((7, claim.WIDTH)))
    pairs = np.array([[i, j] for i in range(7) for j in range(i)])
    right, _ = made.maps(x, x, x)
    found = made(x, torch.from_numpy(both_ways(pairs, 7)))
    torch.testing.assert_close(found, right, rtol=0, atol=1e-12)


def test_edges_go_both_ways_once_with_loops():
    found = both_ways(np.array([[0, 1], [1, 0], [2, 2]]), 3)
    assert found.T.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [2, 2]]


def test_a_run_learns_what_the_features_tell(tmp_path):
    trial = GraphTrial(written(tmp_path), "metric", seed=1, number=0, steps=30)
    assert scored(trial, 1e-2)[claim.AUC] > 0.7


def test_a_graph_starts_at_the_scale_that_is_asked_for(tmp_path):
    """Asked for another start, a study of a graph must not run the usual one under its name."""
    path, made = written(tmp_path), []
    for scale in (1.0, 4.0):
        p = claim.Parameters(tasks=(claim.NONE,), graphs=(path,), embedding=scale)
        asked = protocol.trial(p, claim.graph_task(path), claim.METRIC, 0)
        torch.manual_seed(1)
        made.append(GraphNetwork(asked.arm, 3, 1, asked.embedding))
    x = torch.ones(2, 3)
    torch.testing.assert_close(made[1].embedding(x), 4 * made[0].embedding(x))


BAD = {
    "no array": {"edges": None},
    "NaN": {"node_features": np.full((N, 3), np.nan)},
    "expected whole": {"node_labels": np.zeros(N - 1, dtype=int)},
    "expected 0 to": {"edges": np.array([[0, N]])},
    "empty split": {"test_masks": np.zeros((2, N), dtype=bool)},
    "(e, 2)": {"edges": np.zeros((2, 5), dtype=int)},
    "of the shape (e": {"edges": np.array(3)},
    "in two masks": {"val_masks": np.ones((2, N), dtype=bool)},
    "3, 2, 2 splits": {"train_masks": np.eye(3, N, dtype=bool) | (np.arange(N) < 10)},
    "expected truth values": {"test_masks": np.zeros((0, N), dtype=bool)},
    "one column or more": {"node_features": np.zeros((N, 0))},
    "whose squares are numbers": {"node_features": 1e300 * np.arange(N)[:, None]},
    "one class": {"node_labels": np.zeros(N, dtype=int)},
}


@pytest.mark.parametrize("words", BAD)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path, words):
    with pytest.raises(InputError) as refusal:
        read_graph(written(tmp_path, **BAD[words]))
    assert "\n" not in str(refusal.value)
    assert words in str(refusal.value) or words == "NaN"


def test_an_array_in_the_place_of_an_archive_is_refused(tmp_path):
    path = tmp_path / "graph.npz"
    with path.open("wb") as file:
        np.save(file, np.arange(3))
    with pytest.raises(InputError, match="cannot be read"):
        read_graph(str(path))


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_a_file_that_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"cannot be read"):
        read_graph(str(path))
