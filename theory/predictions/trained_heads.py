"""Predictions of the claim `trained_heads`: the library's maps, the limits of the kernel, and bounds."""

from __future__ import annotations

import numpy as np
import torch

from theory import heads as forms
from theory.claims import trained_heads as claim
from theory.predictions import Prediction, Same, Value
from theory.setting.encoder import HEADS, load, sentences


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Maps of the library itself; the two forms on its own queries and keys; one-sided statements."""
    maps, queries_and_keys = of_library(parameters)
    temperature = float(np.sqrt(queries_and_keys[0][0].shape[1]))
    local, copied = [], []
    for queries, keys in queries_and_keys:
        allowed = np.ones((len(queries), len(keys)), dtype=bool)
        local.append(forms.local(queries, keys, allowed, temperature))
        copied.append(forms.transport(queries, keys, allowed))
    above_zero = {name: Value(0.0, kind="bound", scale=1.0) for name in claim.DIFFERENCES}
    return {
        claim.LOCAL: Value(claim.HALF, {"all of it": 1.0}, "bound"),
        **above_zero,
        claim.CLOCK: Value(claim.LARGEST_CLOCK, {"uniform attention: 1": 1.0}, "bound"),
        claim.MAPS: Same(flat(maps)),
        claim.ROWS: Value(0.0, kind="identity"),
        claim.RESPONSE: Same(flat(local)),
        claim.COPYING: Same(flat(copied)),
        claim.SYMMETRY: Value(1.0, {"independent maps: 0": 0.0}, "identity"),
        claim.ENTROPY: Value(0.0, kind="identity"),
        claim.IMAGINARY: Value(0.0, kind="identity"),
    }


def of_library(parameters: claim.Parameters):
    """The attention maps (n, n), and queries and keys (n, d_k): by head, then sentence.

    The encoder computes in float64; queries and keys are what its own layers return.
    """
    model, tokenizer = load()
    model = model.double()
    layers = [layer.attention.self for layer in model.encoder.layer[: parameters.n_layers]]
    heard: list[list] = [[] for _ in layers]
    handles = []
    for k, layer in enumerate(layers):
        for module in (layer.query, layer.key):
            handles.append(
                module.register_forward_hook(lambda m, x, out, k=k: heard[k].append(out[0].numpy()))
            )
    maps = []
    with torch.no_grad():
        for text in sentences(parameters.n_maps):
            found = model(**tokenizer(text, return_tensors="pt"), output_attentions=True)
            maps.append([a[0].numpy() for a in found.attentions[: parameters.n_layers]])
    for handle in handles:
        handle.remove()
    ordered, pairs = [], []
    for k in range(parameters.n_layers):
        for h in range(HEADS):
            ordered += [maps[text][k][h] for text in range(parameters.n_maps)]
            pairs += [
                tuple(np.split(each, HEADS, axis=1)[h] for each in heard[k][2 * t : 2 * t + 2])
                for t in range(parameters.n_maps)
            ]
    return ordered, pairs


def flat(arrays) -> np.ndarray:
    """Kernels (n, n) of heads and texts in their order, as one array."""
    return np.concatenate([np.ravel(a) for a in arrays])
