"""Attention along the edges of a graph, its score a metric or a dot product."""

from __future__ import annotations

from torch import Tensor, nn

from simulations.learn.edge_attention import dot_attention
from simulations.learn.edges import Neighbours, neighbours
from simulations.learn.graph_scores import GraphAttention
from simulations.learn.network import embedding, layer
from theory.claims.metric_attention import GRAPH_SCORES, HEADS, WIDTH


class EdgeAttention(nn.Module):
    """The layer of an arm, each node seeing its neighbours and itself alone.

    It holds a `MetricAttention`, whose maps it uses, so the two are the same on a complete graph.
    Doubly normalised weights need all pairs and are not offered.
    """

    def __init__(self, arm: str):
        super().__init__()
        self.maps = layer(arm)

    def forward(self, x: Tensor, edges: Tensor | Neighbours) -> Tensor:
        """x: (n, E); edges: (2, e), numbers of keys and of queries, or what they come to."""
        tokens = x[None]
        q, k, v = (t[0] for t in self.maps.projected(tokens, tokens, tokens))
        out = dot_attention(q, k, v, neighbours(edges, len(x)))
        return self.maps.out_proj(out.transpose(0, 1).flatten(1))


def edge_layer(arm: str) -> nn.Module:
    """The layer of an arm: GAT's and its kin as published, or attention along edges."""
    return GraphAttention(WIDTH, HEADS, arm) if arm in GRAPH_SCORES else EdgeAttention(arm)


class GraphNetwork(nn.Module):
    """An embedding, pre-norm blocks of edge attention and MLP, and a logit for each node.

    scale: of the embedding at the start, as of `Network`."""

    def __init__(self, arm: str, features: int, depth: int, scale: float = 1.0):
        super().__init__()
        self.embedding, self.norm = embedding(features, scale), nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, 1)
        self.mlps = nn.ModuleList(
            nn.Sequential(
                nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(),
                nn.Linear(2 * WIDTH, WIDTH),
            )
            for _ in range(depth)
        )  # fmt: skip
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(depth))
        self.layers = nn.ModuleList(edge_layer(arm) for _ in range(depth))

    def forward(self, x: Tensor, edges: Tensor | Neighbours) -> Tensor:
        """Logits (n,) of the class 1."""
        x = self.embedding(x)
        for norm, attention, mlp in zip(self.norms, self.layers, self.mlps, strict=True):
            x = x + attention(norm(x), edges)
            x = x + mlp(x)
        return self.head(self.norm(x))[:, 0]
