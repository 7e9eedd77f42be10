"""Attention: the operator, its other normalisations, and the engines that compute it."""

from simulations.attention.operator import (
    AttentionOperator,
    CoarseNodesWarning,
    LonelyTokensWarning,
)

__all__ = ["AttentionOperator", "CoarseNodesWarning", "LonelyTokensWarning"]
