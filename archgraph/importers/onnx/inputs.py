"""The inputs of a model: which shapes the file gives them, and where the batch enters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archgraph.errors import FormatError
from archgraph.formats.onnx_notes import noted_input
from archgraph.importers.onnx.shape_inference import TYPES
from archgraph.limits import OPEN
from archgraph.nearest import nearest
from archgraph.tensors import Batch, Extent, N, Open, Tensor, extent, shape_text

if TYPE_CHECKING:
    from onnx import ModelProto, TypeProto, ValueInfoProto

__all__ = ["Asked", "Given", "given"]

Word = int | str
"""An extent in the file: a number, or its name (dim_param), empty for one without."""

Asked = Sequence[int] | Mapping[str, Sequence[Any]] | None
"""What is asked for: the first input without its batch axis, or inputs by name with all axes."""

_LETTERS = {3: ("C", "L"), 4: ("C", "H", "W"), 5: ("C", "D", "H", "W")}
"""What open extents without a name are called, behind axis 0, by the number of axes."""

_MADE_UP = re.compile(r"unk__\d+|(p2o\.)?DynamicDimension\.\d+|\W*")
"""Names that converters make up for extents that have none."""


@dataclass(slots=True)
class Given:
    """The inputs by name, in two readings.

    ``open`` follows the batch: N stands at axis 0 where that is open, and wherever its name stands
    again; where the file fixes the batch, N takes its place on axis 0 to see whether the network
    takes any. ``standing`` is what the file says, with 1 for an open batch. Other open extents are
    letters in both. ``fixed`` is the file's batch where it fixes one; ``as_noted`` says that no
    other size was asked for; ``kinds`` are the types of what is no tensor of numbers.
    """

    open: dict[str, Tensor] = field(default_factory=dict)
    standing: dict[str, Tensor] = field(default_factory=dict)
    kinds: dict[str, TypeProto] = field(default_factory=dict)
    fixed: int | None = None
    as_noted: bool = True
    letters: dict[str, Extent] = field(default_factory=dict)


def given(infos: Sequence[ValueInfoProto], model: ModelProto, origin: str, asked: Asked) -> Given:
    """Return the shapes of the inputs; what neither the file nor ``asked`` says is a letter.

    Raises FormatError for what is asked of inputs that there are not, or of another rank.
    """
    words = {info.name: _words(info) for info in infos}
    wanted, required = _wanted(infos, words, model, origin, asked)
    batches = _batch_names(each for each in words.values() if each)
    found = Given()
    ranked = [each for each in words.values() if each]
    if ranked and all(isinstance(each[0], int) and each[0] > 0 for each in ranked):
        found.fixed = int(ranked[0][0])
    names = _Names(batches, wanted, words)
    for info in infos:
        kind = info.type.tensor_type
        dtype = TYPES.get(kind.elem_type)
        if dtype is None:
            found.kinds[info.name] = info.type
        own = words[info.name]
        if own is None:
            shape = wanted.get(info.name)
            found.open[info.name] = Tensor(shape, dtype)
            found.standing[info.name] = Tensor(shape and _for_one(shape), dtype)
            continue
        whole = names.whole(info.name, own)
        asked_now = wanted.get(info.name, ()) if required else ()
        if any(
            size is not None and word != size for word, size in zip(own, asked_now, strict=False)
        ):
            found.as_noted = False
        found.standing[info.name] = Tensor(_for_one(whole), dtype)
        if info.name not in wanted or not isinstance(asked, Mapping):
            # Where the file fixes the batch, N takes its place to see whether it takes any.
            fixed = bool(own) and found.fixed is not None and own[0] == found.fixed
            whole = (N, *whole[1:]) if fixed else whole
        found.open[info.name] = Tensor(whole, dtype)
    found.letters = names.known
    return found


def _words(info: ValueInfoProto) -> tuple[Word, ...] | None:
    """Return the extents that the file says; None where it says not even how many."""
    kind = info.type.tensor_type
    if not info.type.HasField("tensor_type") or not kind.HasField("shape"):
        return None
    return tuple(d.dim_value if d.HasField("dim_value") else d.dim_param for d in kind.shape.dim)


def _for_one(shape: Iterable[Extent]) -> tuple[Any, ...]:
    return tuple(int(each) if type(each) is Batch else each for each in shape)


def _wanted(
    infos: Sequence[ValueInfoProto],
    words: Mapping[str, tuple[Word, ...] | None],
    model: ModelProto,
    origin: str,
    asked: Asked,
) -> tuple[dict[str, tuple[Any, ...]], bool]:
    """Return the whole shapes that are asked for, None for an extent that is not, by input.

    Also whether somebody asked for them: what the file notes of itself is only taken where it fits.
    """
    if isinstance(asked, Mapping):
        return {
            name: shape
            for key, each in asked.items()
            for name, shape in [_by_name(key, each, words, origin)]
        }, True
    first = asked if asked is not None else noted_input(model)
    if first is None or not infos:
        return {}, False
    own = words[infos[0].name]
    if own is None or len(first) == len(own) - 1:
        return {infos[0].name: (N if own is None else None, *map(_size, first))}, asked is not None
    if asked is None:
        return {}, False
    raise FormatError(
        f"{origin} takes an input of {len(own) - 1} axes besides the batch, "
        f"not {shape_text(tuple(first))}."
    )


def _by_name(
    key: str,
    shape: Sequence[Any],
    words: Mapping[str, tuple[Word, ...] | None],
    origin: str,
) -> tuple[str, tuple[Any, ...]]:
    """Return the input that is meant, by its name or as the graph calls it, and its shape."""
    plain = {re.sub(r"\W", "_", name): name for name in words}
    name = key if key in words else plain.get(re.sub(r"\W", "_", key), "")
    if not name:
        raise FormatError(
            f"{origin} has no input '{key}'{nearest(key, words)}; it has {', '.join(words)}."
        )
    own, found = words[name], tuple(map(_size, shape))
    if own is not None and len(own) != len(found):
        raise FormatError(
            f"the input '{name}' of {origin} has {len(own)} axes, but {'×'.join(map(str, shape))} "
            f"has {len(found)}; say all of them, with N for the batch."
        )
    return name, found


def _size(value: Any) -> Any:
    found = extent(value, "input")
    if isinstance(found, int) and found < 0:
        raise FormatError(f"an input has no extent of {found}; leave it out, or give its size.")
    return found


def _batch_names(shapes: Iterable[tuple[Word, ...]]) -> set[str]:
    """Return the names of axis 0 that no input before has on another axis."""
    batches: set[str] = set()
    others: set[str] = set()
    for words in shapes:
        if words and isinstance(words[0], str) and words[0] and words[0] not in others:
            batches.add(words[0])
        others |= {word for word in words[1:] if isinstance(word, str) and word not in batches}
    return batches


_LONGEST = 60
"""More characters than a name has that stands in a shape."""


class _Names:
    """Which extent stands for each name in a file: a size that is asked for, N, or a letter."""

    def __init__(
        self,
        batches: set[str],
        wanted: Mapping[str, tuple[Any, ...]],
        words: Mapping[str, tuple[Word, ...] | None],
    ) -> None:
        self.wanted = wanted
        self.known: dict[str, Extent] = {}
        self.taken: set[str] = {"N"}
        for name, shape in wanted.items():
            for word, size in zip(words[name] or (), shape, strict=False):
                if isinstance(word, str) and word and size is not None:
                    self.known.setdefault(word, size)
        for word in batches:
            self.known.setdefault(word, N)

    def whole(self, name: str, words: tuple[Word, ...]) -> tuple[Any, ...]:
        """Return an input's extents."""
        asked = self.wanted.get(name, ())
        found: list[Any] = []
        for axis, word in enumerate(words):
            size = asked[axis] if axis < len(asked) else None
            if size is not None:
                found.append(size)
            elif isinstance(word, int) and word > 0:
                found.append(word)
            elif isinstance(word, str) and word in self.known and word:
                found.append(self.known[word])
            elif not axis:
                found.append(N)
            elif len(self.taken) > OPEN:
                found.append(None)
            else:
                letter = Open.letter(self._letter(word, axis, len(words)))
                found.append(letter)
                if isinstance(word, str) and word:
                    self.known[word] = letter
        return tuple(found)

    def _letter(self, word: Word, axis: int, rank: int) -> str:
        """Return what an open extent is called: its own name, else a letter."""
        usual = _LETTERS.get(rank, ())
        name = usual[axis - 1] if axis <= len(usual) else "L"
        if isinstance(word, str) and len(word) <= _LONGEST and not _MADE_UP.fullmatch(word):
            name = re.sub(r"\W+", "_", word).strip("_") or name
            name = f"_{name}" if name[0].isdigit() else name
        number, free = 1, name
        while free in self.taken:
            number += 1
            free = f"{name}{number}"
        self.taken.add(free)
        return free
