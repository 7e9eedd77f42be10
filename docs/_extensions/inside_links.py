"""After the build every link inside is followed, and nothing on a page may ask for the network."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.errors import ExtensionError

# of an element that loads what it names
LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}


class _Page(HTMLParser):
    """The names that a page can be entered at, its links, and what it loads."""

    def __init__(self):
        super().__init__()
        self.anchors, self.links, self.loaded = {""}, [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.anchors |= {values[key] for key in ("id", "name") if values.get(key)}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if values.get(LOADED.get(tag)):
            self.loaded.append(values[LOADED[tag]])


@cache
def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def faults(folder: Path) -> list[str]:
    """What is wrong with the links of the pages in a folder, a line each."""
    _read.cache_clear()
    found = []
    for path in sorted(folder.rglob("*.html")):
        page, name = _read(path), path.relative_to(folder)
        for address in page.loaded:
            if urlsplit(address).netloc:
                found.append(f"{name}: loads {address}, expected a file of these pages")
        for address in (*page.links, *page.loaded):
            if fault := _fault(path, address):
                found.append(f"{name}: {fault}")
    return found


def _fault(path: Path, address: str) -> str:
    """What is wrong with one address on a page; external links are not followed."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return ""
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return f"links {address}, which is not there"
    if target.suffix == ".html" and unquote(parts.fragment) not in _read(target).anchors:
        return f"links {address}, but that page has no such place"
    return ""


def setup(app):
    def check(app, failure):
        if failure is None and app.builder.format == "html":
            if found := faults(Path(app.outdir)):
                raise ExtensionError("\n".join(found))

    app.connect("build-finished", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
