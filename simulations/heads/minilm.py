"""The 72 heads of the MiniLM sentence encoder (theory/setting/encoder.py) on texts."""

from __future__ import annotations

from simulations.heads.models import ModelHead, of
from theory.setting.encoder import folder, load, sentences

__all__ = ["folder", "load", "sentences", "trained_heads"]


def trained_heads(texts, double: bool = False) -> tuple[ModelHead, ...]:
    """The 72 heads on texts; double: the encoder itself computes in float64, not as it ships.

    Raises InputError where PyTorch or the package is missing.
    """
    model, tokenizer = load()
    return of(model.double() if double else model, texts, tokenizer)
