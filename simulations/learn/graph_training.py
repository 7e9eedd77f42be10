"""Node classification: a run of an arm on a split of a graph."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch.nn.functional import binary_cross_entropy_with_logits

from simulations.learn.descent import area_saved, descend, from_stream, steps_to
from simulations.learn.edges import neighbours
from simulations.learn.graph_network import GraphNetwork
from simulations.learn.graphs import Graph, read_graph
from theory.claims import metric_attention as claim

DEPTH = 2


@dataclass(frozen=True)
class GraphTrial:
    """What fixes a run but for its learning rate; its number is also that of the file's split.
    embedding: its scale at the start."""

    path: str
    arm: str
    seed: int
    number: int
    steps: int
    embedding: float = 1.0


def trained(
    trial: GraphTrial, graph: Graph, learning_rate: float, weight_decay: float = claim.WEIGHT_DECAY
):
    """Logits of all nodes (n,) after training on all training nodes at once, and the losses of
    validation (looks,)."""
    x = torch.from_numpy(graph.features)
    seen = neighbours(torch.from_numpy(graph.edges), len(x))
    labels = torch.from_numpy(graph.labels).float()
    training, validation, _ = (torch.from_numpy(mask) for mask in graph.split(trial.number))
    make = partial(GraphNetwork, trial.arm, x.shape[1], DEPTH, trial.embedding)
    network = from_stream(np.random.default_rng([trial.seed, trial.number, 20]), make)

    def loss(mask):
        return binary_cross_entropy_with_logits(network(x, seen)[mask], labels[mask])

    def look():
        with torch.no_grad():
            return float(loss(validation))

    losses = descend(
        network, learning_rate, trial.steps, partial(loss, training), look,
        weight_decay=weight_decay,
    )  # fmt: skip
    with torch.no_grad():
        return network(x, seen).numpy(), losses


def level_of(graph: Graph, number: int) -> float:
    """The loss to be reached: a tenth less than that of the share of class 1 in training."""
    p = graph.labels[graph.split(number)[0]].mean()
    return -0.9 * float(p * math.log(p) + (1 - p) * math.log(1 - p))


def validated(
    trial: GraphTrial, learning_rate: float, weight_decay: float
) -> dict[str, np.ndarray]:
    """The last loss of validation, by which the setting is chosen."""
    _, losses = trained(trial, read_graph(trial.path), learning_rate, weight_decay)
    return {"loss": np.nan_to_num(losses[-1], nan=np.inf)}


def scored(
    trial: GraphTrial, learning_rate: float, weight_decay: float = claim.WEIGHT_DECAY
) -> dict[str, np.ndarray]:
    """Scores of a run by the names of its quantities, and its losses."""
    graph = read_graph(trial.path)
    logits, losses = trained(trial, graph, learning_rate, weight_decay)
    test = graph.split(trial.number)[2]
    steps = steps_to(losses, level_of(graph, trial.number), trial.steps)
    return {
        "losses": losses,
        claim.AUC: roc_auc_score(graph.labels[test], np.nan_to_num(logits[test])),
        claim.STEPS: -math.log(steps),
        claim.AREA: area_saved(losses),
    }
