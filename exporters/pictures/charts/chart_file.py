"""Where a chart goes: into a file, or into a picture that shows itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from archgraph.errors import DrawError
from archgraph.files import write_bytes

from ..choices import Looks
from ..draw import writer_of
from ..pages import Page, bytes_of
from ..self_showing import Picture

__all__ = ["delivered", "in_the_dark"]

Chosen = TypeVar("Chosen", bound=Looks)


def in_the_dark(choices: Chosen, options: Mapping[str, Any]) -> Chosen | None:
    """Return the choices in dark colours; None where a user chose the colours."""
    chosen = any(options.get(name) is not None for name in ("theme", "look"))
    return None if chosen else replace(choices, theme="dark")


def delivered(
    make: Callable[[Chosen], Page],
    choices: Chosen,
    path: str | Path | None,
    dark: Chosen | None = None,
) -> Path | Picture:
    """Make the page of a chart, write it into a file and return its path; without one a picture.

    That is as ``dark`` says where a notebook is. Raises DrawError for a format that holds no chart.
    """
    with choices.worn():
        page = make(choices)

    def write(to: Path) -> Path:
        with choices.worn():
            return _written(page, to, choices)

    if path is None:
        what = f"Chart: {page.drawing.title}"
        if dark is None:
            return Picture(page.drawing, what, write)
        with dark.worn():
            return Picture(page.drawing, what, write, make(dark).drawing)
    return write(Path(path))


def _written(page: Page, path: Path, choices: Looks) -> Path:
    suffix = path.suffix.lstrip(".").lower()
    writer = writer_of(suffix)
    if writer.takes not in ("page", "pages"):
        raise DrawError(f"a .{suffix} file holds no chart; use .svg, .pdf, .png or .pptx.")
    return write_bytes(path, bytes_of(writer, [page], choices, suffix))
