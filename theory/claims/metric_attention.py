"""Claim `metric_attention`: attention with a learned metric learns better than self-attention."""

from __future__ import annotations

from dataclasses import dataclass

from theory.claims import AS_THE_PAPER_SAYS, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, distinct, one_of, whole

CLAIM = Claim(
    name="metric_attention",
    rank=40,
    title="Attention with a learned metric learns better than self-attention",
    statement=(
        "With the score $-|W(x - y)|^2/T$, one learned $W$ a head, in place of $W_Q x \\cdot W_K y$ "
        "a network is trained in fewer steps, is more accurate, and is more robust."
    ),
    source="Ruan and Zhang, arXiv 2412.18288, abstract; its tables were not at hand",
    hypotheses=(
        "same width, depth, optimiser, steps, batches and scale at the start; the learning rate of "
        "each arm chosen on validation from one grid"
    ),
    predicted="every paired difference, metric less self, is greater than 0",
    order="none",
    paper=Paper(AS_THE_PAPER_SAYS, "The paper's last claim, tested and not reproduced."),
    needs=("torch", "sklearn"),
)

# scores of a layer, by what they are called
VARIANTS = {
    "self": "W_Q x . W_K y/sqrt(m): self-attention",
    "metric": "-|W(x - y)|^2/T",
    "shared": "-|W(x - y)|^2/T, one W for all heads",
    "matched": "-|W(x - y)|^2/T, W with twice the rows: as many parameters as self-attention",
    "self_masked": "-|W(x - y)|^2/T of other tokens only",
    "cosine": "s cos(W_Q x, W_K y), s learned (Liu et al. 2022)",
    "l2": "-|W(x - y)|^2/T, values W_V W^T W x/sqrt(m) (Kim et al. 2021)",
    "sinkhorn": "W_Q x . W_K y/sqrt(m), rows and columns normalised in turn (Sander et al. 2022)",
}
SELF, METRIC, HOT = "self", "metric", "metric, ten times too hot"
ARMS = (*VARIANTS, HOT)  # too hot at the start only: training may undo it by a larger W


@dataclass(frozen=True)
class Design:
    """A task, declared before any run: what is learned, and the loss that is to be reached.

    depth: blocks of the network. loss: of validation, whose first passing is timed. hidden: whether
    robustness to tokens without content is measured, which for sequences changes the answer. image:
    whether tokens are square patches of a square image, which can be shifted and turned. attacked:
    whether norms are rescaled and the content is attacked, which for sequences changes the answer.
    """

    name: str
    words: str
    loss: float
    depth: int = 2
    hidden: bool = True
    image: bool = False
    attacked: bool = True


TASKS = {
    task.name: task
    for task in (
        Design("digits", "8 x 8 images of digits, 16 patches as tokens", 0.5, image=True),
        Design("wine", "a wine's 13 measurements as tokens, 3 classes", 0.3),
        Design("breast_cancer", "a tumour's 30 measurements as tokens, 2 classes", 0.2),
        Design(
            "nearest", "the label of the nearest point in context", 0.8, 1, False, attacked=False
        ),
        Design(
            "successor",
            "the label of the successor in a cyclic order",
            0.8,
            1,
            False,
            attacked=False,
        ),
    )
}
GRAPH = "graph"  # node classification, where a file is given
LEARNING_RATES = (1e-3, 3e-3, 1e-2, 3e-2)
WEIGHT_DECAY = 1e-2
WIDTH, HEADS, BATCH = 32, 4, 64
EVALUATED = 10  # steps between two looks at the validation loss
TEST_SHARE, VALIDATION_SHARE = 0.25, 0.25  # of all points, and of those that are left
NOISE = (0.25, 0.5, 1.0)  # standard deviations of what is added to standardised content at test
HIDDEN_SHARE = 0.25  # of tokens whose content is taken away at test
SHIFTS = (1, 2)  # pixels, in four directions
ANGLES = (-30.0, -15.0, 15.0, 30.0)  # degrees
NORM_SPREADS = (0.25, 0.5, 1.0)  # standard deviations of the logarithm of a token's factor
BUDGETS = (0.1, 0.2, 0.4)  # of attacks, in standard deviations of the content
PGD_STEPS = 7  # of 2.5/7 budgets each
ATTACKED = 64  # test examples that are attacked
LABEL_SHARE = 0.3  # of training labels that are drawn anew for a second network
LABEL_TASKS = ("digits", "breast_cancer")  # tasks and arms of the second network
LABEL_ARMS = (SELF, METRIC)
LIPSCHITZ_EXAMPLES = 16  # test examples at which Jacobians are taken
PACED = 5  # training steps of each arm in turn, whose seconds are a ratio
PACES = 3  # turns
SHIFTED, ROTATED, RESCALED = (
    "accuracy on shifted images", "accuracy on rotated images", "accuracy with norms rescaled",
)  # fmt: skip
FGSM, PGD = "accuracy under FGSM", "accuracy under PGD"
LABELS = "accuracy after corrupted labels"
LIPSCHITZ = "minus log of the Lipschitz constant"
SECONDS = "log of seconds saved"
ACCURACY, NOISY, HIDDEN, STEPS, AUC = (
    "accuracy", "accuracy under noise", "accuracy with tokens hidden", "log of steps saved",
    "area under the ROC curve",
)  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    n_seeds: int = option(12, "Paired runs of each arm and task.", least=3, bytes=10**6)
    n_steps: int = option(200, "Steps of training.", least=EVALUATED, bytes=1000)
    n_tuning: int = option(2, "Runs for each learning rate of the grid.", least=1, bytes=10**6)
    tasks: tuple[str, ...] = option(tuple(TASKS), "What is learned.")
    arms: tuple[str, ...] = option(
        (SELF, METRIC), "Scores that are compared: self and metric, and rivals of theirs."
    )
    graph: str = option("", "A file (.npz) of a graph whose nodes are classified; none: not run.")
    seed: int = option(20241218, "Seed of splits, starts and batches.")

    def __post_init__(self):
        check_counts(self)
        whole("seed", self.seed, 0)
        for name, values, known in (("tasks", self.tasks, TASKS), ("arms", self.arms, ARMS)):
            for value in distinct(name, values, 1):
                one_of(name, value, known)
        for needed in (SELF, METRIC):
            one_of("arms: an arm that is compared", needed, self.arms)
        if self.graph and "sinkhorn" in self.arms:
            raise InputError("graph: got the arm sinkhorn, which needs all pairs of nodes")

    @property
    def all_tasks(self) -> tuple[str, ...]:
        """The tasks that are run: that of a graph where a file is given."""
        return (*self.tasks, GRAPH) if self.graph else self.tasks

    @property
    def others(self) -> tuple[str, ...]:
        """The arms that are held against self-attention."""
        return tuple(arm for arm in self.arms if arm != SELF)


def quantities_of(task: str) -> tuple[str, ...]:
    """What is measured of a task, in the order of its rows."""
    if task == GRAPH:
        return (AUC, STEPS)
    hidden = (HIDDEN,) if TASKS[task].hidden else ()
    return (ACCURACY, STEPS, SECONDS, NOISY, *hidden, *robustness_of(task), LIPSCHITZ)


def robustness_of(task: str) -> tuple[str, ...]:
    """What is measured of a trained network on examples that are rescaled, moved and attacked."""
    moved = (SHIFTED, ROTATED) if TASKS[task].image else ()
    return (*moved, RESCALED, FGSM, PGD) if TASKS[task].attacked else ()


def relabelled(task: str, arm: str) -> bool:
    """Whether a second network is trained on labels a share of which is drawn anew."""
    return task in LABEL_TASKS and arm in LABEL_ARMS


def row(task: str, what: str, arm: str = METRIC) -> str:
    """The name of a paired difference."""
    return f"{task}: {what}, {arm} less {SELF}"


SMALL = {"n_seeds": 3, "n_steps": 20, "n_tuning": 1, "arms": (SELF, METRIC), "tasks": ("wine",)}
