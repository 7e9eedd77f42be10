"""Figures inside the page: WebP files, as small as all of them together must be."""

from __future__ import annotations

import base64
import io
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

import figures

BUDGET = 3_050_000  # characters of all pictures of the page
# most colours of a picture that is kept exactly, quality of one that is not, and the largest width
# in pixels, tried in this order until the pictures fit the budget
LADDER = ((96, 75, 1400), (64, 65, 1400), (48, 50, 1200), (32, 40, 1000), (16, 20, 800))
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
    tried = {}

    def fits(place: int) -> bool:
        tried[place] = _within_budget(paths, LADDER[place])
        return tried[place] is not None

    # pictures shrink from step to step, and each step takes as long as the others: half of those that
    # are left are ruled out at a time
    first = bisect_left(range(len(LADDER) - 1), True, key=fits)
    if first in tried:
        return tried[first]
    # the last is taken whatever they come to
    return {name: _picture(name, path, *LADDER[first]) for name, path in paths.items()}


def _within_budget(paths, step) -> dict[str, Picture] | None:
    """All pictures at a step, or None as soon as they are too large."""
    found, size = {}, 0
    for name, path in paths.items():
        found[name] = _picture(name, path, *step)
        size += len(found[name].uri)
        if size > BUDGET:
            return None
    return found


def _picture(name: str, path: Path, colours: int, quality: int, width: int) -> Picture:
    with Image.open(path) as image:
        inches = image.width / DOTS_PER_INCH
        shown = image.convert("RGB")
    if shown.width > width:
        size = (width, round(shown.height * width / shown.width))
        shown = shown.resize(size, Image.Resampling.LANCZOS)
    # lines and letters are smaller with few colours, shaded surfaces with all of them and some loss
    few = shown.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    smaller = min(_webp(few.convert("RGB"), lossless=True), _webp(shown, quality=quality), key=len)
    uri = f"data:image/webp;base64,{base64.b64encode(smaller).decode('ascii')}"
    return Picture(name, figures.caption(name), uri, shown.width, shown.height, inches)


def _webp(image, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", method=4, **options)
    return out.getvalue()
