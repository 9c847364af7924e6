"""The steps of the layout, in order: from a view to pages on which everything has its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from math import sqrt

from ..view import View
from .box_sizes import node_size
from .branch_tree import Tangle, build_tree
from .cells import Layering, cells_by_map, cells_by_order, layerings
from .crossings import disorder
from .cut_lines import Piece, between, line_parts, placings
from .even_lines import cuts
from .frame_names import clearly_named, labelled
from .join_lines import GUTTER, arrange
from .lanes import arrange_lanes, has_lanes, rank_nodes
from .place_chain import Placer
from .place_grid import CLOSE, ROOMY, Cells, Grid, Spacing, least_extent, place_grid, units_of
from .place_tangle import fits_a_grid
from .readable import LEAST, MOST, NARROWED, SPLIT, TORN, WRAP, score
from .scene import Scene, Space, Upright
from .soundness import is_sound

__all__ = ["BOTH", "in_layers", "in_map_rows", "in_order", "lay_out"]

LARGE = 600
"""Views with more boxes than these are arranged in one way only."""
BOTH = (True, False)
"""The flow runs down, or to the right."""


def lay_out(
    view: View,
    space: Space,
    *,
    directions: Sequence[bool] = BOTH,
    layers: bool = True,
    laneless: bool = True,
) -> list[Scene] | None:
    """Return the page of a view, or None when it cannot be shown on one.

    ``directions`` are whether the flow may run down, or to the right. Text is never smaller than
    ``LEAST``. Without ``layers`` only chains with their branches are tried, which people read more
    easily. Devices that cannot have lanes are shown without, unless not ``laneless``.
    """
    if has_lanes(view):
        scenes = _in_lanes(view, space, directions)
        if scenes is not None or not laneless:
            return scenes and [labelled(scene) for scene in scenes]
    # Without lanes, what crosses between devices is told by its lines.
    scenes = _one_page(view, space, directions)
    if scenes is not None:
        return [labelled(scene) for scene in scenes]
    return in_layers(view, space, directions) if layers else None


def in_layers(view: View, space: Space, directions: Sequence[bool]) -> list[Scene] | None:
    """Return a view in layers, whose lines find their way round the boxes; None where none fit."""
    scenes = _tangled(view, space, directions)
    return None if scenes is None else [labelled(scene) for scene in scenes]


def in_map_rows(
    forms: Iterable[View], space: Space, directions: Sequence[bool]
) -> tuple[View, list[Scene]] | None:
    """Return the best form of a view, in a row for each size of maps, and its page.

    None where nothing goes down and up again, or where it cannot be shown.
    """
    best: tuple[View, list[Scene]] | None = None
    for steps, view in enumerate(forms):
        if not _may_fit(view, space):
            continue
        grid = units_of(view, list(view.nodes), False)
        if False not in directions or has_lanes(view) or not fits_a_grid(grid):
            return None
        scenes = None
        for spacing in (ROOMY, CLOSE):
            scenes = scenes or _best(
                view, _gridded(grid, cells_by_map(grid), space, spacing), space
            )
        if scenes is None:
            continue
        scenes[0].penalty += NARROWED * steps
        if best is None or score(scenes[0], space) > score(best[1][0], space):
            best = (view, [labelled(scene) for scene in scenes])
        if space is None:
            break
    return best


def _gridded(
    grid: Grid, found: Iterable[Cells], space: Space, spacing: Spacing = ROOMY
) -> list[Scene]:
    """Return a scene for each way to put units into cells, spread out on the canvas."""
    made = (_in_cells(grid, cells, space, spacing) for cells in found)
    return [scene for scene in made if scene is not None]


def _in_cells(grid: Grid, cells: Cells, space: Space, spacing: Spacing = ROOMY) -> Scene | None:
    fill = space[::-1] if space and grid.down else space
    least = least_extent(grid, cells)
    if fill and min(fill[0] / least[0], fill[1] / least[1]) < LEAST:
        return None  # no line needs to find its way
    # What takes the height that it needs has nothing to fill.
    part = place_grid(grid, cells, None if isinstance(space, Upright) else fill, spacing)
    if part is None:
        return None
    # Lines run between boxes everywhere: only what says how often it stands there gets a frame.
    view = grid.view
    framed = view.framed if view.repeats else None
    members = {
        key: {name for name, node in view.nodes.items() if framed and getattr(node, framed) == key}
        for key in view.repeats
    }
    scene = arrange([part], Placer(view, grid.down, framed))
    scene.frames = clearly_named(scene, members)
    return scene.fitted(space, MOST)


def _in_layers(grid: Grid, space: Space, layering: Layering) -> Scene | None:
    """Return a layering as a scene of which boxes may still change places."""
    scene = _in_cells(grid, layering.cells, space)
    if scene is not None:
        scene.layering, scene.again = layering, partial(_in_layers, grid, space)
    return scene


def _one_page(view: View, space: Space, directions: Sequence[bool]) -> list[Scene] | None:
    """Return the best of all arrangements in lines, each made in these steps."""
    if not _may_fit(view, space):
        return None
    scenes = []
    tree = build_tree(view)
    large = len(view.nodes) > LARGE
    for placer, pieces, whole in placings(view, tree, directions[:1] if large else directions):
        counts = [_even(pieces)] if large else range(1, 15)
        for starts in cuts([piece.length for piece in pieces], between(placer), counts):
            if space is not None and not _lines_may_fit(pieces, starts, space, placer.down):
                continue
            lines = line_parts(tree, starts, pieces, placer)
            scene = arrange(lines, placer)
            scene.penalty = WRAP * (len(starts) - 1) + (0.0 if whole else SPLIT)
            framed = [frame.key for frame in scene.frames if frame.key in view.repeats]
            scene.penalty += TORN * (len(framed) - len(set(framed)))
            scenes.append(scene.fitted(space, MOST))
        if large:
            break
    return _best(view, scenes, space)


def _may_fit(view: View, space: Space) -> bool:
    """Return whether the boxes alone would fit, as small as they may be."""
    if space is None:
        return True
    sizes = map(node_size, view.nodes.values())
    return sum(size.width * size.height for size in sizes) * LEAST**2 <= space[0] * space[1]


def _lines_may_fit(
    pieces: Sequence[Piece], starts: Sequence[int], space: tuple[float, float], down: bool
) -> bool:
    """Return whether lines of these pieces fit when no room is lost between them."""
    along, across = space[::-1] if down else space
    lines = [pieces[start:stop] for start, stop in pairwise([*starts, len(pieces)])]
    length = max(sum(piece.length for piece in line) for line in lines)
    breadth = sum(max(piece.breadth for piece in line) for line in lines)
    return length * LEAST <= along and breadth * LEAST <= across


def _even(pieces: Sequence[Piece]) -> int:
    """Return how many lines make a picture that is about as wide as it is high."""
    length, breadth = sum(p.length for p in pieces), max(p.breadth for p in pieces)
    return max(1, round(sqrt(length / (breadth + GUTTER))))


def _in_lanes(view: View, space: Space, _: Sequence[bool]) -> list[Scene] | None:
    """Return the best arrangement with a lane for each device."""
    ranks = rank_nodes(view)
    found = (arrange_lanes(view, ranks, rows) for rows in range(1, 7))
    return _best(view, [scene.fitted(space, MOST) for scene in found if scene is not None], space)


def _tangled(view: View, space: Space, directions: Sequence[bool]) -> list[Scene] | None:
    """Return the view in layers, in one band or several: lines find their way in any graph."""
    if not _may_fit(view, space):
        return None
    scenes = []
    for down in directions:
        grid = units_of(view, list(view.nodes), down)
        if fits_a_grid(grid):
            made = (_in_layers(grid, space, each) for each in layerings(grid))
            scenes += [scene for scene in made if scene is not None]
        else:
            placer = Placer(view, down, None)
            scene = arrange([placer.tangle(Tangle(tuple(view.nodes)))], placer)
            scenes.append(scene.fitted(space, MOST))
    return _best(view, scenes, space)


def in_order(view: View, space: Space, directions: Sequence[bool]) -> list[Scene] | None:
    """Return the view with one box behind the other, in rows, where it fits on one page.

    The lines run as they may: this is for what fits in no other way.
    """
    if space is None:
        return None
    grids = [units_of(view, list(view.nodes), down) for down in directions]
    if has_lanes(view) or not _may_fit(view, space) or not fits_a_grid(grids[0]):
        return None
    found = [scene for grid in grids for scene in _gridded(grid, cells_by_order(grid), space)]
    best = _best(view, found, space)
    return None if best is None else [labelled(scene) for scene in best]


def _best(view: View, scenes: Iterable[Scene], space: Space) -> list[Scene] | None:
    """Return the best that can be read and in which no line runs through a box."""
    best: Scene | None = None
    for scene in sorted(scenes, key=lambda each: -score(each, space)):
        if best is not None and score(scene, space) <= score(best, space):
            break  # its lines could only make it worse
        if scene.scale >= LEAST:
            # Lines that cross between devices are what lanes are about.
            scene.penalty += 0.0 if has_lanes(view) else disorder(scene)
            better = best is None or score(scene, space) > score(best, space)
            if better and is_sound(view, [scene]):
                best = scene
    return None if best is None else [best]
