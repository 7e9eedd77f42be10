"""Tokens on manifolds: random samples, quadrature nodes, what fills a window, the lift."""

from simulations.tokens.sampling import (
    SAMPLERS,
    Tokens,
    iid_tokens,
    quadrature_tokens,
    stratified_tokens,
)

__all__ = ["SAMPLERS", "Tokens", "iid_tokens", "quadrature_tokens", "stratified_tokens"]
