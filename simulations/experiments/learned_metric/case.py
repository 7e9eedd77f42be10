"""One manifold of the claim `learned_metric` with its random W: the setting that its studies share."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import stats

from simulations.experiments.settings import nodes_for, probe_features, require_closed
from simulations.tokens.sampling import quadrature_tokens
from theory.setting.densities import Density
from theory.setting.expressions import compile_array
from theory.learned_metric import pulled_back, relative_density
from theory.limits import generator_terms, gradient_product
from theory.setting.pseudo_metrics import mahalanobis

STRETCH = 1.7  # ratio of the largest to the smallest singular value of W


class Case:
    """One manifold with its random W: the setting, the learned metric and the two densities."""

    def __init__(self, p: Density, parameters, index: int):
        m = require_closed(p.manifold, "learned_metric")
        self.parameters, self.index, self.density = parameters, index, p
        self.name = short_names(parameters.manifolds)[index]
        self.surface, self.full_rank = m.dim > 1, parameters.ranks[index] >= m.ambient_dim
        self.matrix = random_matrix(self.rng(0), parameters.ranks[index], m.ambient_dim)
        self.pseudo_metric = mahalanobis(self.matrix)
        self.learned = pulled_back(m, self.matrix)
        self.p_theta = relative_density(p, self.learned)
        self.features = probe_features(m)
        self.evaluate = compile_array(m.symbols, self.features, (len(self.features),))
        # a surface wants smaller kernels for its bias to be seen, larger ones for a sample to fill them
        self.temperatures = parameters.temperature * (3 if self.surface else 1) / 2.0 ** np.arange(min(parameters.n_levels, 4 if self.surface else 99))
        self.sample_temperatures = parameters.temperature * (4.5 if self.surface else 1) / np.array([1.0, 2.0])
        self.n_tokens = parameters.n_tokens * (4 if self.surface else 1)
        self.n_seeds = parameters.n_seeds // (3 if self.surface else 1)
        self.n_point_seeds = parameters.n_point_seeds // (3 if self.surface else 1)

    @cached_property
    def terms(self):
        """u -> the two terms of L on (M, g_theta) with p_theta, each (n, c)."""
        return generator_terms(self.p_theta, self.features)

    @cached_property
    def wrong_drift(self):
        """u -> <grad log p, grad H> on (M, g_theta): the drift with p in place of p_theta, (n, c)."""
        products = [gradient_product(self.learned, self.density.log_expression, h) for h in self.features]
        return compile_array(self.learned.symbols, products, (len(products),))

    def limits(self, u):
        """(L H with p_theta, L H with p) at chart points u, each (n, c)."""
        laplacian, drift = self.terms(u)
        return laplacian + 2 * drift, laplacian + 2 * self.wrong_drift(u)

    def rng(self, *stream: int):
        return np.random.default_rng([self.parameters.seed, self.index, *stream])

    def quadrature(self, temperature):
        """Tokens that stand for infinitely many, dense enough for a kernel of this temperature in the learned metric."""
        return quadrature_tokens(self.density, nodes_for(self.learned, temperature))


def short_names(specs) -> list[str]:
    """How checks and figures call each manifold: by its name alone where no other has it, else in full."""
    short = ["space curve" if spec.strip().startswith("(") else spec.partition("(")[0].strip() for spec in specs]
    return [name if short.count(name) == 1 else spec for name, spec in zip(short, specs, strict=True)]


def random_matrix(rng, rank: int, dim: int) -> np.ndarray:
    """A random W (rank, dim): Haar rotations about singular values spread over STRETCH, product 1.

    Below full rank W = W' (1 | b) with b uniform in [-0.3, 0.3]: it forgets a direction near the last axes, never
    one in which a curve that winds about them doubles back.
    """
    values = np.geomspace(STRETCH**-0.5, STRETCH**0.5, rank)
    square = stats.ortho_group.rvs(rank, random_state=rng) * values @ stats.ortho_group.rvs(rank, random_state=rng)
    if rank >= dim:
        return square[:, :dim]
    return square @ np.hstack([np.eye(rank), rng.uniform(-0.3, 0.3, (rank, dim - rank))])
