"""Formulas as MathML, made when the pages are built: readers need neither scripts nor a network.

latex2mathml converts them, as in the report (figures/report/notation.py).
"""

from __future__ import annotations

from functools import cache

from docutils import nodes
from sphinx.errors import ExtensionError

from figures.report import notation


def inline(self, node):
    self.body.append(f'<span class="math">{converted(node.astext(), in_a_line)}</span>')
    raise nodes.SkipNode


def displayed(self, node):
    self.body.append(f'<div class="math">{converted(node.astext(), notation.displayed)}</div>')
    raise nodes.SkipNode


def in_a_line(formula: str) -> str:
    return notation.prose(f"${formula}$")


@cache
def converted(formula: str, convert) -> str:
    """A formula as MathML; ExtensionError names one that cannot be read."""
    try:
        return convert(formula.strip())
    except Exception as error:  # latex2mathml has no error of its own for all that it refuses
        raise ExtensionError(f"formula: got {formula!r}, expected LaTeX: {error!r}") from error


def setup(app):
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(inline, None),
        block_renderers=(displayed, None),
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
