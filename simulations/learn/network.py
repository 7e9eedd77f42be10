"""A small transformer: an embedding, pre-norm blocks of attention and MLP, a linear head."""

from __future__ import annotations

from torch import Tensor, nn

from simulations.learn.attention import MetricAttention
from simulations.learn.scores import matched_temperature
from theory.claims.metric_attention import HEADS, HOT, METRIC, WIDTH


def layer(arm: str) -> MetricAttention:
    """The attention layer of an arm; one starts ten times too hot."""
    if arm == HOT:
        hot = 10 * matched_temperature(WIDTH // HEADS, WIDTH)
        return MetricAttention(WIDTH, HEADS, variant=METRIC, temperature=hot, batch_first=True)
    return MetricAttention(WIDTH, HEADS, variant=arm, batch_first=True)


class Block(nn.Module):
    """x + attention(norm x), then x + MLP(norm x) (Xiong et al. 2020, pre-norm)."""

    def __init__(self, arm: str):
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.mlp = nn.Sequential(
            nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH)
        )
        self.attention = layer(arm)

    def forward(self, x: Tensor) -> Tensor:
        normed = self.before(x)
        x = x + self.attention(normed, normed, normed, need_weights=False)[0]
        return x + self.mlp(self.between(x))


class Network(nn.Module):
    """Tokens (batch, n, features) to logits: (batch, classes) of their mean, or of each token
    (batch, n, classes).

    What arms share is drawn before what they do not, so paired runs start from the same weights.
    """

    def __init__(self, arm: str, features: int, classes: int, depth: int, pooled: bool):
        super().__init__()
        self.pooled = pooled
        self.embedding, self.norm = nn.Linear(features, WIDTH), nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, classes)
        self.blocks = nn.Sequential(*(Block(arm) for _ in range(depth)))

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.norm(self.blocks(self.embedding(tokens)))
        return self.head(x.mean(-2) if self.pooled else x)
