"""The page of a lecture's claims: each in its words, what graphs say, the arithmetic, a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

from archgraph.answers.explanation import explain, node_tables
from archgraph.exporting import chart, draw
from archgraph.lectures import Answer, Arithmetic, Claim, Figure, Lecture, answer_table
from archgraph.tables.html_table import html_table
from archgraph.tensors import shape_text

from .downloads import lacking_html
from .page import anchor, figure, whole_page
from .page_contents import Contents, Picture

__all__ = ["Shown", "claims_page", "shown_claims"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A claim with its number in the lecture, its answer and its pictures."""

    number: int
    claim: Claim
    answer: Answer
    pictures: tuple[Picture, ...]


def shown_claims(
    lecture: Lecture, known: Mapping[str, str], home: Path, page: Contents
) -> list[Shown]:
    """Return the claims whose networks are all ``known``, and draw their pictures into ``home``.

    A picture that several claims show is drawn once.
    """
    drawn: dict[str, Picture] = {}
    found = []
    for number, claim in enumerate(lecture.claims, 1):
        if any(name not in known for name in claim.networks):
            continue
        answer = claim.answer()
        pictures = []
        for place, each in enumerate(answer.figures):
            name = f"claim{number}" + "abcdef"[place] * (len(answer.figures) > 1)
            with page.trying(f"the picture “{each.caption}”"):
                pictures.append(drawn.setdefault(_key(each), _drawn(each, home, name)))
        page.pictures += [each for each in pictures if each not in page.pictures]
        found.append(Shown(number, claim, answer, tuple(pictures)))
    return found


def _key(each: Figure) -> str:
    return repr(([net.name for net in each.nets], [net.input_shape for net in each.nets],
                 sorted(each.options.items())))  # fmt: skip


def _drawn(each: Figure, home: Path, name: str) -> Picture:
    """Draw a picture for light and for dark pages."""
    make = chart if each.chart else draw
    light, dark = f"{name}.svg", f"{name}-dark.svg"
    make(each.nets, home / light, theme="light", **each.options)
    make(each.nets, home / dark, theme="dark", **each.options)
    return Picture(light, each.caption, dark)


def claims_page(
    lecture: Lecture,
    shown: Sequence[Shown],
    known: Mapping[str, str],
    titles: Mapping[str, str],
    menu: str,
    lacking: Mapping[str, str],
) -> str:
    """Return the page; ``known`` says by network in which folder its page is, ``titles`` its title.

    A claim whose networks are not all there is named at the end, with those that it lacks.
    """
    about = "What the lecture claims, and what the graphs of its networks say."
    links = "".join(
        f"<li>{anchor(f'#claim{each.number}', f'{each.number}. {each.claim.title}')}</li>"
        for each in shown
    )
    body = [f'<nav aria-label="Claims" class="contents"><ul>{links}</ul></nav>']
    body += [_claim(each, known, titles) for each in shown]
    numbers = {each.number for each in shown}
    missing = [
        f"<li>{number}. {escape(claim.title)}: needs "
        + ", ".join(escape(name) for name in claim.networks if name not in known)
        + "</li>"
        for number, claim in enumerate(lecture.claims, 1)
        if number not in numbers
    ]
    if missing:
        body.append(
            f"<h2>Claims about networks that are not on this site</h2><ul>{''.join(missing)}</ul>"
        )
    body += lacking_html(lacking)
    header = (
        f'<h1>{escape(lecture.title)}</h1>\n<p class="soft">{escape(about)} Every figure is '
        "computed from the networks' graphs, but those that name a paper.</p>"
    )
    title = f"{lecture.title} · claims"
    return whole_page(title, about, header, "\n".join(body), menu=menu)


def _claim(each: Shown, known: Mapping[str, str], titles: Mapping[str, str]) -> str:
    claim, answer = each.claim, each.answer
    networks = ", ".join(
        anchor(f"../{known[name]}/index.html", titles[name]) for name in claim.networks
    )
    lines = [
        f'<section class="claim" id="claim{each.number}">',
        f"<h2>{each.number}. {escape(claim.title)}</h2>",
        f"<blockquote><p>{escape(claim.words)}</p></blockquote>",
    ]
    table = answer_table(answer.rows)
    said = [html_table(each) for each in (table, *answer.tables) if each is not None]
    for part in answer.arithmetic:
        said += _arithmetic(part)
    said += _instead(answer.instead)
    said.append(f'<p class="soft note">Networks: {networks}</p>')
    lines += ['<div class="both">', "<div>", *said, "</div>"]
    if each.pictures:
        pictures = "".join(figure(picture, "") for picture in each.pictures)
        lines.append(f'<div class="figures">{pictures}</div>')
    lines += ["</div>", "</section>"]
    return "\n".join(lines)


def _instead(facts: Sequence[str]) -> list[str]:
    if not facts:
        return []
    return ['<div class="instead">', *(f"<p>{escape(fact)}</p>" for fact in facts), "</div>"]


def _arithmetic(part: Arithmetic) -> list[str]:
    """Return the formulas of which a claim speaks, and the command that writes all of them."""
    found = explain(part.net, part.node)
    found = replace(
        found,
        extents=tuple(each for each in found.extents if each.name in part.only),
        costs=tuple(each for each in found.costs if each.name in part.only),
        rules=(),
        said=(),
    )
    (table,) = node_tables(part.net, found)
    command = f"archgraph cost {part.net.name} --explain {part.node}"
    if "/" not in part.net.name:
        command += f" --input {shape_text(part.net.input_shape).replace('×', 'x')}"
    return [html_table(table), f'<p class="soft note"><code>{escape(command)}</code></p>']
