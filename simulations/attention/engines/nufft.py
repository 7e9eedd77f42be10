"""Attention with Gaussian weights in up to three dimensions, in time linear in the number of
tokens.

Numerators and denominators are sums of Gaussians (simulations/engines/gauss_transform.py); two
features go through one complex transform. The error of every row is measured on rows of the
transform itself: that picks the accuracy of the transform, and the queries whose denominators are
too small for it, which the dense engine serves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np

from simulations.attention.engines import dense
from simulations.attention.engines.costs import dense_seconds, nufft_seconds
from simulations.attention.engines.gauss_transform import SMALLEST_ACCURACY, GaussTransform, reach
from simulations.attention.engines.gaussian import GaussianForm, gaussian_form
from simulations.attention.engines.pairs import PairPlan
from simulations.attention.engines.problem import Problem, require_keys
from simulations.attention.warn import warn_caller
from theory.setting.checks import InputError, finite_array, positive

LARGEST_DIMENSION = 3
SMALLEST_TOLERANCE = 1e-13
ROUNDS = 3  # attempts to find the accuracy
SAMPLE = 8192  # keys at which the errors of six rows are measured; the bound is twice the largest
MANY_MODES = 2e6  # grid points beyond which two rows must do
NEAR = 1e-3  # a key whose Gaussian is above it is near


class FarTokensWarning(UserWarning):
    """Queries with too few effective neighbours for the fast transform were computed over all pairs
    instead.
    """


def plan(pseudo_metric, queries, keys, temperature, *, tolerance=1e-10, **options):
    """See `simulations.attention.engines.Engine`. Raises InputError for scores that are no
    Gaussians in up to 3 dimensions.
    """
    problem = Problem.checked(pseudo_metric, queries, keys, temperature, **options)
    form = check(problem, tolerance)
    require_keys(np.full(len(form.queries), not np.isfinite(form.key_exponent).any()))
    best = _best_attempt(problem, form, tolerance)
    n, far = len(form.queries), len(best.far)
    if best.cost > dense_seconds(n, len(form.keys), form.dim) and far:
        _warn(
            f"all {n} queries over all pairs, because {far} of them have too few effective "
            "neighbours",
            tolerance,
        )
        return dense.pair_plan(problem)
    if far:
        _warn(
            f"{far} of {n} queries over all pairs, because they have too few effective neighbours",
            tolerance,
        )
    return best


def check(problem: Problem, tolerance: float) -> GaussianForm:
    """The Gaussian form of the problem, or raise InputError where there is none of the engine's."""
    _check_tolerance(tolerance)
    return _require_gaussian(problem)


def _best_attempt(problem, form, tolerance):
    best, accuracy = None, max(SMALLEST_ACCURACY, tolerance / 4)
    for _ in range(ROUNDS):
        attempt = NufftPlan(problem, form, accuracy, tolerance)
        if best is None or attempt.cost < best.cost:
            best = attempt
        accuracy = attempt.better_accuracy()
        if accuracy == attempt.accuracy:
            break
    return best


def _check_tolerance(tolerance):
    if not SMALLEST_TOLERANCE <= positive("tolerance", tolerance) <= 0.1:
        raise InputError(
            f"tolerance: got {tolerance:g}, expected a number from 1e-13 to 0.1 for engine 'nufft'"
        )


def _require_gaussian(problem):
    if problem.squared_window < np.inf:
        raise InputError(
            "engine nufft: got a window, expected none; engine 'truncated' or 'dense' has windows"
        )
    form = gaussian_form(problem)
    if form is None:
        raise InputError(
            f"engine nufft: weights of the score {problem.pseudo_metric.name!r} are no Gaussians, "
            "expected a multiple "
            f"of a squared distance or a dot product; engine 'dense' takes every score"
        )
    if form.dim > LARGEST_DIMENSION:
        raise InputError(
            f"engine nufft: got points of R^{form.dim}, expected at most R^{LARGEST_DIMENSION}"
        )
    return form


def _warn(what, tolerance):
    warn_caller(f"engine nufft, tolerance {tolerance:g}: computes {what}", FarTokensWarning)


@dataclass(frozen=True)
class RowErrors:
    """sum_j w_j |error of K_ij| <= near Z_i + far, for the denominator Z_i = sum_j w_j K_ij of
    every query i.
    """

    near: float
    far: float

    def bound(self, denominators) -> np.ndarray:
        return self.near * denominators + self.far


class NufftPlan:
    """Attention by the transform, except for the queries `far` (k,), which the plan `rest` over all
    pairs serves.

    The memory beyond points and results is at most 150 bytes a token, the oversampled grid (16
    bytes a point), and for each far query as much as the dense engine takes.
    """

    engine = "nufft"

    def __init__(self, problem: Problem, form: GaussianForm, accuracy: float, tolerance: float):
        self.problem, self.accuracy, self.tolerance = problem, accuracy, tolerance
        self._form = form
        near_queries, near_keys = _core(form, reach(form.width, accuracy))
        same = form.queries is form.keys and near_queries is near_keys
        x = form.queries if near_queries is None else form.queries[near_queries]
        y = x if same else form.keys if near_keys is None else form.keys[near_keys]
        self._transform = GaussTransform(x, y, form.width, accuracy, numba.get_num_threads())
        # numbers of the queries and keys that the transform sees, in its order
        self._targets = _numbers(self._transform.targets, near_queries)
        self._sources = self._targets if same else _numbers(self._transform.sources, near_keys)
        exponent = form.key_exponent[self._sources]
        self._shift = exponent.max() if np.isfinite(exponent).any() else 0.0
        self._weights = np.exp(exponent - self._shift)
        with np.errstate(over="ignore"):
            outside = np.exp(form.key_exponent - self._shift).sum() - self._weights.sum()
        self._left_out = max(0.0, outside) * accuracy / 100
        self._own = self._own_terms()
        full = self._transform.apply(self._weights.astype(np.complex128)).real
        denominators = full - self._own
        self.errors = self._row_errors(full)
        self._full, self._denominators = full, denominators
        self.far = self._far_queries(self._bad(self.errors))

    # --- set-up

    def _own_terms(self):
        if not self.problem.exclude_self:
            return np.zeros(len(self._targets))
        form, i = self._form, self._targets
        squared = ((form.queries[i] - form.keys[i]) ** 2).sum(axis=1)
        return np.exp(-squared / (4 * form.width) + form.key_exponent[i] - self._shift)

    def _row_errors(self, full):
        """Measured on entries that the transform gives: rows from the smallest denominator to the
        largest, keys drawn by weight.
        """
        form, rng = self._form, np.random.default_rng(0)
        shares = (
            [0.0, 0.5]
            if self._transform.grid.grid_points > MANY_MODES
            else [0.0, 1e-3, 1e-2, 0.1, 0.5, 1.0]
        )
        rank = np.unique(np.array(shares) * (len(full) - 1)).astype(np.int64)
        x = form.queries[self._targets[np.argpartition(full, rank)[rank]]]
        cumulative = np.cumsum(self._weights)
        drawn = np.searchsorted(cumulative, rng.random(SAMPLE) * cumulative[-1]).clip(
            max=len(cumulative) - 1
        )
        # each row's own point stands for keys that the sample missed
        y = np.concatenate([form.keys[self._sources[drawn]], x])
        exact = np.exp(-((x[:, None] - y) ** 2).sum(axis=2) / (4 * form.width))
        error = np.abs(self._transform.grid.entries(x, y) - exact)
        close = exact > NEAR
        near = ((error * close).sum(axis=1) / exact.sum(axis=1)).max()
        near = max(near, np.diagonal(error[:, SAMPLE:]).max())
        far = (error * ~close)[:, :SAMPLE].mean(axis=1).max() * cumulative[-1]
        return RowErrors(2 * near, 2 * far + self._left_out)

    def _bad(self, errors):
        # numerator and denominator both err
        with np.errstate(divide="ignore", invalid="ignore"):
            share = errors.bound(self._full) / self._denominators
        return ~((share <= self.tolerance / 2) & (self._denominators > 0))

    def _far_queries(self, bad):
        seen = np.zeros(len(self._form.queries), dtype=bool)
        seen[self._targets[~bad]] = True
        return np.flatnonzero(~seen)

    def seconds(self, accuracy) -> float:
        """Of one application at another accuracy, far queries apart."""
        form = self._form
        return nufft_seconds(
            len(form.queries), len(form.keys), accuracy, self._transform.grid.modes, math.inf
        )[0]

    @property
    def cost(self) -> float:
        """Seconds of one application, far queries included."""
        return self.seconds(self.accuracy) + dense_seconds(
            len(self.far), len(self._form.keys), self._form.dim
        )

    def better_accuracy(self) -> float:
        """The accuracy at which transform and far queries together should cost least; the present
        one unless 20 % are saved.
        """
        form = self._form
        always = len(form.queries) - len(self._targets)
        rounding = 4e-16 * self._weights.sum()

        def cost(accuracy):
            ratio = accuracy / self.accuracy
            errors = RowErrors(
                max(self.errors.near * ratio, 1e-14), max(self.errors.far * ratio, rounding)
            )
            far = always + np.count_nonzero(self._bad(errors if ratio != 1 else self.errors))
            return self.seconds(accuracy) + dense_seconds(far, len(form.keys), form.dim)

        choices = [self.accuracy * 10.0**-k for k in np.arange(-2, 8, 0.5) if k]
        choices = [a for a in choices if SMALLEST_ACCURACY <= a <= 1e-2]
        best = min(choices, key=cost)
        return best if cost(best) < 0.8 * cost(self.accuracy) else self.accuracy

    @cached_property
    def _good(self):
        """Which of the targets the transform serves, and the reciprocals of their denominators (0
        for the others).
        """
        good = ~self._bad(self.errors)
        return good, np.divide(1.0, self._denominators, out=np.zeros(len(good)), where=good)

    @cached_property
    def rest(self) -> PairPlan | None:
        """Attention of the far queries over all pairs."""
        return dense.pair_plan(self.problem.rows(self.far)) if len(self.far) else None

    # --- application

    @cached_property
    def log_partition(self) -> np.ndarray:
        """log sum_j exp(t_ij), (n,)."""
        out = np.empty(len(self._form.queries))
        good, _ = self._good
        i = self._targets[good]
        out[i] = np.log(self._denominators[good]) + self._shift + self._form.query_exponent[i]
        if self.rest:
            out[self.far] = self.rest.log_partition
        return out

    def attend(self, values) -> np.ndarray:
        """sum_j exp(t_ij - log_partition_i) values_j, (n, c)."""
        values = self.problem.values(values)
        out = np.empty((len(self._form.queries), values.shape[1]))
        _, inverse = self._good
        for pair in _pairs(values):
            self._put(
                out,
                pair,
                values,
                self._weights,
                self._sources,
                self._targets,
                inverse,
                self._transform.apply,
            )
        if self.rest:
            order = self.problem.keys_first(self.far) if self.problem.exclude_self else slice(None)
            out[self.far] = self.rest.attend(values[order])
        return out

    def transpose(self, values) -> np.ndarray:
        """sum_i values_i exp(t_ij - log_partition_i), (nk, c), of values (n, c)."""
        values = finite_array("values", values, (len(self._form.queries), None))
        out = np.zeros((len(self._form.keys), values.shape[1]))
        _, inverse = self._good
        for pair in _pairs(values):
            self._put(
                out,
                pair,
                values,
                inverse,
                self._targets,
                self._sources,
                self._weights,
                self._transform.adjoint,
            )
        if self.rest:
            order = self.problem.keys_first(self.far) if self.problem.exclude_self else slice(None)
            out[order] += self.rest.transpose(values[self.far])
        return out

    def _put(self, out, pair, values, before, sources, targets, after, transform):
        """out[targets] = after * K (before * values[sources]) for one or two features, less each
        token's own part.
        """
        columns = [values[sources, k] for k in pair]
        # the features share one complex transform: neither may drown in the other
        largest = [np.abs(v).max(initial=0.0) or 1.0 for v in columns]
        field = np.zeros(len(sources), dtype=np.complex128)
        field.real = columns[0] * (before / largest[0])
        if len(pair) == 2:
            field.imag = columns[1] * (before / largest[1])
        del columns
        field = transform(field)
        for k, part, scale in zip(pair, (field.real, field.imag), largest, strict=False):
            out[targets, k] = part * (after * scale)
        if self.problem.exclude_self:
            share = self._own * self._good[1]
            out[self._targets, pair[0] : pair[-1] + 1] -= (
                share[:, None] * values[self._targets, pair[0] : pair[-1] + 1]
            )


def _pairs(values):
    c = values.shape[1]
    return [tuple(range(k, min(k + 2, c))) for k in range(0, c, 2)]


def _numbers(order, kept):
    return order if kept is None else kept[order]


def _core(form, gap):
    """Numbers of the queries and keys that are not farther than `gap` from all the others along
    some axis, or None for all.

    A few points far out would blow up the box; to the others they are worth nothing.
    """
    points = [form.queries] if form.queries is form.keys else [form.queries, form.keys]
    kept = [np.ones(len(p), dtype=bool) for p in points]
    budget = math.isqrt(sum(len(p) for p in points))
    for _ in range(8):
        changed = False
        for axis in range(form.dim):
            low, high = _ends(
                np.concatenate([p[k, axis] for p, k in zip(points, kept, strict=True)]), gap, budget
            )
            for p, k in zip(points, kept, strict=True):
                inside = (p[:, axis] >= low) & (p[:, axis] <= high)
                changed |= bool((k & ~inside).any())
                k &= inside
        if not changed or not all(k.any() for k in kept):
            break
    if all(k.all() for k in kept) or not all(k.any() for k in kept):
        return None, None
    numbers = [np.flatnonzero(k) for k in kept]
    return numbers[0], numbers[-1]


def _ends(t, gap, budget):
    """Where the bulk of the numbers t begins and ends, leaving out at most `budget` beyond a gap at
    either end.
    """
    budget = min(budget, (len(t) - 1) // 2)
    if budget < 1:
        return t.min(), t.max()
    parted = np.partition(t, (budget, len(t) - 1 - budget))
    first, last = np.sort(parted[: budget + 1]), np.sort(parted[-budget - 1 :])
    below, above = np.flatnonzero(np.diff(first) > gap), np.flatnonzero(np.diff(last) > gap)
    return (first[below[-1] + 1] if len(below) else first[0]), (
        last[above[0]] if len(above) else last[-1]
    )
