"""One step of a few places on uneven surfaces among infinitely many tokens: for the figure."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.tokens import quadrature_tokens
from theory.claims import moving_tokens as claim
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import reference_density


def drift_fields(run) -> dict[str, np.ndarray]:
    """(A X - X)/eps of each place, (n, D), by the name of its manifold."""

    def study():
        bar = run.progress(claim.FIELDS.items(), label="moving_tokens: drift field")
        return {f"{name}_field": displacements(name, formula) for name, formula in bar}

    return run.remember("drift field", study)


def displacements(name: str, formula: str) -> np.ndarray:
    """Those of one manifold, of tokens with the density of a formula."""
    p, eps = reference_density(name, formula), claim.FIELD_TEMPERATURE
    tokens = quadrature_tokens(p, nodes_for(p.manifold, eps))
    x = p.manifold.embed(claim.field_points(name))
    moved = AttentionOperator(x, GAUSSIAN, eps, keys=tokens) @ tokens.points
    return (moved - x) / eps
