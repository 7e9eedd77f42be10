"""Attention as a Markov operator on features: (A H)(x_i) = sum_j a_ij H(y_j), rows sum to 1."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from functools import cached_property

import numpy as np
from scipy.sparse.linalg import LinearOperator

from simulations.attention.engines import APPLICATIONS, ENGINES, TOLERANCE, check, choose_engine
from simulations.attention.engines.problem import Problem, squared_window
from simulations.attention.warn import warn_caller
from simulations.tokens.sampling import Tokens
from theory.setting.checks import (
    InputError,
    as_numbers,
    finite_array,
    flag,
    log_weights,
    one_of,
    positive,
    refuse_masked,
    share,
    shown,
    whole,
    within,
)
from theory.setting.nodes import clock_error
from theory.setting.pickling import WithoutCaches
from theory.setting.pseudo_metrics import PseudoMetric

MOST_EXTENT = 1e100  # of a coordinate or a key bias
MOST_FEATURE = 1e290  # sums of them over the keys stay finite
LEAST_TEMPERATURE = 1e-100  # with it, scores over temperature stay finite
COARSE = 1e-3  # relative error of the clock on quadrature nodes that is told


class LonelyTokensWarning(UserWarning):
    """The temperature is so small that tokens attend to nothing but themselves."""


class CoarseNodesWarning(UserWarning):
    """Quadrature nodes are too far apart for the temperature: sums over them are no integrals."""


class _Checked(LinearOperator):
    """A real linear operator that names the features it cannot act on.

    Complex features are two real ones each, so it acts on both parts at once.
    """

    def dot(self, x):
        """A @ x, of features or of another operator."""
        if not (isinstance(x, LinearOperator) or np.isscalar(x)):
            # names what SciPy would not, or would drop; numbers are checked where they are applied
            refuse_masked("features", x)
            if not isinstance(x, np.ndarray) or x.ndim not in (1, 2):
                x = _check_features(x, self.shape[1])
        return super().dot(x)

    def __matmul__(self, x):
        return super().__matmul__(self._no_number(x, self.shape[1]))

    def __rmatmul__(self, x):
        return super().__rmatmul__(self._no_number(x, self.shape[0]))

    def _no_number(self, x, length):
        if np.isscalar(x):
            raise InputError(
                f"features: got {shown(x)}, expected ({length},) or ({length}, c); a multiple of "
                "the operator is written with *"
            )
        return x

    def matvec(self, x):
        return _by_parts(super().matvec, super().matmat, _check_features(x, self.shape[1]))

    def matmat(self, x):
        return _by_parts(super().matmat, super().matmat, _check_features(x, self.shape[1]))

    def rmatvec(self, x):
        return _by_parts(super().rmatvec, super().rmatmat, _check_features(x, self.shape[0]))

    def rmatmat(self, x):
        return _by_parts(super().rmatmat, super().rmatmat, _check_features(x, self.shape[0]))


def _by_parts(act, act_on_columns, x):
    """act(x), of complex x by its real and imaginary parts side by side."""
    if not np.iscomplexobj(x):
        return act(x)
    real, imaginary = np.hsplit(act_on_columns(np.column_stack([x.real, x.imag])), 2)
    return (real + 1j * imaginary).reshape(-1, *x.shape[1:])


class AttentionOperator(WithoutCaches, _Checked):
    """a_ij = w_j exp(-f(x_i, y_j)/eps) / sum_k w_k exp(-f(x_i, y_k)/eps), never stored ("Attention
    is a Markov operator").

    tokens: queries x, an array (n, D) or `Tokens`; a query attends to `keys` y (m, D), by default
    to the tokens themselves. weights: w (m,) non-negative, by default the weights of the `Tokens`
    (quadrature) or all equal. key_bias: (m,), added to -f/eps, -inf for a masked key. exclude_self
    leaves out j = i. window leaves out keys farther than that (Euclidean, closed ball). engine: a
    name in ENGINES; "auto" takes the cheapest. tolerance: of engines that are not exact to
    rounding, relative to the largest |feature| (docs/theory.md, "Engines"). applications: how many
    "auto" should expect.

    `A @ H` takes features (m,) or (m, c), real or complex, and returns (n,) or (n, c); `A.T @ v`
    moves measures. All of scipy.sparse.linalg runs on it, and it goes to other processes. Raises
    InputError, a ValueError, on unusable input; warns where quadrature nodes are too coarse.
    """

    def __init__(
        self,
        tokens,
        pseudo_metric: PseudoMetric,
        temperature: float,
        *,
        keys=None,
        weights=None,
        key_bias=None,
        exclude_self: bool = False,
        window: float | None = None,
        engine: str = "auto",
        tolerance: float = TOLERANCE,
        applications: int = APPLICATIONS,
    ):
        self.queries, own_weights = _points("tokens", tokens)
        self.keys, key_weights = (
            (self.queries, own_weights) if keys is None else _points("keys", keys)
        )
        self.pseudo_metric = pseudo_metric
        self.temperature = within("temperature", temperature, LEAST_TEMPERATURE, np.inf)
        self.self_attention = keys is None
        if not isinstance(pseudo_metric, PseudoMetric):
            raise InputError(
                f"pseudo_metric: got {type(pseudo_metric).__name__}, expected a PseudoMetric "
                "(theory/setting/pseudo_metrics.py)"
            )
        n, m = len(self.queries), len(self.keys)
        if n < 1 or m < 2:
            raise InputError(f"tokens: got {n} queries and {m} keys, expected at least 1 and 2")
        if self.queries.shape[1] != self.keys.shape[1]:
            raise InputError(
                f"keys: got points of R^{self.keys.shape[1]}, expected R^{self.queries.shape[1]} "
                "like the tokens"
            )
        if exclude_self and not self.self_attention:
            raise InputError(
                "exclude_self: got True with separate keys, expected it only where tokens attend "
                "to themselves"
            )
        weights = key_weights if weights is None else weights
        self.weights = np.ones(m) if weights is None else _check_weights(weights, m)
        self.key_bias = _log_weights(self.weights, key_bias, m)
        self.exclude_self = flag("exclude_self", exclude_self)
        self.window = None if window is None else positive("window", window)
        self._engine = one_of("engine", engine, ENGINES)
        self.tolerance = share("tolerance", tolerance)
        self.applications = whole("applications", applications, 1)
        super().__init__(dtype=np.float64, shape=(n, m))
        check(self._engine, self._checked_problem(), self.tolerance)
        self._warn_coarse(tokens if keys is None else keys)

    def __setattr__(self, name, value):
        if "_plan" in self.__dict__ and not name.startswith("_"):
            raise InputError(
                f"{name}: an operator that was applied keeps what it was made of; make another one"
            )
        super().__setattr__(name, value)

    def __repr__(self):
        n, m = self.shape
        chosen = f" ({self.engine})" if self._engine == "auto" and "_plan" in self.__dict__ else ""
        return (
            f"<{n}x{m} {type(self).__name__}: score {self.pseudo_metric.name!r}, temperature "
            f"{self.temperature:g}, engine {self._engine}{chosen}, tolerance {self.tolerance:g}>"
        )

    def for_applications(self, applications: int) -> AttentionOperator:
        """The operator for a caller who will apply it so often, such as Lanczos's method.

        Itself, unless "auto" would take another engine for more applications than it expected.
        """
        applications = whole("applications", applications, 1)
        if self._engine != "auto" or applications <= self.applications:
            return self
        other = copy(self)
        other.applications = applications
        if "_plan" in self.__dict__:
            arguments, options = other._problem()
            if choose_engine(*arguments, **options) == self.engine:
                return self
        return other

    @property
    def engine(self) -> str:
        """The name of the engine that computes, where "auto" was asked for the one it chose."""
        return self._plan.engine

    @property
    def log_partition(self) -> np.ndarray:
        """log sum_j w_j exp(-f_ij/eps), shape (n,)."""
        return self._plan.log_partition

    @property
    def degrees(self) -> np.ndarray:
        """sum_j w_j exp(-(f_ij - f_min)/eps), shape (n,), scaled so that the largest is 1."""
        return np.exp(self.log_partition - self.log_partition.max())

    @cached_property
    def stationary_law(self) -> np.ndarray:
        """pi_i proportional to w_i times the degree, shape (n,), for a symmetric pseudo-metric
        ("Attention is a Markov operator").
        """
        if not (self.self_attention and self.pseudo_metric.symmetric):
            raise InputError(
                "stationary_law: known in closed form for self-attention with a symmetric "
                f"pseudo-metric, got {self.pseudo_metric.name!r}"
            )
        # a symmetric kernel times key factors b_j has stationary law b_i deg_i
        log_pi = self.key_bias + self.log_partition
        pi = np.exp(log_pi - log_pi.max())
        return pi / pi.sum()

    @cached_property
    def self_weight(self) -> np.ndarray:
        """a_ii, the weight of each token in its own average, shape (n,); self-attention only."""
        if not self.self_attention:
            raise InputError("self_weight: the operator has separate keys, so no token sees itself")
        if self.exclude_self:
            return np.zeros(self.shape[0])
        own = self.pseudo_metric.paired(self.queries, self.keys)
        return np.exp(-own / self.temperature + self.key_bias - self.log_partition)

    def _matmat(self, x):
        means = self._plan.attend(x)
        self._warn_lonely()
        return means

    def _matvec(self, x):
        return self._matmat(x.reshape(-1, 1))[:, 0]

    def _rmatmat(self, x):
        return self._plan.transpose(x)

    def _rmatvec(self, x):
        return self._rmatmat(x.reshape(-1, 1))[:, 0]

    @cached_property
    def _plan(self):
        arguments, options = self._problem()
        return ENGINES[self._engine].plan(*arguments, **options)

    def _problem(self):
        """Arguments and options of a plan."""
        options = {
            "key_bias": self.key_bias,
            "exclude_self": self.exclude_self,
            "window": self.window,
            "tolerance": self.tolerance,
        }
        if self._engine == "auto":
            options["applications"] = self.applications
        return (self.pseudo_metric, self.queries, self.keys, self.temperature), options

    def _checked_problem(self):
        """What the engine is asked for, of arrays that were checked."""
        return Problem(
            self.pseudo_metric,
            self.queries,
            self.keys,
            self.temperature,
            self.key_bias,
            self.exclude_self,
            squared_window(self.window),
            swapped=False,
        )

    def _adjoint(self):
        return _Transposed(self)

    _transpose = _adjoint

    def _warn_lonely(self):
        if self.__dict__.get("_warned") or not self.self_attention or self.exclude_self:
            return
        self._warned = True
        share = float(np.mean(self.self_weight > 0.99))
        if share > 0.01:
            warn_caller(
                f"temperature {self.temperature:g}: {share:.1%} of the {self.shape[0]} tokens give "
                "over 99 % of their attention to themselves; raise the temperature or the number "
                "of tokens",
                LonelyTokensWarning,
            )

    def _warn_coarse(self, keys):
        law, spacing = self.pseudo_metric.power_law, getattr(keys, "spacing", None)
        if spacing is None or law is None or self.window is not None:
            return
        error = clock_error(spacing, law, self.temperature)
        if abs(error) > COARSE:
            warn_caller(
                f"temperature {self.temperature:g}: quadrature nodes up to {spacing:.3g} apart are "
                f"too coarse for it, the clock is off by {error:.1%}; take more nodes "
                f"(theory.setting.nodes.nodes_for) or a higher temperature",
                CoarseNodesWarning,
            )


class _Transposed(_Checked):
    """The action on measures: sum_i v_i a_ij."""

    def __init__(self, operator):
        self.operator = operator
        super().__init__(dtype=operator.dtype, shape=operator.shape[::-1])

    def _matvec(self, x):
        return self.operator._rmatvec(x)

    def _matmat(self, x):
        return self.operator._rmatmat(x)

    def _rmatvec(self, x):
        return self.operator._matvec(x)

    def _rmatmat(self, x):
        return self.operator._matmat(x)

    def _adjoint(self):
        return self.operator

    _transpose = _adjoint


def _check_features(x, length):
    """Features (length,) or (length, c) as float64, or complex where they are."""
    if isinstance(x, list | tuple):
        with suppress(ValueError):  # rows of different lengths are named below
            x = np.asarray(x)
    if isinstance(x, np.ndarray) and x.dtype.kind == "c":
        refuse_masked("features", x)
        return _check_features(np.real(x), length) + 1j * _check_features(np.imag(x), length)
    expected = f"({length},) or ({length}, c)"
    x = as_numbers("features", x, expected)
    if x.ndim not in (1, 2) or x.shape[0] != length:
        raise InputError(f"features: got shape {x.shape}, expected {expected}")
    return _bounded("features", finite_array("features", x, (None,) * x.ndim), MOST_FEATURE)


def _points(name, tokens):
    if isinstance(tokens, Tokens):
        return tokens.points, tokens.weights
    points = as_numbers(name, tokens, "(n, D)")
    if points.ndim != 2:
        raise InputError(f"{name}: got shape {points.shape}, expected (n, D), on the line (n, 1)")
    # a copy: engines prepare themselves at the first step, and must not see later changes
    points = _bounded(name, finite_array(name, points, (None, None)).copy())
    if not points.shape[1]:
        raise InputError(f"{name}: got points of R^0, expected at least one coordinate")
    return points, None


def _bounded(name, array, most=MOST_EXTENT):
    largest = np.abs(array).max(initial=0.0)
    if largest > most:
        raise InputError(f"{name}: the largest entry is {largest:g}, expected at most {most:g}")
    return array


def _check_weights(weights, m):
    weights = finite_array("weights", weights, (m,))
    if (weights < 0).any() or not weights.any():
        raise InputError(
            f"weights: the smallest is {weights.min():g} and their sum {weights.sum():g}, expected "
            "non-negative weights, not all 0"
        )
    return weights


def _log_weights(weights, key_bias, m):
    """Exponents (m,) of the keys, -inf for those that no query attends to."""
    with np.errstate(divide="ignore"):
        exponents = np.log(weights)
    if key_bias is None:
        return exponents
    bias = log_weights("key_bias", key_bias, m)
    _bounded("key_bias", bias[np.isfinite(bias)])
    exponents = exponents + bias
    if np.isneginf(exponents).all():
        raise InputError(
            f"key_bias: -inf masks {np.count_nonzero(np.isneginf(bias))} of {m} keys, the others "
            "have weight 0, expected at least one key to attend to"
        )
    return exponents
