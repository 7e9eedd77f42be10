"""Pages that are written when the documentation is built: a folder of them, and nothing stale."""

from __future__ import annotations

from pathlib import Path

from simulations.store.files import write_text


def write_pages(folder: Path, pages: dict[str, str]) -> None:
    """Write each page, Markdown by its name, and remove those of an earlier build."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.md"):
        if path.stem not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)
