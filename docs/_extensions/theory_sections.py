"""docs/theory.md by its sections, and those that derive what a claim says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from theory.claims import Claim

HEADING = re.compile(r"^(##+) (.+)$", re.MULTILINE)
# a picture of the page with its caption: on the page of its claim it has a place of its own
PICTURE = re.compile(r"^!\[[^]]*\]\((?:figures/)?(\w+)\.png\)\n+(?:\*[^*\n]+\*\n)?", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it, to the next heading of its level or above."""

    title: str
    level: int
    text: str

    @property
    def pictures(self) -> tuple[str, ...]:
        return tuple(PICTURE.findall(self.text))


def sections(theory: str) -> dict[str, Section]:
    """The sections of the text of docs/theory.md by their titles, in its order."""
    headings, found = list(HEADING.finditer(theory)), {}
    for k, heading in enumerate(headings):
        level = len(heading[1])
        later = (h.start() for h in headings[k + 1 :] if len(h[1]) <= level)
        text = theory[heading.end() : next(later, len(theory))].strip() + "\n"
        found[heading[2]] = Section(heading[2], level, text)
    return found


def derivation(claim: Claim, known: dict[str, Section], figures=()) -> list[Section]:
    """The sections that a claim names as its source; where it names none, those that bear its name
    or show one of its figures. One inside another is not repeated."""
    quoted = set(re.findall(r"'([^']+)'", claim.source))
    chosen = [s for s in known.values() if s.title in quoted]
    if not chosen:
        name = claim.name.replace("_", " ").capitalize()
        chosen = [
            s for s in known.values() if s.title == name or not set(figures).isdisjoint(s.pictures)
        ]
    return [s for s in chosen if not any(_inside(s, other) for other in chosen)]


def _inside(inner: Section, outer: Section) -> bool:
    return inner.level > outer.level and inner.text.strip() in outer.text


def slug(title: str) -> str:
    """The anchor of a heading, as GitHub and MyST make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def with_links(text: str, known: dict[str, Section], page: str) -> str:
    """Text with the quoted title of each section made a link to it on the page of the theory."""

    def link(match):
        title = match[1]
        return f'"[{title}]({page}#{slug(title)})"' if title in known else match[0]

    return re.sub(r'"([^"\n]+)"', link, text)
