"""Writes the site: networks with their files, what compares them, a lecture's claims, the index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archgraph.architecture import architectures
from archgraph.errors import FileError, UnknownNameError
from archgraph.exporting import chart
from archgraph.files import write_text
from archgraph.files.file_names import FileNames
from archgraph.graph import ArchGraph
from archgraph.lectures import Lecture, lectures
from archgraph.loading import load
from archgraph.nearest import nearest
from archgraph.tables.comparison import single_error

from .claims_page import claims_page, shown_claims
from .compare_pages import Group, group_contents, group_page, picking_page
from .index_page import index_page
from .network_page import network_page
from .page import Menu
from .page_contents import Contents, Picture, Written
from .page_files import contents
from .traits import title_of

__all__ = ["Written", "write_site"]

COMPARED = ("compared.svg", "compared-dark.svg")
"""A chart of all networks, for light and dark pages."""

COMPARE, CLAIMS = "compare", "claims"
"""Folders of the site that are no network's."""

Say = Callable[[str], None]


@dataclass(slots=True)
class _Site:
    """A site while it is written: its networks, and what every folder holds."""

    root: Path
    nets: list[ArchGraph]
    folders: list[str]
    known: dict[str, str]
    menu: Menu = field(default_factory=lambda: Menu(()))
    files: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    pages: dict[str, Contents] = field(default_factory=dict)

    def add(self, folder: str, page: Contents, *written: Path) -> None:
        """Note what a folder holds: its pages and the files that they offer."""
        home = self.root / folder
        old = self.pages.get(folder)
        if old is not None:
            page.lacking = {**old.lacking, **page.lacking}
            page.unwritten = old.unwritten or page.unwritten
        self.pages[folder] = page
        self.files[folder] = (
            *self.files.get(folder, ()), *written, *(home / file for file in page.files())
        )  # fmt: skip


def write_site(
    folder: str | Path,
    names: Sequence[str] | None = None,
    *,
    onnx: bool = False,
    compare: Sequence[Sequence[str]] = (),
    say: Say = lambda _: None,
) -> Written:
    """Write the site into ``folder`` and return what was written.

    ``names`` are networks as ``load`` takes them; all known ones by default. With ``onnx`` each
    gets an ONNX file with seeded weights, checked in onnxruntime. ``compare`` are groups of them to
    compare on a page of their own, by their names or as ``names`` has them; the lecture's are there
    where all their networks are, and two to four networks of no lecture are compared with one
    another. ``say`` is told what comes next. Each network has a folder of its own, named after it,
    and a page; a file that cannot be made of one, its page says it lacks. Raises what ``load``
    raises and UnknownNameError for a network to compare that there is not, before anything is
    written, and FileError when something cannot be written, after all that can be.
    """
    asked = list(names or architectures())
    nets = [load(name) for name in asked]
    given = FileNames(("index", "index.html", COMPARE, CLAIMS, *COMPARED))
    folders = [given.of(net.name) for net in nets]
    # A file may bear the name of a network of the gallery, and hold another one.
    known: dict[str, str] = {}
    for name, own in zip(asked, folders, strict=True):
        if name in architectures():
            known.setdefault(name, own)
    site = _Site(Path(folder), nets, folders, known)
    lecture = next((each for each in lectures() if _some(each, known)), None)
    groups = _groups(site, lecture, compare, asked)
    pages = [("index.html", "Networks")]
    pages += [(f"{COMPARE}/index.html", "Compare")] * (len(nets) > 1)
    pages += [(f"{CLAIMS}/index.html", "The lecture's claims")] * (lecture is not None)
    site.menu = Menu(tuple(pages))
    covers = _networks(site, groups, onnx=onnx, say=say)
    if len(nets) > 1:
        _comparing(site, groups, say)
    if lecture is not None:
        say("the lecture's claims")
        _claims(site, lecture)
    front = Contents()
    with front.trying("the chart"):
        front.pictures += _compared(nets, site.root)
    text = index_page(nets, folders, covers, front, site.menu.html("index.html"))
    index = write_text(_made(site.root) / "index.html", text)
    for page in (*site.pages.values(), front):
        if page.unwritten is not None:
            raise page.unwritten
    return Written(
        index,
        tuple(site.root / file for file in front.files()),
        {name: tuple(dict.fromkeys(files)) for name, files in site.files.items()},
        {name: page.lacking for name, page in site.pages.items()},
    )


def _some(lecture: Lecture, known: Iterable[str]) -> bool:
    """Return whether a lecture claims anything of networks that are all there."""
    return any(set(claim.networks) <= {*known} for claim in lecture.claims)


def _groups(
    site: _Site, lecture: Lecture | None, compare: Sequence[Sequence[str]], given: Sequence[str]
) -> list[Group]:
    """Return what is compared: what is asked for, then what the lecture does.

    A network is asked for by its folder, else by its name, else as it was ``given``.
    """
    places = {folder: place for place, folder in enumerate(site.folders)}
    spoken = dict(places)
    for place, (net, name) in enumerate(zip(site.nets, given, strict=True)):
        spoken.setdefault(net.name, place)
        spoken.setdefault(name, place)
    asked: list[tuple[list[int], str, str]] = []
    for names in compare:
        for name in names:
            if name not in spoken:
                raise UnknownNameError(
                    f"the site has no network '{name}' to compare{nearest(name, [*spoken])}; "
                    f"it has {', '.join(site.folders)}."
                )
        asked.append(([spoken[name] for name in names], "", ""))
    for each in lecture.comparisons if lecture else ():
        if all(name in site.known for name in each.networks):
            found = [places[site.known[name]] for name in each.networks]
            asked.append((found, each.title, each.words))
    if not asked and 1 < len(site.nets) <= FEW:
        asked.append(([*places.values()], "", ""))
    files = FileNames(("index",))
    made = []
    for found, title, words in asked:
        nets = tuple(site.nets[place] for place in found)
        folders = tuple(site.folders[place] for place in found)
        titles = [title_of(net) for net in nets]
        made.append(
            Group(
                title or f"{', '.join(titles[:-1])} and {titles[-1]}",
                words,
                nets,
                folders,
                files.of("-".join(folders)),
            )
        )
    return made


FEW = 4
"""Networks of no lecture, up to which all are compared with one another."""


def _networks(
    site: _Site, groups: Sequence[Group], *, onnx: bool, say: Say
) -> list[Picture | None]:
    """Write every network's folder; return the picture for its card, where there is one."""
    covers = []
    for place, (net, name) in enumerate(zip(site.nets, site.folders, strict=True), 1):
        say(f"{net.name} ({place} of {len(site.nets)})")
        home = _made(site.root / name)
        page = contents(net, home, name, onnx=onnx)
        beside = [
            (f"../{COMPARE}/{group.file}.html", group.title)
            for group in groups
            if name in group.folders
        ]
        if len(site.nets) > 1:
            beside.append((f"../{COMPARE}/index.html#{name}", "with any others"))
        menu = site.menu.html(f"{name}/index.html")
        written = write_text(home / "index.html", network_page(net, page, menu, beside))
        site.add(name, page, written)
        covers.append(page.pictures[0] if page.pictures else None)
    return covers


def _comparing(site: _Site, groups: Sequence[Group], say: Say) -> None:
    """Write the pages that compare."""
    home = _made(site.root / COMPARE)
    made = []
    for place, group in enumerate(groups, 1):
        say(f"{group.title} ({place} of {len(groups)})")
        page = group_contents(group, home)
        menu = site.menu.html(f"{COMPARE}/{group.file}.html")
        written = write_text(home / f"{group.file}.html", group_page(group, page, menu))
        made.append((group, page))
        site.add(COMPARE, page, written)
    menu = site.menu.html(f"{COMPARE}/index.html")
    text = picking_page(site.nets, site.folders, made, menu)
    site.add(COMPARE, Contents(), write_text(home / "index.html", text))


def _claims(site: _Site, lecture: Lecture) -> None:
    """Write the page of a lecture's claims."""
    home = _made(site.root / CLAIMS)
    page = Contents()
    shown = shown_claims(lecture, site.known, home, page)
    titles = {
        name: title_of(site.nets[site.folders.index(folder)]) for name, folder in site.known.items()
    }
    menu = site.menu.html(f"{CLAIMS}/index.html")
    text = claims_page(lecture, shown, site.known, titles, menu, page.lacking)
    site.add(CLAIMS, page, write_text(home / "index.html", text))


def _compared(nets: Sequence[ArchGraph], root: Path) -> list[Picture]:
    """Draw the networks' published accuracy against their costs, where any is published."""
    if not any(single_error(net) for net in nets):
        return []
    light, dark = COMPARED
    chart(nets, root / light, chart="accuracy", theme="light")
    chart(nets, root / dark, chart="accuracy", theme="dark")
    return [Picture(light, "published accuracy against MACs", dark)]


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot make the folder '{folder}': {error.strerror or error}.") from None
    return folder
