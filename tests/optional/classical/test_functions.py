"""Functions for users against their libraries, with options that the claim does not take."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.neighbors import KernelDensity, KNeighborsRegressor
from torch_geometric.nn import GATConv

from simulations import classical

RNG = np.random.default_rng(9)
X = RNG.standard_normal((70, 6))
Y = RNG.standard_normal((50, 6))


def close(found, right):
    right = np.asarray(right)
    np.testing.assert_allclose(found, right, rtol=0, atol=1e-12 * np.abs(right).max())


def test_weighted_density():
    weights = RNG.random(70)
    right = KernelDensity(bandwidth=0.8).fit(X, sample_weight=weights).score_samples(Y)
    close(classical.kernel_density(X, 0.8, Y, weights=weights), right)


def test_density_by_the_fast_engine():
    points, queries = RNG.uniform(size=(6000, 2)), RNG.uniform(size=(500, 2))
    right = KernelDensity(bandwidth=0.1).fit(points).score_samples(queries)
    found = classical.kernel_density(points, 0.1, queries, engine="nufft", tolerance=1e-9)
    assert np.abs(found - right).max() < 1e-9


def test_queries_among_the_points():
    values = RNG.standard_normal((70, 2))
    right = KNeighborsRegressor(5, weights="distance").fit(X, values).predict(X[:9])
    close(classical.k_nearest(X, values, X[:9], 5, "distance"), right)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("mask", ["none", "numbers", "pairs"])
def test_heads_with_keys_and_values_of_other_sizes(bias, mask):
    keys, values = RNG.standard_normal((50, 4)), RNG.standard_normal((50, 5))
    module = torch.nn.MultiheadAttention(
        6, 2, kdim=4, vdim=5, bias=bias, batch_first=True, dtype=torch.float64
    )
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter)
    state = {name: array.numpy() for name, array in module.state_dict().items()}
    given = {"none": None, "numbers": RNG.standard_normal((70, 50)),
             "pairs": RNG.random((70, 50)) < 0.3}[mask]  # fmt: skip
    tensors = (torch.tensor(a)[None] for a in (X, keys, values))
    with torch.no_grad():
        right, _ = module(*tensors, attn_mask=None if given is None else torch.tensor(given))
    close(classical.multi_head_attention(X, keys, values, state, 2, given), right[0])


@pytest.mark.parametrize("slope", [0.2, 0.5])
def test_a_graph_with_a_loop_and_an_edge_twice(slope):
    edges = np.array([[0, 1, 2, 2, 5, 5], [1, 0, 2, 3, 4, 4]])
    module = GATConv(6, 4, heads=2, negative_slope=slope, bias=False).double()
    state = {name: array.numpy() for name, array in module.state_dict().items()}
    with torch.no_grad():
        right = module(torch.tensor(Y), torch.tensor(edges))
    close(classical.graph_attention(Y, edges, state, 2, slope), right)
