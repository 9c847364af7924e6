"""The frame of every page: self-contained HTML, light and dark, readable without a style."""

from __future__ import annotations

from html import escape

from .page_contents import Picture

__all__ = ["anchor", "figure", "whole_page"]

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de;
  --back: #ffffff; --card: #f6f8fa; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --line: #3a424c;
  --back: #0f1419; --card: #181e25; --link: #79b8ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 16px/1.55 Helvetica, Arial, "Liberation Sans", sans-serif; }
main, header, footer { max-width: 72rem; margin: 0 auto; padding: 1rem 1.5rem; }
header { padding: 2.2rem 1.5rem 0; } main > :first-child { margin-top: .6rem; }
h1 { margin: 0 0 .2rem; font-size: 2rem; } h2 { margin: 2.2rem 0 .6rem; font-size: 1.25rem; }
p { max-width: 46rem; } .note { margin: .35rem 0; font-size: .9rem; }
.soft, footer { color: var(--soft); }
a { color: var(--link); } a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
img { max-width: 100%; height: auto; display: block; }
figure { margin: 1rem 0; border: 1px solid var(--line); border-radius: 8px; padding: .6rem;
  background: var(--back); } figcaption { color: var(--soft); font-size: .9rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem;
  list-style: none; padding: 0; }
.cards a { display: block; height: 100%; padding: .8rem; border: 1px solid var(--line);
  border-radius: 8px; background: var(--card); color: inherit; text-decoration: none; }
.cards a:hover { border-color: var(--link); } .cards strong { font-size: 1.1rem; }
.cards img { aspect-ratio: 16 / 9; width: 100%; object-fit: contain; margin-bottom: .5rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; width: 100%;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
th, td { padding: .25rem .7rem; text-align: left; white-space: nowrap; vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); }
tbody tr { border-bottom: 1px solid var(--line); }
tfoot { font-weight: bold; } .number { text-align: right; } th small { color: var(--soft); }
tbody th { font-weight: normal; } td.words { white-space: normal; min-width: 13rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; }
dt { color: var(--soft); } dd { margin: 0; }
details > summary { cursor: pointer; margin: .5rem 0; }
ul.downloads { display: flex; flex-wrap: wrap; gap: .6rem; list-style: none; padding: 0; }
ul.downloads a { display: block; padding: .35rem .8rem; border: 1px solid var(--line);
  border-radius: 6px; background: var(--card); text-decoration: none; }
@media print { ul.downloads, nav { display: none; } }
"""


def whole_page(title: str, about: str, header: str, body: str) -> str:
    """Return a whole page; ``header`` and ``body`` are HTML, ``title`` and ``about`` are text."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n"
        f'<meta name="description" content="{escape(about)}">\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header>\n{header}\n</header>\n<main>\n{body}\n</main>\n"
        "<footer><p>Counted and drawn by archgraph. Figures are for one image; "
        "every count names its convention.</p></footer>\n</body>\n</html>\n"
    )


def anchor(target: str, text: str) -> str:
    """Return a link; both are text."""
    return f'<a href="{escape(target)}">{escape(text)}</a>'


def figure(picture: Picture, title: str) -> str:
    """Return a picture, for light and dark pages, that leads to its file."""
    dark = (
        f'<source media="(prefers-color-scheme: dark)" srcset="{escape(picture.dark)}">'
        if picture.dark
        else ""
    )
    return (
        f'<figure><a href="{escape(picture.file)}"><picture>{dark}'
        f'<img src="{escape(picture.file)}" alt="{escape(f"{title}: {picture.caption}")}">'
        f"</picture></a><figcaption>{escape(picture.caption)}</figcaption></figure>"
    )
