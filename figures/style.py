"""How the figures look: sizes, colours that every eye tells apart, the footer, and the two marks:
predicted a line, measured points."""

from __future__ import annotations

import logging
import re
import tempfile
import textwrap
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import ticker
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.colors import to_rgb
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from simulations.store.files import atomically
from simulations.store.folders import writing

matplotlib.use("Agg")
# font files without a date make fontTools talk once per file
logging.getLogger("fontTools").setLevel(logging.ERROR)

# Okabe and Ito's palette, by what the colour stands for
MEASURED = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
PREDICTED = "#000000"
CONTROL = "#6b6b6b"  # contrast 5:1 on white
WIDE, NARROW = 7.0, 3.4  # inches: all figures have one of these widths
SMALL = 7  # points: no letter is smaller
SEQUENTIAL, DIVERGING = "viridis", "PuOr"
# a manifold has one colour in all figures
COLOUR = {
    "circle": "#0072B2", "sphere": "#D55E00", "torus": "#009E73", "ellipse": "#CC79A7",
    "flat_torus": "#117733", "flat_torus2": "#117733", "flat_torus3": "#56B4E9",
    "sphere3": "#E69F00", "line": "#332288", "space curve": "#882255",
}  # fmt: skip
SYMBOLS = {
    "circle": "circle $S^1$", "torus": "torus of revolution", "sphere": "sphere $S^2$",
    "sphere3": "sphere $S^3$", "flat_torus2": "flat torus $T^2$", "flat_torus3": "flat torus $T^3$",
}  # fmt: skip
FILM_RATE, FILM_DPI = 12, 110  # frames a second, and pixels an inch
PALETTE_FRAMES = 12  # of a film, about as many are looked at for its colours
# what a footer says of the run: parameters of a claim, and how each is written
FACTS = {
    "n_tokens": "N = {:,} tokens", "temperature": "{symbol} = {:g}", "n_steps": "k = {:,} steps",
    "time": "T = {:g}", "n_seeds": "{:,} samples",
}  # fmt: skip
TEMPERATURE = {"local_attention": "T", "linear_attention": "T"}  # of the others: eps
# inches: a line of the footer and the space around it; letters of its size in an inch
FOOT_LINE, FOOT_MARGIN, FOOT_LETTERS = 0.145, 0.06, 19

plt.rcParams.update(
    {
        "figure.dpi": 110, "savefig.dpi": 200, "font.size": 9, "axes.titlesize": 9,
        "legend.fontsize": 8,
        "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
        "lines.linewidth": 1.2, "mathtext.fontset": "stixsans", "font.family": "DejaVu Sans",
        "figure.constrained_layout.use": True, "pdf.fonttype": 42, "errorbar.capsize": 2,
    }
)  # fmt: skip


def label(name: str) -> str:
    """A manifold's name as a figure writes it."""
    base, bracket, arguments = name.partition("(")
    if base and bracket:
        arguments = re.sub(r"(\w+)=", r"$\1$ = ", arguments.removesuffix(")"))
        return f"{label(base)}, {arguments}"
    return SYMBOLS.get(name, name.replace("_", " "))


def colour(name: str) -> str:
    """The colour of a manifold, by its name or by its specification.

    An embedding that was typed is a curve in space; a name without a colour has that of circles.
    """
    base = name.partition("(")[0].strip()
    return COLOUR.get(base, "#0072B2") if base else COLOUR["space curve"]


def shades(colour: str, count: int) -> list[tuple[float, ...]]:
    """One colour from dark to light, (count,) of RGB: steps of d, N, T, or parts of one manifold.

    The lightest still shows on white, contrast 2:1.
    """
    base, steps = np.array(to_rgb(colour)), np.linspace(-0.6, 0.4, max(count, 2))[:count]
    return [tuple(base + k * (1 - base) if k > 0 else base * (1 + k)) for k in steps]


def kinds(count: int) -> np.ndarray:
    """Colours of what is neither a manifold nor in an order (scores, averages): (count, 4)."""
    return plt.get_cmap(SEQUENTIAL)(np.linspace(0, 0.8, count))


def name_control(ax, text: str, x: float, y: float, **place) -> None:
    """Name a rival beside its line, in its colour; x and y are data, or as place says.

    dx: points to the right, off a vertical line.
    """
    options = {"fontsize": SMALL, "color": CONTROL, "va": "bottom", "ha": "left", "dx": 0} | place
    shift = options.pop("dx"), {"bottom": 2, "top": -2}.get(options["va"], 0)
    ax.annotate(text, (x, y), xytext=shift, textcoords="offset points", **options)


def angle_axis(axis, quarters: bool = False) -> None:
    """Ticks of an angle at multiples of pi, or of pi/2."""
    names = ["0", r"$\pi/2$", r"$\pi$", r"$3\pi/2$", r"$2\pi$"]
    step = 1 if quarters else 2
    axis.set_ticks(np.pi / 2 * np.arange(0, 5, step), names[::step])


def power_of_ten(number: float, digits: int = 1) -> str:
    """A number as a formula shows it."""
    mantissa, power = f"{number:.{digits}e}".split("e")
    factor = "" if float(mantissa) == 1 else rf"{mantissa} \cdot "
    return rf"${factor}10^{{{int(power)}}}$"


def draw_row(
    ax, x, row, *, colour, label=None, marker="o", horizontal=False, scale=1.0, hollow=False
):
    """A judged row as a point with the very interval that was judged.

    x: its place on the other axis; scale: what measured numbers are divided by; hollow: an open
    mark, for an extrapolated row.
    """
    low, high = ((row.measured - row.ci_low) / scale, (row.ci_high - row.measured) / scale)
    if scale < 0:
        low, high = -high, -low
    place = (row.measured / scale, x) if horizontal else (x, row.measured / scale)
    bars = {"xerr" if horizontal else "yerr": [[low], [high]]}
    face = "white" if hollow else colour
    ax.errorbar(*place, **bars, fmt=marker, ms=4, mfc=face, color=colour, label=label, zorder=3)


def draw_limit(ax, row, *, colour, label=None):
    """An extrapolated row: an open diamond at step 0, with its judged interval."""
    bars = [[row.measured - row.ci_low], [row.ci_high - row.measured]]
    ax.errorbar(
        0.0,
        row.measured,
        yerr=bars,
        fmt="D",
        ms=5,
        mfc="white",
        color=colour,
        label=label,
        zorder=4,
    )


def order_axes(ax, steps, errors, order: float, *, colour, name: str, control=None, ring=None):
    """One convergence curve of deterministic errors (levels,): points without bars.

    The line shows the slope only: it goes through the finest point. control: errors of a rival.
    ring: size of open marks in points, where curves coincide.
    """
    steps, errors = np.asarray(steps), np.asarray(errors)
    face = "none" if ring else colour
    ax.plot(steps, errors, "o", ms=ring or 4, mfc=face, color=colour, label=name, zorder=3)
    ax.plot(steps, errors[-1] * (steps / steps[-1]) ** order, color=colour, lw=1)
    if control is not None:
        ax.plot(steps, control, "s--", ms=3, lw=1.2, color=CONTROL)
    log_axis(ax.xaxis)
    log_axis(ax.yaxis)


def log_axis(axis) -> None:
    """A logarithmic axis, labelled at 1, 2 and 5 where it spans less than two decades."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    low, high = axis.get_view_interval()
    if high < 100 * low:
        axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(ticker.FormatStrFormatter("%g"))
        axis.set_minor_formatter(ticker.NullFormatter())


def thousands_axis(axis, numbers, name: str) -> None:
    """A logarithmic axis of token numbers, labelled at those measured, in thousands."""
    log_axis(axis)
    axis.set_major_locator(ticker.FixedLocator(numbers))
    axis.set_major_formatter(ticker.FuncFormatter(lambda n, _: f"{n / 1000:.3g}"))
    axis.set_minor_locator(ticker.NullLocator())
    axis.set_label_text(f"{name}, in thousands")


def footer_facts(judged, *more: str) -> list[str]:
    """Claim, verdict, what was measured (N, eps, samples; more facts), and the intervals' level."""
    supported = sum(row.verdict == "supported" for row in judged.rows)
    parameters, symbol = vars(judged.parameters), TEMPERATURE.get(judged.claim, "ε")
    facts = [
        text.format(parameters[key], symbol=symbol) for key, text in FACTS.items()
        if key in parameters
    ]  # fmt: skip
    verdict = f"claim {judged.claim}: {judged.verdict}, {supported} of {len(judged.rows)} rows"
    # identities have bounds, without a confidence
    level = () if {row.kind for row in judged.rows} == {"identity"} else ("intervals: 99.9 %",)
    return [verdict, *facts, *more, *level]


def footer_lines(facts: list[str], width: float) -> list[str]:
    """The facts on as few lines as hold them, broken between facts where that goes."""
    letters, lines = int(FOOT_LETTERS * width), [""]
    for fact in facts:
        joined = f"{lines[-1]} · {fact}" if lines[-1] else fact
        if len(joined) <= letters:
            lines[-1] = joined
        else:
            lines += textwrap.wrap(fact, letters)
    return [line for line in lines if line]


def footer(figure, judged, *more: str) -> None:
    """Write the footer below everything; a figure with a layout of its own leaves the room for it.

    more: facts that the parameters in FACTS do not tell.
    """
    width, height = figure.get_size_inches()
    lines = footer_lines(footer_facts(judged, *more), width)
    foot = FOOT_LINE * len(lines) + FOOT_MARGIN
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        height += foot
        figure.set_size_inches(width, height)
        engine.set(rect=(0, foot / height, 1, 1 - foot / height))
        # legends below the panels stand on the footer; their pad counts in letters
        for legend in figure.legends:
            legend.borderaxespad += foot * 72 / legend.prop.get_size_in_points()
    figure.text(
        FOOT_MARGIN / width, FOOT_MARGIN / height, "\n".join(lines), fontsize=SMALL, color=CONTROL,
        va="bottom",
    )  # fmt: skip


def save(figure, stem: Path) -> list[Path]:
    """Write the figure as PNG and PDF, each at once or not at all; returns the two paths.

    Raises InputError that names the folder where that fails.
    """
    written = []
    for kind, metadata in (("png", {"Software": None}), ("pdf", {"CreationDate": None})):
        path = stem.with_name(f"{stem.name}.{kind}")

        def write(handle, kind=kind, metadata=metadata):
            figure.savefig(handle, format=kind, metadata=metadata)

        with writing("figures folder", stem.parent):
            atomically(path, write)
        written.append(path)
    plt.close(figure)
    return written


class OnePalette(PillowWriter):
    """Writes a GIF whose frames share one palette: with one a frame, colours of what stands still
    change as others come and go."""

    def finish(self):
        frames = [frame.convert("RGB") for frame in self._frames]
        palette = shared_palette(frames)
        first, *others = (f.quantize(palette=palette, dither=Image.Dither.NONE) for f in frames)
        first.save(
            self.outfile, save_all=True, append_images=others, duration=int(1000 / self.fps), loop=0
        )


def shared_palette(frames) -> Image.Image:
    """An image with a palette of 256 colours for RGB frames: white, and 255 that are as far apart
    as those of the frames, however rare these are."""
    few = frames[:: max(1, len(frames) // PALETTE_FRAMES)]
    # each colour once, to 2 bits: or that of a colour bar would count less than those of its paper
    seen = [np.unique(np.asarray(f).reshape(-1, 3) | 3, axis=0) for f in few]
    colours = np.unique(np.concatenate(seen), axis=0)
    chosen = Image.fromarray(colours[None]).quantize(255, Image.Quantize.MAXCOVERAGE)
    chosen.putpalette([255, 255, 255, *chosen.getpalette()[: 3 * 255]])
    return chosen


def save_animation(animation: FuncAnimation, stem: Path) -> Path:
    """Write the film as GIF, at once or not at all; returns its path.

    Raises InputError that names the folder where that fails.
    """
    path = stem.with_name(f"{stem.name}.gif")
    with tempfile.TemporaryDirectory() as folder:
        # Pillow knows the kind of file by its name
        whole = Path(folder) / path.name
        animation.save(whole, writer=OnePalette(FILM_RATE), dpi=FILM_DPI)
        content = whole.read_bytes()
    with writing("figures folder", stem.parent):
        atomically(path, lambda handle: handle.write(content))
    return path
