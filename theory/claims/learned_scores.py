"""Claim `learned_scores`: what training makes of a score, and what its heads do as chains."""

from __future__ import annotations

from dataclasses import dataclass

from theory.claims import NEW, Claim, Paper, check_counts, option
from theory.claims.metric_attention import EVALUATED, METRIC, SELF
from theory.setting.checks import InputError, distinct, one_of, whole, within

CLAIM = Claim(
    name="learned_scores",
    rank=41,
    title="A free score becomes a metric where the task is one",
    statement=(
        r"Where a task asks for what is near, training makes the score of self-attention, "
        r"$W_Q x \cdot W_K y$, more of a metric than at the start and than random maps are; where "
        r"it asks for a successor, less. Heads with a learned metric are reversible, with a real "
        r"spectrum in $[0, 1]$. Features that a kernel of either kind mixes again and again become "
        r"equal at the rate $\log|\mu_2|$ of its second eigenvalue."
    ),
    source=(
        "docs/theory.md, 'What learning makes of a score'; that bidirectional training makes scores "
        "symmetric: Saponati et al. 2025 (arXiv 2502.10927)"
    ),
    hypotheses=(
        "small networks, one learning rate for both arms; signs were stated before any run at this size, that of the clocks after one with another seed; "
        "intervals are over splits, starts and batches"
    ),
    predicted=(
        r"slope of the rate on $\log|\mu_2|$: 1; metric heads: eigenvalues real, none negative, no entropy "
        "production; signs of differences from the start and from nulls"
    ),
    order="none: exact, in the limit of depth, or one-sided",
    paper=Paper(
        NEW, "The paper takes a score for a pseudo-metric; what training makes of it is new."
    ),
    needs=("torch", "sklearn"),
)

# --- the design ---

# tasks, and whether a free score should become more of a metric (1) or less (-1): `nearest` asks for
# one, no symmetric score ranks `successor`; training in both directions makes scores symmetric, to
# the next character directional (Saponati et al. 2025)
ASKS = {"digits": 1, "nearest": 1, "successor": -1, "text": -1}
REFERENCE = ("digits", "nearest", "successor")  # text takes as long as they together: an option
CAUSAL = ("text",)  # no way leads back: of these the shares alone are measured
ARMS = (SELF, METRIC)
HALVINGS = 5  # of the number of steps: when a network is looked at
DEPTHS = tuple(2**k for k in range(11))  # layers without skip; the rate is that of the last two
LAYERS = (1, 2, 4, 8, 16)  # of the whole layer, repeated
DRAWS = 4  # random maps a head
LARGEST_CLOCK = 0.1  # squared lengths: of the generator's error 10 % (claim `regime`)
ROUNDING = 1e-10  # of a chain of a few tokens in float64

# --- the names ---

IMAGINARY = "metric: largest imaginary part of eigenvalues"
NEGATIVE = "metric: how far an eigenvalue is below 0, largest"
ENTROPY = "metric: entropy production, largest"
# what is said of the free score: a share or a measure of its chain, and what it is held against
INITIAL, RANDOM, PAIRED = "initial", "random, same spectra", "paired anew"
SHARE, WITH_KEY, SYMMETRIC = "metric share", "share of metric and key bias", "symmetric share"
PRODUCED, TURNING = "entropy production", "largest imaginary part"
# signs where a task asks for a metric, and where it does not
SIGNS = {
    (SHARE, INITIAL): (1, -1),
    (SHARE, RANDOM): (1, -1),
    (SHARE, PAIRED): (1, -1),
    (WITH_KEY, INITIAL): (1, -1),
    (SYMMETRIC, INITIAL): (1, -1),
    (PRODUCED, INITIAL): (1, 1),  # scores grow, and none of them is symmetric
    (PRODUCED, RANDOM): (-1, 1),
    (TURNING, RANDOM): (-1, 1),
}
# what is said of both arms: the metric's is greater (1), or less (-1)
FIRST_ORDER = "response's share of what the score does, median head"
SECOND, CLOCK = "log of the second eigenvalue", "clock over squared length"
COMPARED = {FIRST_ORDER: 1, SECOND: 1, CLOCK: -1}

# wrong methods
OTHER_MAP, APART = "another map of the keys", "map of the keys 3 % off"
SOFT_CAUSAL = "later keys one nat lower"
THIRD, OTHER_HEAD = "third eigenvalue", "eigenvalue of another head"
OTHER_WAY = "the other way round"


@dataclass(frozen=True)
class Parameters:
    n_seeds: int = option(10, "Paired runs of each arm and task.", least=3, bytes=10**7)
    n_steps: int = option(320, "Steps of training.", least=EVALUATED, bytes=1000)
    n_sets: int = option(8, "Sets of tokens that heads are seen on.", least=2, bytes=10**6)
    tasks: tuple[str, ...] = option(REFERENCE, "What is learned; text as well, where it is named.")
    learning_rate: float = option(1e-2, "Of both arms.")
    seed: int = option(20260501, "Seed of splits, starts, batches and random maps.")

    def __post_init__(self):
        check_counts(self)
        whole("seed", self.seed, 0)
        if self.n_steps % EVALUATED:
            raise InputError(f"n_steps: got {self.n_steps}, expected a multiple of {EVALUATED}")
        within("learning_rate", self.learning_rate, 1e-6, 1.0)
        for task in distinct("tasks", self.tasks, 1):
            one_of("tasks", task, ASKS)
        if not self.chains:
            raise InputError(
                f"tasks: got {', '.join(self.tasks)}, expected one that is not causal as well"
            )

    @property
    def chains(self) -> tuple[str, ...]:
        """The tasks whose heads are measured as chains."""
        return tuple(task for task in self.tasks if task not in CAUSAL)

    @property
    def snapshots(self) -> tuple[int, ...]:
        """Steps at which a network is looked at: 0, and those of the last, halved again and again,
        rounded up to a look."""
        halved = {-(-self.n_steps // (2**k * EVALUATED)) * EVALUATED for k in range(HALVINGS + 1)}
        return (0, *sorted(halved))


def said_of(task: str) -> tuple[tuple[str, str], ...]:
    """What is said of the free score of a task, and what it is held against."""
    shares = (SHARE, WITH_KEY, SYMMETRIC)
    return tuple(said for said in SIGNS if task not in CAUSAL or said[0] in shares)


def sign(task: str, what: str, against: str) -> int:
    """Of the difference, trained less what it is held against, that is said to be positive."""
    return SIGNS[what, against][0 if ASKS[task] > 0 else 1]


def row(task: str, what: str, against: str) -> str:
    """The name of a difference of the free score, in the order in which it is said to be positive."""
    sides = ("trained", against) if sign(task, what, against) > 0 else (against, "trained")
    return f"{task}, {SELF}: {what}, {sides[0]} less {sides[1]}"


def depth_row(task: str, arm: str) -> str:
    return f"{task}, {arm}: slope of log-rate of collapse on log |mu_2|"


def compared_row(task: str, what: str) -> str:
    sides = (METRIC, SELF) if COMPARED[what] > 0 else (SELF, METRIC)
    return f"{task}: {what}, {sides[0]} less {sides[1]}"


def clock_row(task: str) -> str:
    return f"{task}, {METRIC}: clock over squared length, least head"


SMALL = {"n_seeds": 3, "n_steps": 20, "n_sets": 3, "tasks": ("nearest",), "learning_rate": 1e-2}
