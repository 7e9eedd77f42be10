"""Graph attention layers that differ in their score alone: GAT, GATv2, and a metric in its place."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from simulations.learn.edges import edge_softmax
from simulations.learn.scores import matched_temperature
from theory.setting.checks import InputError, one_of, positive, whole

SLOPE = 0.2  # of LeakyReLU below 0 (Velickovic et al. 2018, section 3.3)
GRAPH_SCORES = {
    "gat": "LeakyReLU(a . [W x || W y]) (Velickovic et al. 2018, eq. 3)",
    "gatv2": "a . LeakyReLU(W_Q x + W_K y) (Brody, Alon, Yahav 2022, eq. 7)",
    "gat_metric": "-|W(x - y)|^2/T, W the map of the values, as GAT has it",
}


class GraphAttention(nn.Module):
    """Heads side by side: sums of W_h y over the neighbours y of x, weighted by the score's softmax.

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
        self.embed_dim, self.num_heads = whole("embed_dim", embed_dim, 1), num_heads
        if embed_dim % whole("num_heads", num_heads, 1):
            raise InputError(
                f"num_heads: got {num_heads}, expected a divisor of embed_dim {embed_dim}"
            )
        self.score = one_of("score", score, GRAPH_SCORES)
        width = embed_dim // num_heads
        if temperature is None:
            temperature = matched_temperature(width, embed_dim)
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

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        """(n, E) of tokens (n, E) and edges (2, e), numbers of keys and of queries."""
        if x.ndim != 2 or x.shape[1] != self.embed_dim:
            raise InputError(f"tokens: got shape {tuple(x.shape)}, expected (n, {self.embed_dim})")
        keys, queries = edges
        values = self._apart(x @ self.key_map.T)
        weights = edge_softmax(self._logits(x, values, keys, queries), queries, len(x))
        messages = weights[..., None] * values[keys]
        return torch.zeros_like(values).index_add(0, queries, messages).flatten(1) + self.bias

    def _logits(self, x, values, keys, queries):
        """(e, heads)."""
        if self.score == "gat":
            of_keys, of_queries = (
                (values * a).sum(-1) for a in (self.attention, self.query_attention)
            )
            return leaky_relu(of_queries[queries] + of_keys[keys], SLOPE)
        if self.score == "gatv2":
            mapped = self._apart(x @ self.query_map.T)
            both = leaky_relu(mapped[queries] + values[keys], SLOPE)
            return (both * self.attention).sum(-1)
        return -(values[queries] - values[keys]).square().sum(-1) / self.temperature

    def _apart(self, t):
        return t.unflatten(-1, (self.num_heads, -1))
