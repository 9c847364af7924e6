"""Where a chart goes: into a file, or into a picture that shows itself."""

from __future__ import annotations

from pathlib import Path

from archgraph.errors import DrawError
from archgraph.files import write_bytes

from ..draw import refuse_template, writer_of
from ..pages import Page
from ..self_showing import Picture

__all__ = ["delivered"]


def delivered(page: Page, path: str | Path | None) -> Path | Picture:
    """Write the page of a chart into a file and return its path; without one return a picture.

    Raises DrawError for a format that holds no chart.
    """
    if path is None:
        return Picture(page.drawing, f"Chart: {page.drawing.title}", lambda to: _written(page, to))
    return _written(page, Path(path))


def _written(page: Page, path: Path) -> Path:
    suffix = path.suffix.lstrip(".").lower()
    writer = writer_of(suffix)
    template = page.drawing.template
    refuse_template(None if template is None else template.name, writer, suffix)
    if writer.takes not in ("page", "pages"):
        raise DrawError(f"a .{suffix} file holds no chart; use .svg, .pdf, .png or .pptx.")
    return write_bytes(path, writer.write([page]))
