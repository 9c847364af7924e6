"""Where a chart goes: into a file, or into a picture that shows itself."""

from __future__ import annotations

from pathlib import Path

from archgraph.errors import DrawError
from archgraph.files import write_bytes
from archgraph.options import Declared

from ..draw import writer_of
from ..pages import Page, bytes_of
from ..self_showing import Picture

__all__ = ["delivered"]


def delivered(page: Page, path: str | Path | None, choices: Declared) -> Path | Picture:
    """Write the page of a chart into a file and return its path; without one return a picture.

    Raises DrawError for a format that holds no chart.
    """
    if path is None:
        return Picture(
            page.drawing, f"Chart: {page.drawing.title}", lambda to: _written(page, to, choices)
        )
    return _written(page, Path(path), choices)


def _written(page: Page, path: Path, choices: Declared) -> Path:
    suffix = path.suffix.lstrip(".").lower()
    writer = writer_of(suffix)
    if writer.takes not in ("page", "pages"):
        raise DrawError(f"a .{suffix} file holds no chart; use .svg, .pdf, .png or .pptx.")
    return write_bytes(path, bytes_of(writer, [page], choices, suffix))
