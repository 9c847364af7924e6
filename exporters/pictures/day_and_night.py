"""A picture in light and dark colours at once, of which a page shows those that suit it.

Notebooks say by an attribute or a class whether they are dark, and some leave it to the system.
A picture's colours are then variables of its own style sheet, and no script is needed. Where a
style sheet is left out, the light colours are shown.
"""

from __future__ import annotations

import re
from hashlib import sha256

__all__ = ["light_and_dark"]

DARK = (
    '[data-jp-theme-light="false"]',  # JupyterLab, Notebook 7
    ".vscode-dark",
    ".vscode-high-contrast:not(.vscode-high-contrast-light)",
    'html[theme="dark"]',  # Colab
    '[data-theme="dark"]',  # sites made by Sphinx
    '[data-md-color-scheme="slate"]',  # sites made by MkDocs
)
"""What says that a page is dark."""

LIGHT = {
    "html": ('[theme="light"]', '[data-theme="light"]'),
    "body": (
        *("[data-jp-theme-light]", '[class*="vscode-"]', ".notebook_app"),
        *('[data-theme="light"]', '[data-md-color-scheme="default"]'),
    ),
}
"""What says that a page is light, or says it either way; without any of it the system says it.

The notebook before version 7 is light, whatever the system is.
"""

_COLOUR = re.compile(r'(?<==")(#[0-9a-fA-F]{6})(?=")')


def light_and_dark(light: str, dark: str) -> str:
    """Return one SVG element of two that differ in their colours alone.

    Where they differ in more, the light one is returned as it is.
    """
    one, two = _COLOUR.split(light), _COLOUR.split(dark)
    if one[::2] != two[::2]:
        return light
    pairs: dict[tuple[str, str], str] = {}
    for n in range(1, len(one), 2):
        day, night = one[n], two[n]
        if day != night:
            name = pairs.setdefault((day, night), f"--c{len(pairs)}")
            one[n] = f"var({name},{day})"
    if not pairs:
        return light
    values = ";".join(f"{name}:{night}" for (_, night), name in pairs.items())
    scope = f"archgraph-{sha256(values.encode()).hexdigest()[:8]}"
    dark_page = ",".join(f"{each} .{scope}" for each in DARK)
    silent = " ".join(
        element + "".join(f":not({each})" for each in told) for element, told in LIGHT.items()
    )
    style = (
        f"<style>{dark_page}{{{values}}}"
        f"@media (prefers-color-scheme:dark){{{silent} .{scope}{{{values}}}}}</style>"
    )
    head, _, rest = "".join(one).partition(">")
    return f'{head} class="{scope}">{style}{rest}'
