"""Heads of trained models: their decomposition, on arrays, from a file, or of a whole model."""

from simulations.heads.decompose import Decomposition, decompose
from simulations.heads.head import Context, Head
from simulations.heads.models import ModelHead, of

__all__ = ["Context", "Decomposition", "Head", "ModelHead", "decompose", "of"]
