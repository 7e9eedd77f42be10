"""Docstrings are plain text: here they become reStructuredText that reads the same.

Stars, bars and underscores are formulas, not markup; a name between single back quotes is code; an
indented paragraph is a listing.
"""

from __future__ import annotations

import re

# a name between back quotes, or a character that reStructuredText would read as markup
PIECES = re.compile(r"``[^`]+``|`[^`]+`|[\\*|`]|(?<=\w)_(?!\w)")


def as_rst(lines: list[str]) -> list[str]:
    """A docstring, line by line, as reStructuredText."""
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines).strip("\n"))
    return "\n\n".join(map(_paragraph, paragraphs)).split("\n") + [""]


def _paragraph(text: str) -> str:
    lines = text.split("\n")
    if all(line.startswith(" ") for line in lines):
        return "::\n\n" + text
    if all(re.match(r"[-*] |\s", line) for line in lines):  # a list
        return "\n".join(line[:2] + _escaped(line[2:]) for line in lines)
    # one paragraph, whatever the lines are indented by
    return "\n".join(_escaped(line.strip()) for line in lines)


def _escaped(line: str) -> str:
    return PIECES.sub(_piece, line)


def _piece(match: re.Match) -> str:
    found, text = match[0], match.string
    if not (found.startswith("`") and len(found) > 1):
        return "\\" + found
    # code ends where a word does: an escaped space, which is not shown, parts it from letters
    before = r"\ " if text[: match.start()][-1:].isalnum() else ""
    after = r"\ " if text[match.end() :][:1].isalnum() else ""
    return f"{before}``{found.strip('`')}``{after}"


def setup(app):
    def process(app, what, name, obj, options, lines):
        lines[:] = as_rst(lines)

    app.connect("autodoc-process-docstring", process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
