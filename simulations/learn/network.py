"""A small transformer: an embedding, pre-norm blocks of attention and MLP, a linear head."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from simulations.learn.attention import MetricAttention
from simulations.learn.scores import matched_temperature
from theory.claims.metric_attention import HEADS, HELD, HOT, MADE_OF, WIDTH


def layer(arm: str) -> MetricAttention:
    """The attention layer of an arm."""
    hot = HOT * matched_temperature(WIDTH // HEADS, WIDTH) if arm == HELD else None
    variant = MADE_OF.get(arm, arm)
    return MetricAttention(WIDTH, HEADS, variant=variant, temperature=hot, batch_first=True)


def embedding(features: int, scale: float) -> nn.Linear:
    """A linear map to the width, PyTorch's start times the scale."""
    made = nn.Linear(features, WIDTH)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter *= scale
    return made


class Block(nn.Module):
    """x + attention(norm x), then x + MLP(norm x) (Xiong et al. 2020, pre-norm)."""

    def __init__(self, arm: str, causal: bool = False):
        super().__init__()
        self.causal = causal
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.mlp = nn.Sequential(
            nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH)
        )
        self.attention = layer(arm)

    def forward(self, x: Tensor, previous: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Tokens (batch, n, E), and the values where the next block asks for them."""
        normed = self.before(x)
        elliptical = self.attention.variant == "elliptical"
        values = self.attention.values(normed) if elliptical else None
        x = x + self.attend(normed, previous, need_weights=False)[0]
        return x + self.mlp(self.between(x)), values

    def attend(self, normed: Tensor, previous: Tensor | None = None, **options):
        """What the attention layer returns for the tokens that it is given."""
        options |= {"is_causal": self.causal, "previous": previous}
        return self.attention(normed, normed, normed, **options)


class Network(nn.Module):
    """Tokens (batch, n, features) to logits: (batch, classes) of their mean, or of each token
    (batch, n, classes).

    What arms share is drawn before what they do not, so paired runs start from the same weights.
    scale: of the embedding at the start; 1 is PyTorch's.
    """

    def __init__(
        self, arm: str, features: int, classes: int, depth: int, pooled: bool,
        causal: bool = False, scale: float = 1.0,
    ):  # fmt: skip
        super().__init__()
        self.pooled = pooled
        self.embedding, self.norm = embedding(features, scale), nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, classes)
        self.blocks = nn.ModuleList(Block(arm, causal) for _ in range(depth))

    def forward(self, tokens: Tensor) -> Tensor:
        x, values = self.embedding(tokens), None
        for block in self.blocks:
            x, values = block(x, values)
        x = self.norm(x)
        return self.head(x.mean(-2) if self.pooled else x)
