"""What the page answers to its controls, in words and pictures; it needs no marimo."""

from __future__ import annotations

import html
import io
from dataclasses import dataclass

import matplotlib.pyplot as plt

from figures.explore import pictures
from figures.explore.choice import Choice
from figures.explore.joined import ONE_AT_A_TIME, Joined, joined
from simulations.verdict.display import measurement, prediction
from simulations.verdict.rows import Row
from theory.setting.checks import InputError

DPI = 130
HEADS = ("quantity", "predicted", "measured [99.9 % interval]", "verdict")
# cells of the table apart, or their heads would touch
STYLE = "<style>.verdict td, .verdict th { padding: 2px 14px 2px 0; text-align: left; }</style>"
# of the sizes that a page can wait for: the share of itself a token may attend to
ALONE = 0.1


@dataclass(frozen=True)
class Answer:
    """Either `joined`, or what is wrong with the controls, one line."""

    joined: Joined | None
    error: str = ""


def answer(**controls) -> Answer:
    """What is measured and predicted for the controls, the fields of `Choice`; or the one line."""
    try:
        return Answer(joined(Choice(**controls)))
    except InputError as refused:
        return Answer(None, str(refused))


def picture(draw, found: Joined, step: int) -> bytes:
    """A PNG of `pictures.fields` or `pictures.sides`."""
    out = io.BytesIO()
    with ONE_AT_A_TIME:
        figure = draw(found, step)
        figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
        plt.close(figure)
    return out.getvalue()


def described(found: Joined, step: int) -> str:
    """What the picture of the tokens shows, in a sentence, for who cannot see it."""
    k, right = pictures.check_step(found, step), found.distances()[0]
    return (
        f"{len(found.measured.tokens)} tokens on {found.choice.p.manifold.name} coloured by their "
        f"features after {k} steps of attention and by the equation at time {k * found.tau:.3g}: "
        f"root mean square difference {right[k]:.2g}"
    )


def verdict_table(found: Joined) -> str:
    """HTML of a row each: quantity, prediction, measurement with its interval, verdict with its
    reason; empty where nothing was judged."""
    if not found.rows:
        return ""
    head = "".join(f"<th>{html.escape(text)}</th>" for text in HEADS)
    return (
        f"{STYLE}<table class='verdict'><tr>{head}</tr>{''.join(map(_judged, found.rows))}</table>"
    )


def _judged(row: Row) -> str:
    verdict = f"{row.verdict}: {row.reason}" if row.reason else row.verdict
    cells = (row.quantity, prediction(row), measurement(row), verdict)
    inside = "".join(f"<td>{html.escape(text)}</td>" for text in cells)
    return f'<tr class="{row.verdict}">{inside}</tr>'


def paragraphs(lines) -> str:
    """HTML of lines of plain text."""
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines)


def facts(found: Joined) -> list[str]:
    """What to know of the run, a line each: the clock, who attends to whom, what was warned of."""
    m = found.measured
    lines = [
        f"phi ~ {found.choice.score.power_law.coefficient:.3g} "
        f"r^{found.choice.score.power_law.exponent:g}: a step is the time tau = {found.tau:.3g}; "
        f"limit of the drift coefficient: {found.drift:g}",
        f"means over {m.n_samples} samples of {len(m.tokens):,} i.i.d. tokens, one of them shown; "
        f"a token gives {m.own:.1%} of its attention to itself",
    ]
    if m.own > ALONE:
        lines.append(
            f"so few keys share the weight that noise rules: above {ALONE:.0%} take more tokens or "
            f"a higher temperature"
        )
    return [*lines, *m.notes, *([found.note] if found.note else [])]
