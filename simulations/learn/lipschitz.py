"""How far an attention layer can move its output when its input moves a little.

The largest singular value of the Jacobian of x -> attention(x, x, x), all tokens of one example
together, is the smallest Lipschitz constant near x. Over all inputs that of dot-product
self-attention has no bound (Kim, Papamakarios, Mnih 2021, theorem 3.1); that of their L2 attention
has (theorem 3.2).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from simulations.learn.attacks import doubled
from simulations.learn.attention import MetricAttention
from theory.setting.checks import InputError, positive, whole

ITERATIONS, TOLERANCE = 300, 1e-5  # at most, and the relative gain below which they stop


def layer_norms(
    network: nn.Module, tokens: np.ndarray, rng, iterations: int = ITERATIONS, tolerance=TOLERANCE
) -> np.ndarray:
    """Norms (layers, n) of every MetricAttention of the network, in their order, at what each gets
    of tokens (n, t, features); iterations and tolerance: as of `norms`."""
    exact = doubled(network)
    layers = [m for m in exact.modules() if isinstance(m, MetricAttention)]
    inputs = inputs_of(exact, layers, torch.from_numpy(tokens.astype(np.float64)))
    return np.array(
        [
            norms(layer, x, rng, iterations, tolerance, **options)
            for layer, (x, options) in zip(layers, inputs, strict=True)
        ]
    )


def inputs_of(network: nn.Module, layers, tokens: Tensor) -> list[tuple[Tensor, dict]]:
    """What each layer gets as queries when the network sees the tokens, and its other options,
    such as masks."""
    seen = {}

    def keep(layer, arguments, options):
        seen[layer] = arguments[0], {k: v for k, v in options.items() if k != "need_weights"}

    hooks = [layer.register_forward_pre_hook(keep, with_kwargs=True) for layer in layers]
    try:
        with torch.no_grad():
            network(tokens)
    finally:
        for hook in hooks:
            hook.remove()
    return [seen[layer] for layer in layers]


def norms(
    layer: MetricAttention,
    x: Tensor,
    rng,
    iterations: int = ITERATIONS,
    tolerance: float = TOLERANCE,
    **options,
) -> np.ndarray:
    """Largest singular values (n,) of the Jacobians at x (n, t, E), float64, by power iteration on
    J^T J of all examples at once: each iterate is a lower bound, and they only grow.

    options: of the layer's call, held fixed. Stops when no norm grows by more than the relative tolerance, or after all iterations. Raises
    InputError for a layer that takes the batch second.
    """
    whole("iterations", iterations, 1), positive("tolerance", tolerance)
    if not layer.batch_first:
        raise InputError("layer: got one that takes the batch second, expected batch_first=True")
    push, pull = derivatives(layer, x, **options)
    direction = unit(torch.from_numpy(rng.standard_normal(x.shape)))
    found = x.new_zeros(len(x))
    for _ in range(iterations):
        pushed = push(direction)
        before, found = found, length(pushed)
        if (found - before <= tolerance * found).all():
            break
        direction = unit(pull(pushed))
    return found.numpy()


def derivatives(layer: MetricAttention, x: Tensor, **options):
    """v -> J v and u -> J^T u at x, without another pass through the layer: J^T u is linear in u,
    so its derivative by u is J."""
    x = x.detach().requires_grad_()
    # explicit weights: fast kernels have no second derivative
    y = layer(x, x, x, need_weights=True, **options)[0]
    u = torch.zeros_like(y, requires_grad=True)
    (pulled,) = torch.autograd.grad(y, x, u, create_graph=True)

    def push(v):
        return torch.autograd.grad(pulled, u, v, retain_graph=True)[0]

    def pull(v):
        return torch.autograd.grad(y, x, v, retain_graph=True)[0]

    return push, pull


def length(t: Tensor) -> Tensor:
    """Euclidean norms (n,) of (n, tokens, E), all tokens of an example together."""
    return t.flatten(1).norm(dim=1)


def unit(t: Tensor) -> Tensor:
    """Of length 1 each; what is 0 stays."""
    return t / length(t).clamp_min(torch.finfo(t.dtype).tiny)[:, None, None]
