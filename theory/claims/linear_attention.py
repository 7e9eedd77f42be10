"""Claim `linear_attention`: at high temperature softmax attention is linear attention."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, whole, within
from theory.setting.densities import Density
from theory.setting.heads import DOT_PRODUCT, asymmetric_score
from theory.setting.hypotheses import check_levels, require_closed
from theory.setting.references import probe_features, reference_density, scattered_points
from theory.setting.scores import Score

CLAIM = Claim(
    name="linear_attention",
    rank=7.2,
    title="High temperature: linear attention",
    statement=(
        r"For any score $f$, $A H(x) = E H - \frac1T \mathrm{Cov}(f(x, \cdot), H) + "
        r"\frac{1}{2T^2} E\left[(f - E f(x, \cdot))^2 (H - E H)\right] + O(T^{-3})$ with $E$ the "
        r"mean over the tokens themselves, whatever their number: linear attention, exactly, and "
        r"the term that it lacks."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'High temperature'",
    hypotheses="any tokens, any bounded score",
    predicted=r"coefficients $-1$ of the covariance and $\frac12$ of the second term",
    order=r"1 in $1/T$, of the slope of $A H$ in $1/T$ against $-\mathrm{Cov}(f, H)$",
    paper=Paper(
        NEW,
        "First order in $1/T$, derived here; the abstract does not say it.",
    ),
)

N_FIELD = 60  # tokens of the series, at fixed places
N_NODES = {1: 120, 2: 24, 3: 10}  # per axis, at N = infinity: smooth weights
# above, the series has left rounding; below, the score alone decides
TEMPERATURES = (0.5, 50.0)

COVARIANCE = "T -> infinity: coefficient of Cov(f(x, .), H)/T"
SECOND = "T -> infinity: coefficient of E[(f - Ef)^2 (H - EH)]/T^2"
MEAN_ORDER = "order of A H -> E H in 1/T"
SLOPE_ORDER = "order of the slope -> -Cov(f, H) in 1/T"
SAMPLED = "i.i.d. tokens at T: coefficient of Cov(f(x, .), H)"


@dataclass(frozen=True)
class Parameters:
    manifold: str = option("sphere", "Closed manifold.")
    score: str = option(
        DOT_PRODUCT,
        "'dot product' for random W_Q != W_K, or a formula in x1.. (query) and y1.. (key).",
    )
    density: str = option("reference", "Token density, a formula; 'reference' for the suite's.")
    temperature: float = option(2.0, "Temperature T of the samples, lowest of the levels.")
    n_levels: int = option(6, "Temperatures, each twice the one before.")
    n_tokens: int = option(1000, "Tokens of a sample.", least=100, bytes=TOKEN_BYTES)
    n_seeds: int = option(24, "Samples.", least=3, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers, W_Q and W_K included.")

    def __post_init__(self):
        check_counts(self)
        within("temperature", self.temperature, *TEMPERATURES)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        m = self.tokens_density.manifold
        x = m.embed(self.field_tokens())
        scores = self.scored.paired(np.repeat(x, len(x), axis=0), np.tile(x, (len(x), 1)))
        if (
            not np.isfinite(scores).all()
            or not np.ptp(scores.reshape(len(x), -1), axis=1).max() > 0
        ):
            raise InputError(
                f"score: got {self.score!r}, which does not vary with the key or is not finite "
                f"on {self.manifold}, expected one that does"
            )

    @cached_property
    def tokens_density(self) -> Density:
        p = reference_density(self.manifold, self.density)
        require_closed(p.manifold, CLAIM.name)
        return p

    @cached_property
    def scored(self) -> Score:
        rng = np.random.default_rng([self.seed, 3, 0])
        m = self.tokens_density.manifold
        # the series is in moments of the score: no derivative is taken
        return asymmetric_score("score", self.score, m, rng, kinks=True)

    @cached_property
    def features(self) -> list:
        return probe_features(self.tokens_density.manifold)

    def temperatures(self) -> np.ndarray:
        """Two more than the levels: slopes and bends are differences of neighbours."""
        return self.temperature * 2.0 ** np.arange(self.n_levels + 2)

    def field_tokens(self) -> np.ndarray:
        """The tokens of the series, chart points (n, d)."""
        axes = self.tokens_density.manifold.axes
        return scattered_points([(a.low, a.high) for a in axes], N_FIELD)


SMALL = {"n_levels": 4, "n_tokens": 600}
LONG = {"n_levels": 8, "n_seeds": 400}
