"""Attention with a learned metric, in place of nn.MultiheadAttention."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, linear

from simulations.learn import masks, scores
from simulations.learn.checks import head_width
from simulations.learn.sinkhorn import ITERATIONS, doubly_normalised
from theory.claims.metric_attention import APART, SELF, VARIANTS
from theory.setting.checks import InputError, one_of, positive, share

COSINE_SCALE = 10.0  # at the start (Liu et al. 2022)
FREE = (
    "self",
    "self_apart",
    "cosine",
    "elliptical",
    "sinkhorn",
    "doubly",
)  # maps of queries and keys
BIASED = (SELF, "self_apart")  # all maps, as those of nn.MultiheadAttention
SWEEPS = {"sinkhorn": ITERATIONS, "doubly": 1}  # of columns, then rows


class MetricAttention(nn.Module):
    """Weights softmax(-|W_h (x - y)|^2/temperature), one learned W_h a head.

    The interface, masks and layouts are those of nn.MultiheadAttention; `variant` takes a rival of
    theory.claims.metric_attention.VARIANTS. state_dict: out_proj.weight, out_proj.bias,
    in_proj_weight, whose rows are W of all heads, then those of the values (with two maps: queries,
    keys, values), and in_proj_bias of the values alone, since a bias of W cancels in W(x - y); with
    variants "self" and "self_apart" all names and shapes are those of nn.MultiheadAttention; other
    scores with two maps have no bias of queries and keys. temperature: None is the one at which
    logits vary at the start as those of self-attention (`matched_temperature`). The variants of
    APART hide key i from query i, also where keys are other tokens than queries. A distance is
    computed as |W y|^2 - 2 W x . W y: far from the origin float32 loses what their sizes share.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        variant: str = "metric",
        temperature: float | None = None,
        batch_first: bool = False,
        device=None,
        dtype=None,
    ):
        super().__init__()
        self.head_dim = head_width(embed_dim, num_heads)
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.variant, self.batch_first = one_of("variant", variant, VARIANTS), batch_first
        self.dropout = share("dropout", dropout) if dropout else 0.0
        self.rows = self.head_dim * (2 if variant == "matched" else 1)
        if temperature is None:
            temperature = scores.matched_temperature(self.rows, embed_dim)
        self.temperature = positive("temperature", temperature)
        options = {"device": device, "dtype": dtype}
        self.in_proj_weight = nn.Parameter(torch.empty(sum(self._split()), embed_dim, **options))
        biased = 3 * embed_dim if variant in BIASED else embed_dim
        self.in_proj_bias = nn.Parameter(torch.empty(biased, **options)) if bias else None
        self.out_proj = nn.Linear(embed_dim, embed_dim, bias=bias, **options)
        if variant == "cosine":
            self.log_scale = nn.Parameter(torch.empty(num_heads, 1, 1, **options))
        if variant == "phi":
            self.log_power = nn.Parameter(torch.empty(num_heads, 1, 1, **options))
        self.reset_parameters()

    def _split(self) -> list[int]:
        """Rows of in_proj_weight: maps of the score, then the values."""
        if self.variant in FREE:
            return 3 * [self.embed_dim]
        heads = 1 if self.variant == "shared" else self.num_heads
        return [heads * self.rows, self.embed_dim]

    def reset_parameters(self) -> None:
        """As nn.MultiheadAttention: its Xavier bound is that of a weight of shape (3 E, E)."""
        bound = math.sqrt(6 / (4 * self.embed_dim))
        nn.init.uniform_(self.in_proj_weight, -bound, bound)
        if self.in_proj_bias is not None:
            nn.init.zeros_(self.in_proj_bias)
            nn.init.zeros_(self.out_proj.bias)
        if self.variant == "cosine":
            nn.init.constant_(self.log_scale, math.log(COSINE_SCALE))
        if self.variant == "phi":
            nn.init.zeros_(self.log_power)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
        *,
        previous: Tensor | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Outputs in the layout of the queries, and the weights where they are needed.

        query: (n, E), (n, batch, E), or (batch, n, E) with batch_first; key, value alike with m
        tokens. Masks: as of `masks.added`. Weights: (batch, n, m), or (batch, heads, n, m). As
        there, is_causal is a hint that goes with an attn_mask; without one it hides later keys.
        previous: of the variant "elliptical", the values (batch, heads, m, c) of the layer before
        (`values`); the first layer has none, and is self-attention.
        """
        single = query.ndim == 2
        if key.shape != value.shape or key.ndim != query.ndim:
            shapes = ", ".join(str(tuple(t.shape)) for t in (query, key, value))
            raise InputError(f"query, key, value: got {shapes}, expected as many keys as values")
        queries = self._batched(query, single)
        keys = queries if key is query else self._batched(key, single)
        if single and key_padding_mask is not None:
            key_padding_mask = key_padding_mask[None]
        q, k, v = self.projected(queries, keys, self._batched(value, single))
        if previous is not None:
            q = q * scores.relevance(v, previous)
        shape = (*q.shape[:-1], k.shape[-2])
        hidden = masks.added(
            shape, q, key_padding_mask, attn_mask, is_causal and attn_mask is None,
            self.variant in APART,
        )  # fmt: skip
        p = self.dropout if self.training else 0.0
        if need_weights or self.variant in (*SWEEPS, "phi"):
            weights = dropout(self._weights(q, k, hidden), p) if p else self._weights(q, k, hidden)
            found = weights @ v
        else:
            weights = None
            found = scores.attended(q, k, v, hidden, p)
        out = self.out_proj(found.transpose(1, 2).flatten(2))
        out = out[0] if single else out if self.batch_first else out.transpose(0, 1)
        if not need_weights:
            return out, None
        weights = weights.mean(1) if average_attn_weights else weights
        return out, weights[0] if single else weights

    def _batched(self, t, single):
        if t.ndim != (2 if single else 3) or t.shape[-1] != self.embed_dim:
            raise InputError(f"tokens: got shape {tuple(t.shape)}, expected (.., {self.embed_dim})")
        return t[None] if single else t if self.batch_first else t.transpose(0, 1)

    def projected(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys (batch, heads, n, m'), whose inner product is the logit, and values, of
        tokens (batch, n, E)."""
        *maps, of_values = self.in_proj_weight.split(self._split())
        *biases, bias = self._biases()
        q = self._apart(linear(query, maps[0], biases[0]))
        # one map of one set of tokens is applied once
        alone = key is query and len(maps) == 1
        k = q if alone else self._apart(linear(key, maps[-1], biases[-1]))
        if self.variant in (*BIASED, "elliptical", *SWEEPS):
            q, k = scores.dot(q, k)
        elif self.variant == "phi":
            q, k = q / math.sqrt(self.temperature), k / math.sqrt(self.temperature)
        elif self.variant == "cosine":
            q, k = scores.cosine(q, k, self.log_scale)
        else:
            q, k = scores.metric(q, k, self.temperature)
        if self.variant == "l2":
            return q, k, self._l2_values(value, maps[0], of_values, bias)
        return q, k, self._apart(linear(value, of_values, bias))

    def values(self, tokens: Tensor) -> Tensor:
        """The values (batch, heads, n, c) of tokens (batch, n, E)."""
        *_, of_values = self.in_proj_weight.split(self._split())
        return self._apart(linear(tokens, of_values, self._biases()[-1]))

    def _biases(self):
        if self.in_proj_bias is not None and self.variant in BIASED:
            return self.in_proj_bias.chunk(3)
        return None, None, self.in_proj_bias

    def _l2_values(self, value, w, of_values, bias):
        """W_V,h A_h x with A_h = W_h^T W_h/sqrt(head_dim) (Kim, Papamakarios, Mnih 2021, eq. 15):
        with it L2 attention has a Lipschitz constant."""
        w = w.unflatten(0, (self.num_heads, -1))
        values = of_values.unflatten(0, (self.num_heads, -1))
        mapped = values @ w.transpose(1, 2) @ w / math.sqrt(self.head_dim)
        return self._apart(linear(value, mapped.flatten(0, 1), bias))

    def _apart(self, t):
        """(batch, n, heads * m) to (batch, heads, n, m); one map for all heads is repeated."""
        if t.shape[-1] == self.rows and self.variant == "shared":
            return t[:, None].expand(-1, self.num_heads, -1, -1)
        return t.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def _weights(self, q, k, hidden):
        if self.variant == "phi":
            logits = scores.transformed(q, k, self.log_power.exp())
        else:
            logits = q @ k.transpose(-1, -2)
        logits = logits if hidden is None else logits + hidden
        if self.variant in SWEEPS:
            return doubly_normalised(logits, SWEEPS[self.variant])
        return logits.softmax(-1)
