"""Claim `metric_attention`: attention with a learned metric learns better than self-attention."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from theory.claims import AS_THE_PAPER_SAYS, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, distinct, one_of, whole, within

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
        "same width, depth, optimiser, steps, batches and scale at the start; learning rate and "
        "weight decay of each arm chosen on validation from one grid (docs/metric_attention_protocol.md)"
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
    "self_apart": "W_Q x . W_K y/sqrt(m) of other tokens only: a control of self_masked",
    "phi": "-((1 + |W(x - y)|^2/T)^p - 1)/p, p > 0 learned, one a head, 1 at the start",
    "cosine": "s cos(W_Q x, W_K y), s learned (Liu et al. 2022)",
    "l2": "-|W(x - y)|^2/T, values W_V W^T W x/sqrt(m) (Kim et al. 2021)",
    "elliptical": "W_Q x . M W_K y/sqrt(m), M diagonal, from the values (Nielsen et al. 2024)",
    "sinkhorn": "W_Q x . W_K y/sqrt(m), rows and columns normalised in turn (Sander et al. 2022)",
    "doubly": "W_Q x . W_K y/sqrt(m), columns, then rows normalised (Ding et al. 2020)",
}
# scores of a layer of a graph, where keys are mapped as values are
GRAPH_SCORES = {
    "gat": "LeakyReLU(a . [W x || W y]) (Velickovic et al. 2018, eq. 3)",
    "gatv2": "a . LeakyReLU(W_Q x + W_K y) (Brody, Alon, Yahav 2022, eq. 7)",
    "gat_metric": "-|W(x - y)|^2/T in the place of GAT's score",
}
SELF, METRIC = "self", "metric"
APART = ("self_masked", "self_apart")  # no token sees itself
ENTROPY, HELD, TWIN = "entropy_matched", "held_hot", "twin"
# arms that are one of these scores, begun or trained in another way
MADE_OF = {ENTROPY: METRIC, HELD: METRIC, TWIN: SELF}
ARMS = (
    VARIANTS
    | {
        ENTROPY: "-|W(x - y)|^2/T, T with the mean entropy of self-attention's weights at the start",
        HELD: "a control: T ten times too high, |W| held at that of the start after every step",
        TWIN: "a control: self-attention from another start, with the same data",
    }
    | GRAPH_SCORES
)
HOT = 10.0  # times the temperature
# what a token sees of later ones where columns, or a mean over tokens, are normalised: no such arm
# is run on causal tasks; elliptical attention differs from self-attention from the second layer on
NOT_CAUSAL = ("elliptical", "sinkhorn", "doubly")
ON_GRAPHS = (SELF, METRIC, *GRAPH_SCORES)


@dataclass(frozen=True)
class Design:
    """A task, declared before any run: what is learned, and the loss that is to be reached.

    depth: blocks of the network. loss: of validation, whose first passing is timed; None: half of
    what the shares of the classes alone give. hidden: whether robustness to tokens without content
    is measured, which for sequences changes the answer. causal: a token sees no later one. real:
    data that were not made to have an answer. image: tokens are square patches of a square image,
    which can be shifted and turned. seconds: of a run of 200 steps on one core, about, by which the
    time left is told.
    """

    name: str
    words: str
    loss: float | None = None
    depth: int = 2
    hidden: bool = True
    causal: bool = False
    real: bool = True
    image: bool = False
    seconds: float = 2.0


KNOWN = {"depth": 1, "hidden": False, "real": False, "seconds": 1.0}  # an answer is known
TASKS = {
    task.name: task
    for task in (
        Design("digits", "8 x 8 images, 16 patches as tokens", 0.5, image=True, seconds=2.2),
        Design("wine", "a wine's 13 measurements as tokens, 3 classes", 0.2, seconds=1.8),
        Design("breast_cancer", "a tumour's 30 measurements, 2 classes", 0.15, seconds=3.7),
        Design("diabetes", "a patient's 10 measurements, 3 equal classes", 0.9, seconds=1.7),
        Design("text", "the next character of Python's manual", 2.6, causal=True, seconds=4.0),
        Design("recall", "the value that was paired with a key", 0.8, **KNOWN),
        Design("nearest", "the label of the nearest point in context", 0.8, **KNOWN),
        Design("successor", "the label of the successor in a cyclic order", 0.8, **KNOWN),
    )
}
DATA, GRAPH = "data", "graph"  # tasks of the user's files; that of a graph has its file's name too
NONE = "none"  # in the place of tasks: only those of files are run
OF_FILE = Design(DATA, "sets of tokens, or images, of a file", seconds=5)
RIVAL_TASKS = ("digits", "nearest", "successor")
LEARNING_RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
WEIGHT_DECAYS = (1e-2, 1e-1, 1.0, 10.0)
# that of all runs that choose the learning rate
WEIGHT_DECAY = WEIGHT_DECAYS[0]
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
PACES_OF = "seconds of a step over those of self"  # an array, not judged by itself
ACCURACY, NOISY, HIDDEN, STEPS, AREA, AUC = (
    "accuracy", "accuracy under noise", "accuracy with tokens hidden", "log of steps saved",
    "area saved under the learning curve", "area under the ROC curve",
)  # fmt: skip
# the part of the claim that each quantity belongs to; more is better in all of them
PARTS = ("accuracy", "efficiency", "robustness")
KEPT = "robustness beyond accuracy"  # what accuracies under changes lose less than accuracy itself
PART_OF = {
    ACCURACY: "accuracy", AUC: "accuracy", STEPS: "efficiency", AREA: "efficiency",
    SECONDS: "efficiency",
} | dict.fromkeys(
    (NOISY, HIDDEN, SHIFTED, ROTATED, RESCALED, FGSM, PGD, LABELS, LIPSCHITZ), "robustness"
)  # fmt: skip
# a part over all real tasks is the mean of these; of robustness, of all its accuracies
POOLED = {"accuracy": (ACCURACY,), "efficiency": (STEPS,)}
REAL = "real tasks"
TWIN_QUANTITIES = (ACCURACY, AREA)
SABOTAGE = f"largest loss of accuracy on a task, {METRIC} less {HELD}"
EMBEDDINGS = (1e-3, 1e3)  # scales of the embedding at the start
FAMILY = 50  # rows at 99.9 % each that hold together at 95 % (Bonferroni)


@dataclass(frozen=True)
class Parameters:
    n_seeds: int = option(20, "Paired runs of self and metric on each task.", least=3, bytes=10**6)
    n_rival_seeds: int = option(
        20, "Paired runs of each other arm, at most n_seeds.", least=3, bytes=10**6
    )
    n_steps: int = option(300, "Steps of training.", least=EVALUATED, bytes=1000)
    n_tuning: int = option(2, "Runs for each setting of the grid.", least=1, bytes=10**6)
    tasks: tuple[str, ...] = option(tuple(TASKS), f"What is learned; {NONE}: files alone.")
    arms: tuple[str, ...] = option(
        tuple(ARMS), "Scores that are compared: self and metric, and rivals of theirs."
    )
    rival_tasks: tuple[str, ...] = option(RIVAL_TASKS, "Tasks of the other arms.")
    data: str = option("", "A file (.npz) of token sets or images with labels; none: not run.")
    graphs: tuple[str, ...] = option(
        (), "A file (.npz) of a graph whose nodes are classified; none: not run."
    )
    embedding: float = option(1.0, "Scale of the embedding at the start, of all arms alike.")
    seed: int = option(20241218, "Seed of splits, starts and batches.")

    def __post_init__(self):
        check_counts(self)
        whole("seed", self.seed, 0)
        within("embedding", self.embedding, *EMBEDDINGS)
        if NONE in self.tasks and not (self.data or self.graphs):
            raise InputError(f"tasks: got {NONE}, expected --data FILE or --graph FILE with it")
        alone = {NONE: TASKS} if (self.data or self.graphs) and len(self.tasks) == 1 else {}
        known = {"tasks": TASKS | alone, "arms": ARMS, "rival_tasks": TASKS}
        for name, choices in known.items():
            for value in distinct(name, getattr(self, name), 0 if name == "rival_tasks" else 1):
                one_of(name, value, choices)
        for needed in (SELF, METRIC):
            one_of("arms: an arm that is compared", needed, self.arms)
        graphs = [graph_task(path) for path in distinct("graphs", self.graphs, 0)]
        if len(set(graphs)) < len(graphs):
            raise InputError(f"graphs: got {', '.join(self.graphs)}, expected files of other names")

    @property
    def graph_paths(self) -> dict[str, str]:
        """The files of graphs by their tasks."""
        return {graph_task(path): path for path in self.graphs}

    @property
    def declared_tasks(self) -> tuple[str, ...]:
        """The tasks that are run but those of files."""
        return tuple(task for task in self.tasks if task != NONE)

    @property
    def all_tasks(self) -> tuple[str, ...]:
        """The tasks that are run: those of files where files are given."""
        return (*self.declared_tasks, *([DATA] if self.data else []), *self.graph_paths)

    @property
    def others(self) -> tuple[str, ...]:
        """The arms that are held against self-attention, but the controls."""
        return tuple(arm for arm in self.arms if arm not in (SELF, HELD, TWIN))

    @property
    def pooled_tasks(self) -> tuple[str, ...]:
        """The real tasks, over which a part is judged; files of the user have rows of their own."""
        return tuple(task for task in self.declared_tasks if TASKS[task].real)

    def arms_on(self, task: str) -> tuple[str, ...]:
        """The arms that are run on a task: self and metric on all, the others as declared."""
        if is_graph(task):
            allowed = ON_GRAPHS
        elif task not in self.rival_tasks:
            allowed = (SELF, METRIC)
        else:
            kept_out = (*GRAPH_SCORES, *(NOT_CAUSAL if design(task).causal else ()))
            kept_out += ("elliptical",) if design(task).depth == 1 else ()
            allowed = [a for a in ARMS if a not in kept_out]
        return tuple(arm for arm in self.arms if arm in allowed)

    def runs_of(self, arm: str) -> int:
        """Paired runs of an arm on each of its tasks."""
        fewer = min(self.n_rival_seeds, self.n_seeds)
        return self.n_seeds if arm in (SELF, METRIC) else fewer

    def tasks_of(self, arm: str) -> tuple[str, ...]:
        """The tasks that an arm is run on."""
        return tuple(task for task in self.all_tasks if arm in self.arms_on(task))

    def comparisons(self, arm: str) -> tuple[tuple[str, str], ...]:
        """The rows (task, quantity) of an arm less self: a family, corrected for their number."""
        on = self.tasks_of(arm)
        if arm == TWIN:
            return tuple((task, what) for task in on for what in TWIN_QUANTITIES)
        parts = (*PARTS, KEPT) if arm == METRIC and self.pooled_tasks else ()
        pooled = [(REAL, part) for part in parts]
        return (*pooled, *((task, what) for task in on for what in quantities_of(task, arm)))


def design(task: str) -> Design:
    """What is declared of a task that is no graph's."""
    return OF_FILE if task == DATA else TASKS[task]


def graph_task(path: str) -> str:
    """The task of a graph's file."""
    return f"{GRAPH} {PurePath(path).stem}"


def is_graph(task: str) -> bool:
    return task.startswith(GRAPH)


def quantities_of(task: str, arm: str = METRIC) -> tuple[str, ...]:
    """What is measured of a task, in the order of its rows; each has its part in PART_OF."""
    if is_graph(task):
        return (AUC, STEPS, AREA)
    hidden = (HIDDEN,) if design(task).hidden else ()
    labels = (LABELS,) if relabelled(task, arm) else ()
    changed = (*robustness_of(task), *labels, LIPSCHITZ)
    return (ACCURACY, STEPS, SECONDS, AREA, NOISY, *hidden, *changed)


def robustness_of(task: str) -> tuple[str, ...]:
    """What is measured of a trained network on examples that are moved, rescaled and attacked; of
    real data, since other sequences have other answers, and not of text, which is discrete."""
    moved = (SHIFTED, ROTATED) if design(task).image else ()
    changed = design(task).real and not design(task).causal
    return (*moved, RESCALED, FGSM, PGD) if changed else ()


def relabelled(task: str, arm: str) -> bool:
    """Whether a second network is trained on labels a share of which is drawn anew."""
    return task in LABEL_TASKS and arm in LABEL_ARMS


def pooled(task: str, part: str) -> tuple[str, ...]:
    """The quantities of a task whose mean stands for the part, all on one scale."""
    accuracies = (q for q in quantities_of(task) if q != LIPSCHITZ)
    return POOLED.get(part) or tuple(q for q in accuracies if PART_OF[q] == part)


def row(task: str, what: str, arm: str = METRIC) -> str:
    """The name of a paired difference."""
    return f"{task}: {what}, {arm} less {SELF}"


SMALL = {"n_seeds": 3, "n_steps": 20, "n_tuning": 1, "arms": (SELF, METRIC), "tasks": ("wine",)}
