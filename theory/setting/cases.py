"""A closed manifold with a density that varies, and where functions on it are read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import sympy as sp

from theory.setting.densities import Density
from theory.setting.hypotheses import require_closed, require_varying
from theory.setting.manifolds import Manifold, manifold
from theory.setting.quadrature import chart_quadrature
from theory.setting.references import reference_density


@dataclass(frozen=True)
class ProbedManifold:
    """What claims share that measure at fixed points of a closed manifold; each says what is its own.

    name: of the manifold; formula: of the density, or "reference". claim: whose hypotheses these
    are; densities: its reference by the name of the manifold, where it has one; counts: of the
    probes an axis, by dimension.
    """

    name: str
    formula: str
    claim: ClassVar[str]
    densities: ClassVar[dict[str, str]]
    counts: ClassVar[dict[int, int]]

    @cached_property
    def density(self) -> Density:
        own = self.densities.get(self.manifold.name, "reference")
        p = reference_density(self.name, own if self.formula == "reference" else self.formula)
        return require_varying(p, self.claim)

    @cached_property
    def manifold(self) -> Manifold:
        return require_closed(manifold(self.name), self.claim)

    @property
    def features(self) -> tuple[sp.Expr, ...]:
        """H: the coordinates of the embedding."""
        return self.manifold.embedding

    @property
    def initial(self) -> sp.Expr:
        """The feature whose evolution is followed: the first coordinate and half of the last."""
        return self.manifold.embedding[0] + self.manifold.embedding[-1] / 2

    def probes(self) -> tuple[np.ndarray, np.ndarray]:
        """Chart points (n, d) at which functions are read, and their masses p dV, of sum 1."""
        u, volume = chart_quadrature(self.manifold, self.counts[self.manifold.dim])
        mass = volume * self.density(u)
        return u, mass / mass.sum()
