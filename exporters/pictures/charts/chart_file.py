"""Where a chart goes: into a file, or into a picture that shows itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from archgraph.errors import DrawError
from archgraph.files import write_bytes

from ..draw import writer_of
from ..pages import Page
from ..self_showing import Picture

__all__ = ["delivered"]


def delivered(
    made: Callable[..., Page], path: str | Path | None, options: Mapping[str, Any]
) -> Path | Picture:
    """Write the page of a chart into a file and return its path; without one return a picture.

    ``made`` gives the page for options, of which one is its theme. Raises DrawError for a format
    that holds no chart.
    """
    page = made(**options)
    if path is None:
        chosen = options.get("theme") is not None
        dark = None if chosen else made(**{**options, "theme": "dark"}).drawing
        what = f"Chart: {page.drawing.title}"
        return Picture(page.drawing, what, lambda to: _written(page, to), dark)
    return _written(page, Path(path))


def _written(page: Page, path: Path) -> Path:
    suffix = path.suffix.lstrip(".").lower()
    writer = writer_of(suffix)
    if writer.takes not in ("page", "pages"):
        raise DrawError(f"a .{suffix} file holds no chart; use .svg, .pdf, .png or .pptx.")
    return write_bytes(path, writer.write([page]))
