"""The planted mistakes: each a small change of the measuring or of the predicting code."""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import sympy as sp

from simulations.verdict.sabotage.planting import Mistake

SMALL_ENOUGH = 3e7  # pairs of queries and keys that the plain engine takes in a moment


# --- the operator ---


def with_arguments(change):
    """An __init__ whose bound arguments `change` has altered."""

    def patch(init):
        signature = inspect.signature(init)

        def mistaken(self, *args, **kwargs):
            bound = signature.bind(self, *args, **kwargs)
            bound.apply_defaults()
            change(bound.arguments)
            init(*bound.args, **bound.kwargs)

        return mistaken

    return patch


def hotter(arguments):
    arguments["temperature"] = 1.03 * arguments["temperature"]


def without_self(arguments):
    if arguments["keys"] is None:
        arguments["exclude_self"] = True


def weights_forgotten(arguments):
    keys = arguments["tokens"] if arguments["keys"] is None else arguments["keys"]
    if arguments["weights"] is None and getattr(keys, "weights", None) is not None:
        arguments["weights"] = np.ones(len(keys))


def key_dropped(init):
    """One key in 500 has weight zero."""

    def mistaken(self, *args, **kwargs):
        init(self, *args, **kwargs)
        if self.shape[1] > 500:
            self.key_bias = self.key_bias.copy()
            self.key_bias[250::500] = -np.inf

    return mistaken


def weaker_drift(init):
    """A key bias of -0.02 log deg in self-attention: drift 1.96 instead of 2."""

    def mistaken(self, *args, **kwargs):
        init(self, *args, **kwargs)
        if self.self_attention and not self.__dict__.get("_probed"):
            twin = object.__new__(type(self))
            twin._probed = True
            init(twin, *args, **kwargs)
            self.key_bias = self.key_bias - 0.02 * twin.log_partition

    return mistaken


def wrong_tail(exponents):
    """The exponential is 1e-3 too large where its argument is below -2."""

    def mistaken(problem):
        t = exponents(problem)
        far = t < t.max(axis=1, keepdims=True) - 2
        return np.where(far, t + np.log1p(1e-3), t)

    return mistaken


def plain_engine(init):
    """The definition computes, where it is small enough: so that a mistake in it is run."""

    def mistaken(self, *args, **kwargs):
        init(self, *args, **kwargs)
        if self.shape[0] * self.shape[1] <= SMALL_ENOUGH:
            self._engine = "naive"

    return mistaken


def by_columns(_):
    """Every key hands out its weight once: normalised by columns, not by rows."""

    def mistaken(self, x):
        columns = self._plan.transpose(np.ones((self.shape[0], 1)))
        return self._plan.attend(x / np.maximum(columns, 1e-12))

    return mistaken


def single_precision(matmat):
    def mistaken(self, x):
        return matmat(self, x).astype(np.float32).astype(np.float64)

    return mistaken


# --- tokens and quadrature ---


def other_density(power):
    def patch(draw):
        def mistaken(density, *args):
            from theory.setting.densities import derived_density

            tilted = density.expression ** sp.Rational(power)
            return draw(derived_density(density.manifold, tilted), *args)

        return mistaken

    return patch


def volume_forgotten(draw):
    """Tokens of p in the chart, not with respect to the volume."""

    def mistaken(density, *args):
        flat = dataclasses.replace(
            density, expression=density.expression / density.manifold.volume_expression
        )
        return draw(flat, *args)

    return mistaken


def one_sample_for_all(sampler):
    def mistaken(density, n_tokens, rng):
        return sampler(density, n_tokens, np.random.default_rng(1))

    return mistaken


def uneven_weights(quadrature):
    """Quadrature weights that are 2 % off, up and down along the first axis."""

    def mistaken(manifold, counts, support=None):
        u, w = quadrature(manifold, counts, support)
        return u, w * (1 + 0.02 * np.cos(u[:, 0]))

    return mistaken


def half_as_many_nodes(nodes):
    def mistaken(*args, **kwargs):
        return tuple(max(6, 2 * n // 5) for n in nodes(*args, **kwargs))

    return mistaken


# --- scores and normalisations ---


def transposed(score):
    def mistaken(matrix=None, *args, **kwargs):
        square = matrix is not None and np.ndim(matrix) == 2 and len(set(np.shape(matrix))) == 1
        return score(np.transpose(matrix) if square else matrix, *args, **kwargs)

    return mistaken


def open_window(_):
    return -1e-12


def twice(residual):
    def mistaken(operator, share):
        return residual(operator, 1 - (1 - share) ** 2)

    return mistaken


def one_more(iterate):
    """One step more than asked for."""

    def mistaken(step, current, steps, progress):
        return iterate(step, current, [k + 1 if k else 0 for k in steps], progress)

    return mistaken


def one_neighbour_fewer(top_k):
    def mistaken(tokens, k, **kwargs):
        return top_k(tokens, max(1, k - 1), **kwargs)

    return mistaken


# --- predictions ---


def scaled(factor):
    def patch(function):
        def mistaken(*args, **kwargs):
            return factor * function(*args, **kwargs)

        return mistaken

    return patch


def weaker_solver(operator):
    def mistaken(grid, density, drift_coefficient=2.0):
        return operator(grid, density, 0.98 * drift_coefficient)

    return mistaken


def solver_without_volume(_):
    def mistaken(grid, density, drift_coefficient=2.0):
        from theory.pde.operators import conservative_operator

        def weight(u):
            return density(u) ** drift_coefficient

        return conservative_operator(grid, weight, grid.manifold.inverse_metric)

    return mistaken


def faces_one_cell_off(shifted):
    def mistaken(self, axis):
        points = shifted(self, axis)
        # a cell further on there is nothing beyond a pole or a wall
        if axis is None or self.manifold.axes[axis].kind != "periodic":
            return points
        moved = points.copy()
        moved[:, axis] -= self.spacing[axis]
        low, high = self.support[axis]
        return np.where(moved < low, points, moved) if high > low else points

    return mistaken


def cut_early(terms_needed):
    def mistaken(*args, **kwargs):
        return max(2, int(0.35 * terms_needed(*args, **kwargs)))

    return mistaken


def colder_population(make):
    def mistaken(p, temperature, *args, **kwargs):
        return make(p, 0.97 * temperature, *args, **kwargs)

    return mistaken


def other_constant(_):
    return 1.9


INIT = "simulations.attention.operator.AttentionOperator.__init__"
MATMAT = "simulations.attention.operator.AttentionOperator._matmat"
DRAW = "simulations.tokens.sampling._draw"

MISTAKES = (
    Mistake("temperature 3 % off", {INIT: with_arguments(hotter)}, ("markov", "generator", "spectrum")),
    Mistake("drift 1.96: a key bias of -0.02 log deg", {INIT: weaker_drift}, ("generator", "universality", "learned_metric", "moving_tokens")),
    Mistake("tokens of p^1.05", {DRAW: other_density("21/20")}, ("markov", "generator", "sampling_noise")),
    Mistake("the token itself left out", {INIT: with_arguments(without_self)}, ("generator", "spectrum", "markov", "sampling_noise")),
    Mistake("one key in 500 dropped", {INIT: key_dropped}, ("spectrum", "generator", "conformal_metric", "normalisations")),
    Mistake("exponential 1e-3 too large at large arguments", {INIT: plain_engine, "simulations.attention.engines.naive.exponents": wrong_tail}, ("spectrum", "over_smoothing", "generator")),
    Mistake("quadrature weights 2 % off", {"simulations: theory.setting.quadrature.chart_quadrature": uneven_weights}, ("spectrum", "generator")),
    Mistake("quadrature weights forgotten", {INIT: with_arguments(weights_forgotten)}, ("generator", "spectrum")),
    Mistake("too few quadrature nodes", {"simulations: theory.setting.nodes.nodes_for": half_as_many_nodes, "simulations: theory.setting.nodes.enough_nodes": half_as_many_nodes}, ("generator", "broken_assumptions")),
    Mistake("sqrt(det g) forgotten in the sampler", {DRAW: volume_forgotten}, ("generator", "markov")),
    Mistake("sqrt(det g) forgotten in the solver", {"theory.pde.operators.drift_diffusion_operator": solver_without_volume}, ("solver", "evolution")),
    Mistake("solver's drift 1.96", {"theory.pde.operators.drift_diffusion_operator": weaker_solver}, ("solver", "evolution")),
    Mistake("face coefficient one cell off", {"theory.pde.grid.Grid.shifted": faces_one_cell_off}, ("solver",)),
    Mistake("Chebyshev series cut early", {"theory.pde.chebyshev.terms_needed": cut_early}, ("solver",)),
    Mistake("clock 2 % off", {"theory.clocks.clock": scaled(1.02)}, ("universality", "normalisations")),
    Mistake("one sample for all seeds", {"simulations.tokens.sampling.iid_tokens": one_sample_for_all}, ("markov", "sampling_noise")),
    Mistake("normalised by columns", {MATMAT: by_columns}, ("markov", "generator")),
    Mistake("transposed W", {"simulations: theory.setting.pseudo_metrics.mahalanobis": transposed, "simulations: theory.setting.pseudo_metrics.dot_product": transposed}, ("learned_metric", "transport", "self_attention")),
    Mistake("window open instead of closed", {"simulations.attention.engines.problem.WINDOW_SLACK": open_window}, ("local_attention", "normalisations")),
    Mistake("float32 in one step", {MATMAT: single_precision}, ("markov", "spectrum")),
    Mistake("residual step taken twice", {"simulations.attention.normalisations.residual": twice}, ("normalisations", "over_smoothing")),
    Mistake("one step too many", {"simulations.dynamics.evolve._iterate": one_more}, ("moving_tokens", "evolution")),
    Mistake("one neighbour fewer in top-k", {"simulations.attention.normalisations.top_k": one_neighbour_fewer}, ("normalisations",)),
    Mistake("population value 3 % too cold", {"theory.population.population": colder_population}, ("markov", "sampling_noise", "generator")),
    Mistake("predicted drift 1.9", {"theory.limits.DRIFT_COEFFICIENT": other_constant}, ("generator", "universality")),
)  # fmt: skip
