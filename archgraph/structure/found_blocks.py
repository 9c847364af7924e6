"""Blocks among the steps of a network: what papers draw as one box, or repeat.

A step that ends where ways meet is a block: residual, of branches, gated. What else belongs to it
is told by what others of its kind have: the norm and the activation behind the sum; the same
layers without a shortcut, where the size changes; attention and what follows it, where the two
repeat together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archgraph.structure.flow_units import Units
from archgraph.structure.items import Item
from archgraph.structure.part import Part
from archgraph.structure.repeats import LONGEST, period_of

__all__ = ["LAYER", "blocks_of"]

Sign = tuple[object, ...]

LAYER = "layer"
"""What a layer with its norm and activation is: as long as nothing repeats, no block of its own."""


@dataclass(slots=True, eq=False)
class _Cell:
    """Steps that stand together; ``what`` is "" where they are no block."""

    items: list[Item]
    what: str = ""
    sign: object = None
    body: Sign = ()

    @property
    def units(self) -> list[str]:
        return [unit for item in self.items for unit in item.units]


def blocks_of(units: Units, rows: Sequence[Sequence[Item]]) -> list[str | Part]:
    """Return steps as blocks, and units of none; each row is one step after the other."""
    cells = [[_cell(units, item) for item in row] for row in rows]
    ways = dict.fromkeys(cell.body for row in cells for cell in row if len(cell.body) > 2)
    bodies = sorted(ways, key=len, reverse=True)
    cells = [_like_bodies(units, row, bodies) for row in cells]
    cells = _with_tails(units, cells)
    stretches = [each for row in cells for each in _stretches(_with_layers(units, row))]
    found: list[str | Part] = []
    for group in _joined(units, stretches):
        if len(group) == 1 and not group[0].what:
            names, region = group[0].units, group[0].items[0].region
            gate = bool(region) and any(map(units.works, names))
            found += [Part("gate", [*names], "block")] if gate else names
        elif len(group) == 1:
            found.append(Part(group[0].what, list(group[0].units), "block"))
        else:
            steps = [
                Part(cell.what, list(cell.units)) if len(cell.units) > 1 else cell.units[0]
                for cell in group
            ]
            found.append(Part(_called(group), list(steps), "block"))
    return found


def _cell(units: Units, item: Item) -> _Cell:
    cell = _Cell([item], sign=units.sign(item.last))
    if not item.region:
        return cell
    bodies = sorted((units.sign_of(chain) for chain in item.region), key=len)
    cell.sign = (cell.sign, tuple(sorted(bodies, key=repr)))
    op = units.op(item.last)
    mixes = units.has(item.units, "pool") or any(map(units.works, item.units))
    if not mixes or _is_gate(units, item):
        return cell
    main = max(item.region, key=lambda chain: len(chain.nodes))
    if op is not None and op.sums:
        cell.body = units.sign_of(main)
        cell.sign = (units.sign(item.last), cell.body)  # whatever its shortcut does
        cell.what = "attention" if units.attends(item.units) else "residual block"
        alone = not units.has(item.units, "conv") and not units.attends(item.units)
        if item.skips and units.has(item.units, "linear") and alone:
            cell.what = "MLP"
    elif units.attends(item.units):
        cell.what = "attention"
    elif op is not None and op.kind == "Concat" and len(item.region) > 2:
        nested = any(s in item.units for c in item.region for s in units.flow.reads[c.nodes[0]])
        cell.what = "dense block" if nested else "Inception block"
    else:
        cell.what = "block"
    return cell


def _is_gate(units: Units, item: Item) -> bool:
    """Return whether a step only scales what it reads: it is a part of a block, and no block."""
    op = units.op(item.last)
    return op is not None and item.skips and op.kind == "Mul"


# ---- the same layers without a shortcut ---------------------------------------------------


def _like_bodies(units: Units, cells: list[_Cell], ways: Sequence[Sign]) -> list[_Cell]:
    """Make blocks of steps that do what elsewhere stands beside a shortcut."""
    found: list[_Cell] = []
    at = 0
    while at < len(cells):
        fitting = (_match(units, cells, at, way) for way in ways)
        end = next((end for end in fitting if end), 0)
        if end:
            items = [item for cell in cells[at:end] for item in cell.items]
            found.append(_Cell(items, "block", ("block", len(items))))
            at = end
        else:
            found.append(cells[at])
            at += 1
    return found


def _match(units: Units, cells: Sequence[_Cell], at: int, way: Sign) -> int:
    """Return where steps end that begin at a place and have the signs of a body; 0 for none.

    They change the shape: else there would be a shortcut.
    """
    done, entry = 0, cells[at].items[0].entry
    while done < len(way) and at < len(cells) and not cells[at].what:
        (item,) = cells[at].items
        op = units.op(item.last)
        at += 1
        if item.region:
            between = tuple(sorted((units.sign_of(each) for each in item.region), key=repr))
            if way[done] != between:
                return 0
            done += 1
        elif op is not None and op.silent:
            if not done:
                return 0
            continue
        if done == len(way) or way[done] != units.sign(item.last):
            return 0
        done += 1
    return at if done == len(way) and units.shape(entry) != units.shape(item.last) else 0


# ---- what stands behind a block ------------------------------------------------------------


def _with_tails(units: Units, rows: Sequence[list[_Cell]]) -> list[list[_Cell]]:
    """Join activations, and norms that most blocks of a kind have behind them, to the blocks."""
    follows: Counter[object] = Counter()
    total: Counter[object] = Counter()
    for row in rows:
        for index, cell in enumerate(row):
            if cell.what:
                total[cell.sign] += 1
                follows[cell.sign] += _family(units, row, index + 1) == "norm"
    normed = {
        cell.sign
        for row in rows
        for cell in row
        if 2 * follows[cell.sign] > total[cell.sign] and not _begins_with_norm(units, cell)
    }
    return [
        _bridged(
            units,
            _taken(units, row, lambda cell: bool(cell.what), lambda cell: cell.sign in normed),
        )
        for row in rows
    ]


def _bridged(units: Units, row: Sequence[_Cell]) -> list[_Cell]:
    """Join what only moves data from one block to the next to the former."""
    found: list[_Cell] = []
    moving: list[_Cell] = []
    for cell in row:
        op = units.op(cell.items[0].last)
        if found and found[-1].what and not cell.what and op is not None and op.silent:
            moving.append(cell)
            continue
        if moving and cell.what:
            found[-1].items += [item for each in moving for item in each.items]
        else:
            found += moving
        moving = []
        found.append(cell)
    return found + moving


def _with_layers(units: Units, row: list[_Cell]) -> list[_Cell]:
    """Join norms and activations to the layers before them."""
    found = _taken(units, row, lambda cell: _is_layer(units, cell), lambda _: True)
    for cell in found:
        if len(cell.items) > 1 and not cell.what and _is_layer(units, cell):
            cell.sign = tuple(units.sign(item.last) for item in cell.items)
            cell.what = LAYER
    return found


def _is_layer(units: Units, cell: _Cell) -> bool:
    unit = cell.items[0].last
    return not cell.what and units.op(unit) is not None and units.works(unit)


def _taken(
    units: Units,
    row: Sequence[_Cell],
    takes: Callable[[_Cell], bool],
    norms: Callable[[_Cell], bool],
) -> list[_Cell]:
    """Join what only changes values to the cell before that takes it: activations, one norm."""
    found: list[_Cell] = []
    at = 0
    while at < len(row):
        cell = row[at]
        found.append(cell)
        at += 1
        if not takes(cell):
            continue
        wanted = ["activation", "regularisation", *["norm"] * norms(cell)]
        while (family := _family(units, row, at)) in wanted:
            cell.items += row[at].items
            if family == "norm":
                wanted.remove(family)
            at += 1
    return found


def _family(units: Units, cells: Sequence[_Cell], at: int) -> str:
    """Return the family of the operator that stands alone at a place; "" where none does."""
    if at >= len(cells) or cells[at].what or cells[at].items[0].region:
        return ""
    unit = cells[at].items[0].last
    op = units.op(unit)
    if op is None:
        return ""
    scales = op.family in ("merge", "elementwise") and len(units.flow.reads[unit]) < 2
    return "activation" if scales else op.family  # what is added or multiplied is stored


def _begins_with_norm(units: Units, cell: _Cell) -> bool:
    return any(
        (op := units.op(chain.nodes[0])) is not None and op.family == "norm"
        for item in cell.items
        for chain in item.region
    )


# ---- blocks of several steps ---------------------------------------------------------------


def _stretches(row: Sequence[_Cell]) -> list[list[_Cell]]:
    """Return the blocks of a row that follow each other, and the layers that do."""
    found: list[list[_Cell]] = []
    for cell in row:
        kind = _layered(cell)
        if found and cell.what and found[-1][-1].what and kind == _layered(found[-1][-1]):
            found[-1].append(cell)
        else:
            found.append([cell])
    return found


def _layered(cell: _Cell) -> bool:
    return cell.what == LAYER


def _joined(units: Units, stretches: Sequence[Sequence[_Cell]]) -> list[list[_Cell]]:
    """Return the cells in groups: those that repeat together are one block."""
    ways: dict[Sign, None] = {}
    for stretch in stretches:
        ways |= dict.fromkeys(_repeated(units, stretch))
    known = sorted(ways, key=len, reverse=True)
    found: list[list[_Cell]] = []
    for stretch in stretches:
        at = 0
        while at < len(stretch):
            signs = tuple(cell.sign for cell in stretch[at : at + LONGEST])
            size = next((len(way) for way in known if signs[: len(way)] == way), 1)
            if size == 1 and at + 1 < len(stretch) and _is_pair(*stretch[at : at + 2]):
                size = 2
            found.append(list(stretch[at : at + size]))
            at += size
    return found


def _repeated(units: Units, stretch: Sequence[_Cell]) -> list[Sign]:
    """Return the signs of the cells that repeat together in a stretch, as one block each."""
    motifs = [units.motif(cell.units) for cell in stretch]
    found: list[Sign] = []
    at = 0
    while at < len(motifs):
        size, times = period_of(motifs, at)
        end = at + size * times
        while size > 1 and end < len(motifs) and motifs[end] == motifs[end - size]:
            end += 1
        if size > 1:
            start = at + _begins_at(stretch, at, end, size)
            period = motifs[start : start + size]
            signs = [cell.sign for cell in stretch[start : start + size]]
            ends = [n for n in range(1, size) if size % n == 0]
            # (A B C B) are the blocks (A B) and (C B): both end in the same step.
            each = next((n for n in ends if n > 1 and len({*period[n - 1 :: n]}) == 1), size)
            found += [tuple(signs[i : i + each]) for i in range(0, size, each)]
        at = max(at + 1, end - size) if size > 1 else at + 1
    return found


def _begins_at(stretch: Sequence[_Cell], at: int, end: int, size: int) -> int:
    """Return where in a period its block begins.

    Repeats from the beginning of a stretch begin there; of others the last block is whole, and
    the first of all may differ a little. In doubt a block begins with attention.
    """
    rest = (end - at) % size
    if at > 0:
        return rest
    if rest == 0 or end < len(stretch):
        return 0
    period = stretch[at : at + size]
    leads = [cell.what == "attention" for cell in period]
    return next((i for i, here in enumerate(leads) if here and not leads[i - 1]), 0)


def _is_pair(one: _Cell, other: _Cell) -> bool:
    """Return whether attention and the layers on each token that follow it stand in a row."""
    return one.what == "attention" and other.what in ("MLP", "residual block")


def _called(group: Sequence[_Cell]) -> str:
    attends = any(cell.what == "attention" for cell in group)
    return "transformer block" if attends else "block"
