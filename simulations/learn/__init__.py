"""Attention layers that learn: a metric score as a drop-in module, its rivals, and their training.

Needs PyTorch and scikit-learn (requirements-learn.txt); nothing of the core imports this folder.
"""

from __future__ import annotations

from simulations.learn.attention import MetricAttention

__all__ = ["MetricAttention"]
