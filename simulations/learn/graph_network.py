"""Attention along the edges of a graph, its score a metric or a dot product."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from simulations.learn.edges import edge_softmax
from simulations.learn.network import layer
from theory.claims.metric_attention import WIDTH


class EdgeAttention(nn.Module):
    """The layer of an arm, each node seeing its neighbours and itself alone.

    It holds a `MetricAttention`, whose maps it uses, so the two are the same on a complete graph.
    Doubly normalised weights need all pairs and are not offered.
    """

    def __init__(self, arm: str):
        super().__init__()
        self.maps = layer(arm)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        """x: (n, E); edges: (2, e), numbers of keys and of queries."""
        keys, queries = edges
        tokens = x[None]
        q, k, v = (t[0].transpose(0, 1) for t in self.maps.projected(tokens, tokens, tokens))
        logits = (q[queries] * k[keys]).sum(-1)
        weights = edge_softmax(logits, queries, len(x))
        out = torch.zeros_like(v).index_add(0, queries, weights[..., None] * v[keys])
        return self.maps.out_proj(out.flatten(1))


class GraphNetwork(nn.Module):
    """An embedding, pre-norm blocks of edge attention and MLP, and a logit for each node."""

    def __init__(self, arm: str, features: int, depth: int):
        super().__init__()
        self.embedding, self.norm = nn.Linear(features, WIDTH), nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, 1)
        self.mlps = nn.ModuleList(
            nn.Sequential(
                nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(),
                nn.Linear(2 * WIDTH, WIDTH),
            )
            for _ in range(depth)
        )  # fmt: skip
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(depth))
        self.layers = nn.ModuleList(EdgeAttention(arm) for _ in range(depth))

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        """Logits (n,) of the class 1."""
        x = self.embedding(x)
        for norm, attention, mlp in zip(self.norms, self.layers, self.mlps, strict=True):
            x = x + attention(norm(x), edges)
            x = x + mlp(x)
        return self.head(self.norm(x))[:, 0]
