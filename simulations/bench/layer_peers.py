"""MetricAttention beside nn.MultiheadAttention in PyTorch, in float32 and with SIZES' 8 heads:
seconds in turn, each layer's error against itself in float64, and the memory that each takes in a
process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from simulations.bench.rows import compared
from simulations.store.sources import ROOT

STATUS = Path("/proc/self/status")  # of Linux
METRIC, PEER = "MetricAttention", "nn.MultiheadAttention"


@dataclass(frozen=True)
class Size:
    """Of a call: sequences at once, tokens of each, width, heads."""

    batch: int
    tokens: int
    width: int
    heads: int

    def __str__(self):
        return f"{self.batch} x {self.tokens}, width {self.width}"


SIZES = (Size(8, 256, 256, 8), Size(8, 1024, 256, 8))
QUICK_SIZES = (Size(2, 128, 64, 4),)


def layer_rows(quick: bool = False) -> list[dict]:
    """Forward, as at inference, and forward with all gradients, as in training; in float32."""
    sizes = QUICK_SIZES if quick else SIZES
    return [layer_row(size, backward) for size in sizes for backward in (False, True)]


def layer_row(size: Size, backward: bool, repeats: int = 7) -> dict:
    """The row with the ratio of seconds, both errors and both memories (MB)."""
    what = "forward and back" if backward else "forward"
    row = {
        "group": "attention layer", "engine": "layer", "problem": f"{what}, {size}",
        "peer_name": PEER,
    }  # fmt: skip

    def peer():
        made = call(PEER, size, backward)
        return lambda: (PEER, made())

    def truth():
        return {who: call(who, size, backward, double=True)() for who in (METRIC, PEER)}

    try:
        made = call(METRIC, size, backward)
    except ImportError:
        return row | {"note": "not installed"}
    row = compared(row, lambda: (METRIC, made()), peer, truth, repeats, error=relative)
    if "note" in row or not STATUS.exists():
        return row
    memory = {who: peak(who, size, backward) for who in (METRIC, PEER)}
    return row | {"our_memory": memory[METRIC], "peer_memory": memory[PEER]}


def call(who: str, size: Size, backward: bool, double: bool = False):
    """A call of a layer with its default weights on standard normal tokens: its output, or the
    gradient of the mean square of it by the tokens. Raises ImportError without PyTorch."""
    import torch

    from simulations.learn import MetricAttention

    make = {METRIC: MetricAttention, PEER: torch.nn.MultiheadAttention}[who]
    kind = torch.float64 if double else torch.float32
    with torch.random.fork_rng():
        torch.manual_seed(1)
        layer = make(size.width, size.heads, batch_first=True).to(kind).train(backward)
        x = torch.randn(size.batch, size.tokens, size.width).to(kind).requires_grad_(backward)

    def forward():
        with torch.inference_mode():
            return layer(x, x, x, need_weights=False)[0]

    def both():
        x.grad = None
        layer.zero_grad()
        layer(x, x, x, need_weights=False)[0].square().mean().backward()
        return x.grad

    return both if backward else forward


def relative(result, truth) -> float:
    """The largest error over the largest entry, of a (name, tensor) whose truth goes by the name."""
    who, found = result
    return float((found - truth[who]).abs().max() / truth[who].abs().max())


def peak(who: str, size: Size, backward: bool) -> float:
    """MB by which one call raises the peak of the resident size of a process of its own; Linux."""
    arguments = json.dumps([who, asdict(size), backward])
    done = subprocess.run(
        [sys.executable, "-c", _ALONE, arguments], cwd=ROOT, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return float(done.stdout)


# getrusage would tell the peak of the parent; a call at a tiny size first, since what libraries
# take once is no part of it
_ALONE = """
import json, re, sys
from simulations.bench.layer_peers import STATUS, Size, call

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", STATUS.read_text())[1])

who, size, backward = json.loads(sys.argv[1])
call(who, Size(1, 8, size["width"], size["heads"]), backward)()
made = call(who, Size(**size), backward)
before = peak()
made()
print((peak() - before) / 1024)
"""
