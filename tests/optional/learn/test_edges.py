"""Attention along edges: a dense computation with masks, precision, and edges that are none."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from simulations.learn.edge_attention import additive_attention, dot_attention  # noqa: E402
from simulations.learn.edges import neighbours  # noqa: E402
from theory.setting.checks import InputError  # noqa: E402

HEADS, N, M, C = 3, 11, 5, 4
RNG = np.random.default_rng(12)
SEEN = RNG.random((N, N)) < 0.4
SEEN[4] = False  # sees nobody
QUERIES, KEYS = (torch.from_numpy(found) for found in np.nonzero(SEEN))
EDGES = torch.stack([KEYS, QUERIES])
SHUFFLED = EDGES[:, torch.from_numpy(RNG.permutation(len(KEYS)))]


def normal(*shape, dtype=torch.float64):
    return torch.from_numpy(RNG.standard_normal(shape)).to(dtype).requires_grad_()


def dense(logits, v):
    """Of logits of all pairs; a query that sees nobody gets 0."""
    hidden = logits.masked_fill(~torch.from_numpy(SEEN), -torch.inf)
    return hidden.softmax(-1).nan_to_num() @ v


@pytest.mark.parametrize("slope", [1.0, 0.2])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_dot_scores_and_gradients_are_those_of_a_masked_softmax(slope, dtype):
    q, k, v = (normal(HEADS, N, m, dtype=dtype) for m in (M, M, C))
    found = dot_attention(q, k, v, neighbours(SHUFFLED, N), slope)
    right = dense(torch.nn.functional.leaky_relu(q @ k.mT, slope), v)
    weight = torch.from_numpy(RNG.standard_normal(right.shape)).to(dtype)
    bound = 1e-12 if dtype == torch.float64 else 2e-5
    torch.testing.assert_close(found, right, rtol=0, atol=bound)
    for ours, theirs in zip(
        *(torch.autograd.grad((x * weight).sum(), (q, k, v)) for x in (found, right)), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=bound)


def test_additive_scores_and_gradients_are_those_of_a_masked_softmax():
    q, k, a, v = normal(HEADS, N, M), normal(HEADS, N, M), normal(HEADS, M), normal(HEADS, N, C)
    found = additive_attention(q, k, a, v, neighbours(EDGES, N), 0.2)
    both = torch.nn.functional.leaky_relu(q[:, :, None] + k[:, None], 0.2)
    right = dense((both * a[:, None, None]).sum(-1), v)
    weight = torch.from_numpy(RNG.standard_normal(right.shape))
    torch.testing.assert_close(found, right, rtol=0, atol=1e-12)
    for ours, theirs in zip(
        *(torch.autograd.grad((x * weight).sum(), (q, k, a, v)) for x in (found, right)),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_the_order_of_edges_changes_rounding_alone_and_large_logits_nothing():
    q, k, v = normal(HEADS, N, M), normal(HEADS, N, M), normal(HEADS, N, C)
    one, other = (dot_attention(1e3 * q, k, v, neighbours(e, N)) for e in (EDGES, SHUFFLED))
    torch.testing.assert_close(one, other, rtol=0, atol=1e-13)
    assert torch.isfinite(one).all() and (one[:, 4] == 0).all()


@pytest.mark.parametrize(
    ("edges", "word"),
    [
        (torch.tensor([[0, N], [0, 1]]), f"expected 0 to {N - 1}"),
        (torch.tensor([[0, -1], [0, 1]]), "from -1"),
        (torch.tensor([0, 1]), "expected whole numbers"),
        (torch.tensor([[0.0, 1.0], [0.0, 1.0]]), "expected whole numbers"),
        (torch.tensor([[True, False], [True, True]]), "expected whole numbers"),
        ([[0], [1]], "got list"),
        (neighbours(torch.tensor([[0], [0]]), 1), "those of 1 tokens"),
    ],
)
def test_edges_that_are_none_are_refused(edges, word):
    with pytest.raises(InputError, match=word):
        neighbours(edges, N)
