"""Every head of a `transformers` model of BERT, GPT-2 or Llama style, on texts.

What a layer's attention is given (the tokens X, after the layer norm where the model has one before)
is taken by a hook from the model's own forward pass, and rotary angles with it. PyTorch is needed
by `of` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulations.heads.head import Context, Head
from theory.setting.checks import InputError, shown


@dataclass(frozen=True)
class ModelHead:
    """Head `index` of `layer`, with the tokens of every text as its layer is given them."""

    layer: int
    index: int
    head: Head
    tokens: tuple[np.ndarray, ...]
    causal: bool
    rotations: tuple | None = None

    def contexts(self, head: Head | None = None, tokens=None) -> list[Context]:
        """What it scores on each text; another head, or other tokens, in its place."""
        turned = self.rotations or [None] * len(self.tokens)
        texts = self.tokens if tokens is None else tokens
        at_work = self.head if head is None else head
        return [at_work.on(x, self.causal, r) for x, r in zip(texts, turned, strict=True)]


@dataclass(frozen=True)
class _Style:
    """How a kind of model holds its attention: its layers, and their weights, a head each."""

    layers: Callable
    heads: Callable
    causal: bool
    refused: Callable


def of(model, texts, tokenizer=None) -> tuple[ModelHead, ...]:
    """All heads of a model on texts: strings, with its tokenizer, or sequences of token numbers.

    Raises InputError for a model of another kind, one in training mode, or a text of fewer than two
    tokens.
    """
    style, kind = _style_of(model), model.config.model_type
    if model.training:
        raise InputError("model: is in training mode, its dropout is random; call model.eval()")
    if reason := style.refused(model.config):
        raise InputError(f"model: {kind} with {reason} is not supported")
    numbers = [_numbers(text, tokenizer, model.config) for text in texts]
    if not numbers:
        raise InputError("texts: got none, expected at least one")
    modules = style.layers(model.base_model)
    seen = _inputs(model, modules, numbers)
    found = []
    for layer, module in enumerate(modules):
        tokens = tuple(x for x, _ in seen[layer])
        rotations = tuple(r for _, r in seen[layer]) if seen[layer][0][1] else None
        heads = style.heads(module, model.config, layer)
        found += [
            ModelHead(layer, k, h, tokens, style.causal, rotations) for k, h in enumerate(heads)
        ]
    return tuple(found)


def _numbers(text, tokenizer, config):
    if isinstance(text, str):
        if tokenizer is None:
            raise InputError("texts: got a string, expected a tokenizer as well, or token numbers")
        if not text.strip():
            raise InputError("texts: got an empty text, expected words")
        text = tokenizer(text)["input_ids"]
    numbers = [int(n) for n in text]
    if len(numbers) < 2:
        raise InputError(f"texts: got a text of {len(numbers)} tokens, expected at least 2")
    if len(numbers) > (most := config.max_position_embeddings):
        raise InputError(f"texts: got a text of {len(numbers)} tokens, expected at most {most}")
    if not 0 <= min(numbers) <= max(numbers) < config.vocab_size:
        raise InputError(
            f"texts: got token numbers from {min(numbers)} to {max(numbers)}, expected 0 to "
            f"{config.vocab_size - 1}"
        )
    return numbers


def _inputs(model, modules, numbers):
    """[layer][text] -> (tokens (n, D), (cos, sin) or None), by hooks on the attention modules."""
    import torch

    seen = [[] for _ in modules]

    def listen(layer):
        def hook(module, arguments, named):
            x = arguments[0] if arguments else named["hidden_states"]
            turned = named.get("position_embeddings")
            seen[layer].append((_array(x[0]), turned and tuple(_array(r[0]) for r in turned)))

        return hook

    handles = [
        m.register_forward_pre_hook(listen(k), with_kwargs=True) for k, m in enumerate(modules)
    ]
    try:
        with torch.no_grad():
            for ids in numbers:
                model(input_ids=torch.tensor([ids], device=model.device))
    finally:
        for handle in handles:
            handle.remove()
    return seen


def _array(tensor):
    return tensor.detach().cpu().double().numpy()


def _style_of(model):
    kind = getattr(getattr(model, "config", None), "model_type", None)
    if kind not in STYLES:
        raise InputError(f"model: got {shown(kind)}, expected one of {', '.join(STYLES)}")
    return STYLES[kind]


# --- BERT: encoder, biases, no mask ---


def _bert_heads(attention, config, _layer):
    q, k = attention.query, attention.key
    return _cut(_array(q.weight), _array(k.weight), _array(q.bias), _array(k.bias), config)


def _bert_refused(config):
    if getattr(config, "position_embedding_type", "absolute") not in (None, "absolute"):
        return "relative position embeddings in the score"
    return "a decoder's mask" if config.is_decoder else None


# --- GPT-2: one map for queries, keys and values, inputs in its rows ---


def _gpt2_heads(attention, config, layer):
    w_q, w_k, _ = np.split(_array(attention.c_attn.weight).T, 3)
    b_q, b_k, _ = np.split(_array(attention.c_attn.bias), 3)
    return _cut(w_q, w_k, b_q, b_k, config)


def _gpt2_refused(config):
    if not config.scale_attn_weights:
        return "scores that are not scaled by sqrt(d_k)"
    if config.scale_attn_by_inverse_layer_idx:
        return "scores scaled by the layer"
    return "cross-attention" if config.add_cross_attention else None


# --- Llama: rotary positions, keys shared by groups of queries ---


def _llama_heads(attention, config, _layer):
    q, k = attention.q_proj, attention.k_proj
    b_q, b_k = (None if p.bias is None else _array(p.bias) for p in (q, k))
    return _cut(_array(q.weight), _array(k.weight), b_q, b_k, config, attention.head_dim)


def _llama_refused(config):
    return None


def _cut(w_q, w_k, b_q, b_k, config, d_k=None):
    """Heads of width d_k from stacked maps; a group of queries shares a key."""
    n_heads = config.num_attention_heads
    d_k = d_k or len(w_q) // n_heads
    group = n_heads // (len(w_k) // d_k)
    b_q = np.zeros(len(w_q)) if b_q is None else b_q
    b_k = np.zeros(len(w_k)) if b_k is None else b_k
    queries = [slice(h * d_k, (h + 1) * d_k) for h in range(n_heads)]
    keys = [slice(h // group * d_k, (h // group + 1) * d_k) for h in range(n_heads)]
    return [Head(w_q[q], w_k[k], b_q[q], b_k[k]) for q, k in zip(queries, keys, strict=True)]


STYLES = {
    "bert": _Style(
        lambda m: [layer.attention.self for layer in m.encoder.layer],
        _bert_heads,
        False,
        _bert_refused,
    ),
    "gpt2": _Style(lambda m: [block.attn for block in m.h], _gpt2_heads, True, _gpt2_refused),
    "llama": _Style(
        lambda m: [layer.self_attn for layer in m.layers], _llama_heads, True, _llama_refused
    ),
}
