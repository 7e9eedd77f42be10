"""The pseudo-metric by which an operator attends, from a score that claims share."""

from __future__ import annotations

from theory.setting.pseudo_metrics import PseudoMetric, dot_product
from theory.setting.scores import Score


def pseudo_metric(score: Score) -> PseudoMetric:
    """f = -x^T W y for a score that has a matrix W, else its formula, compiled."""
    return score.pseudo_metric if score.matrix is None else dot_product(score.matrix)
