"""Figures inside the page: PNG files with few colours, as small as all of them together must be."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

import figures

BUDGET = 2_900_000  # characters of all pictures of the page
# colours and largest width in pixels, tried in this order until the pictures fit the budget
LADDER = ((256, 1400), (128, 1400), (64, 1400), (48, 1200), (32, 1000), (16, 800))
DOTS_PER_INCH = 200  # as style.py saves figures


@dataclass(frozen=True)
class Picture:
    """A figure as the page shows it: its caption, its data URI, its size in pixels and inches."""

    name: str
    caption: str
    uri: str
    width: int
    height: int
    inches: float


def pictures(names, folder: Path) -> dict[str, Picture]:
    """The named figures whose PNG files are in the folder, by name."""
    paths = {name: folder / f"{name}.png" for name in dict.fromkeys(names)}
    paths = {name: path for name, path in paths.items() if path.exists()}
    for colours, width in LADDER:
        found = {name: _picture(name, path, colours, width) for name, path in paths.items()}
        if sum(len(p.uri) for p in found.values()) <= BUDGET:
            break
    return found


def _picture(name: str, path: Path, colours: int, width: int) -> Picture:
    with Image.open(path) as image:
        inches = image.width / DOTS_PER_INCH
        shown = image.convert("RGB")
    if shown.width > width:
        size = (width, round(shown.height * width / shown.width))
        shown = shown.resize(size, Image.Resampling.LANCZOS)
    few = shown.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True)
    encoded = base64.b64encode(out.getvalue()).decode("ascii")
    uri = f"data:image/png;base64,{encoded}"
    return Picture(name, figures.caption(name), uri, few.width, few.height, inches)
