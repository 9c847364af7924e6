"""Files of the repository's root as pages of the site: README is where it starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "CONTRIBUTING.md"}
PAGES["CHANGELOG.md"] = "CHANGELOG.md"


def on_files(files: Files, config: Any) -> Files:
    """Add them, with their links told from where the other pages lie."""
    for source, page in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    files.append(File.generated(config, "LICENSE", abs_src_path=str(ROOT / "LICENSE")))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Let links out of docs/ lead to those pages."""
    return markdown.replace("](../README.md", "](index.md").replace("](../", "](")
