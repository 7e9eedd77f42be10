"""Graph attention layers that differ in their score alone: GAT, GATv2, and a metric in its place."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from simulations.learn import scores
from simulations.learn.checks import head_width
from simulations.learn.edge_attention import additive_attention, dot_attention
from simulations.learn.edges import Neighbours, neighbours
from theory.claims.metric_attention import GRAPH_SCORES
from theory.setting.checks import InputError, one_of, positive

SLOPE = 0.2  # of LeakyReLU below 0 (Velickovic et al. 2018, section 3.3)


class GraphAttention(nn.Module):
    """Heads side by side: sums of W_h y over the neighbours y of x, weighted by the softmax of a
    score of theory.claims.metric_attention.GRAPH_SCORES.

    As published: the map of keys is that of the values, no map after it. `key_map` and
    (gatv2) `query_map` have shape (E, E), the rows of head h from h E/heads on; `attention`
    (heads, E/heads), `query_attention` (gat) alike; `bias` (E,). temperature, of gat_metric: None
    is that of `matched_temperature`.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        score: str = "gat",
        *,
        temperature: float | None = None,
        dtype=None,
    ):
        super().__init__()
        width = head_width(embed_dim, num_heads)
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.score = one_of("score", score, GRAPH_SCORES)
        if temperature is None:
            temperature = scores.matched_temperature(width, embed_dim)
        self.temperature = positive("temperature", temperature)
        self.key_map = nn.Parameter(torch.empty(embed_dim, embed_dim, dtype=dtype))
        self.bias = nn.Parameter(torch.empty(embed_dim, dtype=dtype))
        if score == "gatv2":
            self.query_map = nn.Parameter(torch.empty(embed_dim, embed_dim, dtype=dtype))
        if score != "gat_metric":
            self.attention = nn.Parameter(torch.empty(num_heads, width, dtype=dtype))
        if score == "gat":
            self.query_attention = nn.Parameter(torch.empty(num_heads, width, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Glorot's bounds, those of torch_geometric; no bias."""
        for name, parameter in self.named_parameters():
            if name == "bias":
                nn.init.zeros_(parameter)
            else:
                bound = math.sqrt(6 / sum(parameter.shape))
                nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor, edges: Tensor | Neighbours) -> Tensor:
        """(n, E) of tokens (n, E) and edges (2, e), numbers of keys and of queries, or what they
        come to (`neighbours`)."""
        if x.ndim != 2 or x.shape[1] != self.embed_dim:
            raise InputError(f"tokens: got shape {tuple(x.shape)}, expected (n, {self.embed_dim})")
        found = self._attended(x, neighbours(edges, len(x)))
        return found.transpose(0, 1).flatten(1) + self.bias

    def _attended(self, x, seen):
        """(heads, n, E/heads)."""
        values = self._apart(x @ self.key_map.T)
        if self.score == "gatv2":
            mapped = self._apart(x @ self.query_map.T)
            return additive_attention(mapped, values, self.attention, values, seen, SLOPE)
        if self.score == "gat":
            of_keys, of_queries = (
                (values * a[:, None]).sum(-1, keepdim=True)
                for a in (self.attention, self.query_attention)
            )
            one = torch.ones_like(of_keys)
            # the sum of two numbers is the inner product of (x, 1) and (1, y)
            q, k = torch.cat([of_queries, one], -1), torch.cat([one, of_keys], -1)
            return dot_attention(q, k, values, seen, SLOPE)
        return dot_attention(*scores.metric(values, values, self.temperature), values, seen)

    def _apart(self, t):
        """(n, E) to (heads, n, E/heads)."""
        return t.unflatten(-1, (self.num_heads, -1)).transpose(0, 1)
