"""Attacks in the maximum norm: small changes of the content that raise the loss.

FGSM: Goodfellow, Shlens, Szegedy 2015, eq. in section 4. PGD: Madry et al. 2018, section 2.1.
"""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from simulations.learn.examples import IGNORED, Examples
from theory.setting.checks import positive, whole

STEP = 2.5  # budgets that all steps of PGD could go together (Madry et al. 2018, appendix)


def fgsm(network: nn.Module, examples: Examples, budget: float) -> Examples:
    """One step of the whole budget along the sign of the gradient."""
    return pgd(network, examples, budget, steps=1, step=budget)


def pgd(
    network: nn.Module, examples: Examples, budget: float, steps: int, step: float | None = None
) -> Examples:
    """Steps along the sign of the gradient of the loss, from the examples themselves, each content
    coordinate kept within the budget; step: None is STEP budget/steps.

    budget: in units of the tokens, which are standardised. What is computed is in float64, and so
    are the tokens that come back. The place of a token and what is 0 in all examples stay.
    Raises InputError for a budget or step that is not positive, or less than one step.
    """
    budget, steps = positive("budget", budget), whole("steps of an attack", steps, 1)
    step = STEP * budget / steps if step is None else positive("step", step)
    exact = doubled(network)
    start = torch.from_numpy(examples.tokens.astype(np.float64))
    labels, free = torch.from_numpy(examples.labels), torch.from_numpy(content_mask(examples))
    x = start
    for _ in range(steps):
        x = x + step * gradient(exact, x, labels).sign() * free
        x = torch.clamp(x, start - budget, start + budget)
    return replace(examples, tokens=x.numpy())


def gradient(network: nn.Module, x: Tensor, labels: Tensor) -> Tensor:
    """Of the summed loss with respect to tokens, so that no example weighs on another's."""
    x = x.detach().requires_grad_()
    return torch.autograd.grad(summed_loss(network, x, labels), x)[0]


def summed_loss(network: nn.Module, x: Tensor, labels: Tensor) -> Tensor:
    logits = network(x).flatten(0, -2)
    return cross_entropy(logits, labels.flatten(), ignore_index=IGNORED, reduction="sum")


def content_mask(examples: Examples) -> np.ndarray:
    """1 at (token, coordinate) that may be changed, else 0: content that is not 0 in all examples,
    as it is where a column's value stands in a place of its own."""
    tokens = examples.tokens
    mask = (tokens != 0).any(axis=0).astype(np.float64)
    mask[:, examples.content :] = 0.0
    return mask


def doubled(network: nn.Module) -> nn.Module:
    """A copy in float64, whose own gradients are off."""
    return copy.deepcopy(network).double().eval().requires_grad_(False)
