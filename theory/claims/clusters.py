"""Claim `clusters`: moving tokens gather in clusters, which live long and merge in pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.claims import NEW, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, shown, whole

CLAIM = Claim(
    name="clusters",
    rank=10.5,
    title="Moving tokens gather in clusters that live long and merge in pairs",
    statement=(
        r"On a flat circle a density mode $k$ grows by "
        r"$1 + 2 \varepsilon k^2 e^{-\varepsilon k^2}$ a step, fastest at "
        r"$k = \varepsilon^{-1/2}$. The clusters that form rest for long: two at distance $\delta$ "
        r"for about $\mathrm{Ei}(\delta^2/4\varepsilon)/4$ steps, a chain for the logarithm of its "
        r"disorder over that of its multiplier, and those of random data until the nearest pair "
        r"merges, as it would alone."
    ),
    source=(
        "the linear response of X <- A X, and the exact motion of two clusters; "
        "docs/theory.md, 'Clusters'"
    ),
    hypotheses=(
        r"flat circle, $f = |x-y|^2/4$, tokens near uniform (growth) or gathered (life of clusters)"
    ),
    predicted=r"growth $1 + 2/e$ at most; lifetime $\mathrm{Ei}(\delta^2/4\varepsilon)/4$",
    order="exact growth and pair motion; lifetime as delta^2/eps grows",
    paper=Paper(
        NEW,
        "What the moving tokens do in the end, beyond any limit of a fixed manifold.",
    ),
)

PERIOD = 2 * np.pi
# of a displacement times its wavenumber (or over the spacing of a chain): halved until linear
AMPLITUDES = (0.008, 0.004, 0.002, 0.001)
SLOW_LEVELS = 5  # temperatures, each half the one before, at which the mode k = 1 is slow
NEAR_FASTEST = (0.5, 2.0)  # eps k^2 of the modes that are averaged over in samples

# two clusters: squares are delta^2/(4 eps) at the start
PAIR_TEMPERATURE = 0.01
PAIR_SQUARES = tuple(float(x) for x in range(3, 13))
SHORT, LONG_LIVED = 8.0, 12.0
STEP_SQUARE, STEPS_TAKEN, MASS_RATIO = 5.0, 5, 3.0

# a chain at spacing 1: squares are 1/(4 eps)
CHAIN_LENGTH = 12
CHAIN_SQUARES = (1.5, 2.0, 4.0, 8.0)
CHAIN_PHASES = (np.pi, np.pi / 2)  # neighbours in opposite phase, and in quadrature
PLATEAU_SQUARE = 9.0
DISORDER = tuple(10.0**-k for k in range(2, 9))  # first displacement over the spacing
DISORDER_JUDGED = (1e-3, 1e-8)

# a plateau of random data is compared with its closest pair alone where x = delta^2/(4 eps) of that
# pair is at least CLOSEST and that of the next pair larger by MARGIN: chosen by positions alone
CLOSEST, MARGIN = 5.0, 3.0

# the film: residual attention on a curve with three lobes, from nearly even tokens; steps that are
# shown, one by one while tokens move, then ever farther apart; nearer than FILM_LINK is one place
FILM_CURVE = "((3 + cos(3*u))*cos(u)/2, (3 + cos(3*u))*sin(u)/2)"
FILM_DENSITY = "exp(x1/4)"
FILM_TOKENS, FILM_TEMPERATURE, FILM_SHARE = 150, 0.02, 0.25
FILM_SINGLE, FILM_LAST, FILM_FRAMES, FILM_LINK = 55, 1600, 120, 0.01

FASTEST = "growth less 1 of the mode k = eps^(-1/2), a step"
CURVE = "growth less 1 against q = eps k^2"
CURVE_HEIGHT = "growth less 1 = a q exp(-b q), q = eps k^2: a"
CURVE_CUT = "growth less 1 = a q exp(-b q), q = eps k^2: b"
SLOW = "(growth less 1)/(eps k^2) as eps k^2 -> 0"
SAMPLE = "i.i.d. tokens: mean growth less 1, eps k^2 in [1/2, 2]"
PAIR = f"two equal clusters: distance after {STEPS_TAKEN} steps over the first"
UNEQUAL = f"mass ratio {MASS_RATIO:g}: distance after {STEPS_TAKEN} steps over the first"
LIFETIME = f"two clusters: steps longer from x = {LONG_LIVED:g} than {SHORT:g}, x = delta^2/(4 eps)"
DECADE = "chain: steps that a decade of order adds to a plateau"
RANDOM = "random data: length of a plateau over that of its closest pair alone"


def multiplier(square: float, phase: float) -> str:
    return f"chain, a^2/(4 eps) = {square:g}: growth less 1 at phase {phase / np.pi:g} pi"


def film_steps() -> tuple[int, ...]:
    """Steps after which the film shows the tokens, increasing from 0."""
    later = np.geomspace(FILM_SINGLE, FILM_LAST, FILM_FRAMES - FILM_SINGLE).round().astype(int)
    return (*range(FILM_SINGLE), *(int(k) for k in np.unique(later)))


def judged_multipliers() -> list[tuple[float, float]]:
    """(a^2/(4 eps), phase): every square in opposite phase, the densest chain in quadrature too."""
    opposite, quadrature = CHAIN_PHASES
    return [(x, opposite) for x in CHAIN_SQUARES] + [(CHAIN_SQUARES[0], quadrature)]


@dataclass(frozen=True)
class Parameters:
    fastest: int = option(10, "Wavenumber of the fastest mode on the circle: eps is 1/k^2.")
    n_tokens: int = option(
        4000, "Tokens of a sample for the growth of modes.", least=100, bytes=TOKEN_BYTES
    )
    n_seeds: int = option(
        120, "Samples for the growth of modes.", least=8, bytes=200, times=("fastest",)
    )
    n_random: int = option(
        400, "Tokens of a run from random data.", least=10, bytes=32, times=("n_random",)
    )
    n_runs: int = option(30, "Runs from random data.", least=3, bytes=200, times=("n_random",))
    n_steps: int = option(4000, "Steps of a run from random data.", least=100, bytes=8)
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        if whole("fastest", self.fastest, 5) > 100:
            raise InputError(
                f"fastest: got {shown(self.fastest)}, expected at most 100: the modes need 40 nodes each"
            )
        check_counts(self)
        whole("seed", self.seed, 0)

    @property
    def temperature(self) -> float:
        return 1.0 / self.fastest**2

    def modes(self) -> np.ndarray:
        """Wavenumbers 1, 2, ... up to twice the fastest."""
        return np.arange(1, 2 * self.fastest + 1)

    def near_fastest(self) -> np.ndarray:
        """The modes of which samples give a mean."""
        q = self.temperature * self.modes() ** 2
        return self.modes()[(q >= NEAR_FASTEST[0]) & (q <= NEAR_FASTEST[1])]


SMALL = {"n_tokens": 1500, "n_seeds": 60, "n_runs": 8, "n_steps": 800}
LONG = {"n_tokens": 8000, "n_seeds": 240, "n_runs": 100, "n_steps": 20_000}
