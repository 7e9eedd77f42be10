"""Attention: the operator, its other normalisations, and the engines that compute it."""

from simulations.attention.operator import AttentionOperator, LonelyTokensWarning

__all__ = ["AttentionOperator", "LonelyTokensWarning"]
