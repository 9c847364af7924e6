"""What is said of one shown thing, in parts; the layout makes lines of them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from archgraph.ops.words import Words
from archgraph.units import UNKNOWN

from ..dress.spoken import say, spoken

__all__ = ["Inside", "Label", "Run"]


LONG = 44
"""Letters from which on what is counted is abbreviated."""

_SHORT = {
    "convolution": "conv",
    "fully connected layer": "fc",
    "matrix product": "matmul",
    "squeeze-and-excite": "SE",
    "expert mixture": "MoE",
    "recurrent layer": "recurrent",
    "window attention": "W-MSA",
    "shifted-window attention": "SW-MSA",
}
"""What else people say for what is counted."""


@dataclass(frozen=True, slots=True)
class Run:
    """Operators one after the other, ``times`` in a row."""

    words: tuple[Words, ...]
    times: int = 1

    def pieces(self, *, named: bool) -> list[str]:
        """Return it as ``3×3, 64``, ``2 × 3×3, 64`` or ``3 × [1×1, 64``, …, ``1×1, 256], /2``."""
        if self.times == 1 or len(self.words) == 1:
            count = f"{self.times} × " if self.times > 1 else ""
            return [count + words.brief(named=named) for words in self.words]
        # The first of equal blocks may halve the maps; what it does to them stands behind all.
        found = [words.brief(stride=False) for words in self.words]
        strides = [w.stride[0] for w in self.words if _is_sized(w) and w.pace and not w.enlarges]
        found[0] = f"{self.times} × [{found[0]}"
        found[-1] += f"], /{math.prod(strides)}" if strides else "]"
        return found


@dataclass(frozen=True, slots=True)
class Inside:
    """What a group of operators holds.

    ``runs`` are what its main path does; ``widths`` are those of fully connected layers at its
    end: 9216 → 4096 → 1000. Where it branches, ``counts`` say how many there are of what. ``told``
    are pieces that are words already; ``growth`` are the channels that each layer of a dense block
    adds, ``unknown`` says what nobody knows.
    """

    runs: tuple[Run, ...] = ()
    widths: tuple[int, ...] = ()
    counts: tuple[tuple[int, str], ...] = ()
    told: tuple[str, ...] = ()
    growth: int | None = None
    unknown: str = ""
    own: bool = False
    """Whether a user wrote it."""

    @property
    def dense(self) -> int:
        """How many layers alike there are in a dense block, in which each reads all before it."""
        if not self.growth:
            return 1
        if self.told:
            whole = re.fullmatch(r"(\d+) × \[[^\]]*\]", " – ".join(self.told))
            return int(whole[1]) if whole else 1
        return self.runs[0].times if len(self.runs) == 1 else 1

    @property
    def width(self) -> int | None:
        """How many features come out, where the words end with that."""
        if self.widths:
            return self.widths[-1]
        last = self.runs[-1] if self.runs else Run((), 0)
        ends = bool(last.words) and 1 in (last.times, len(last.words)) and not last.words[-1].window
        return last.words[-1].width if ends else None

    def pieces(self, *, brief: bool = False) -> list[str]:
        """Return its words in pieces that a dash joins; ``brief``: without what sizes tell."""
        growth = f"growth {self.growth}" if self.growth else ""
        found = [*self._known(brief=brief), *filter(None, (growth, self.unknown))]
        return found if self.own else list(map(spoken, found))

    def _known(self, *, brief: bool) -> list[str]:
        if self.told:
            return list(self.told)
        if self.counts:
            several = {noun: f"{noun}{'s' * (n > 1)}" for n, noun in self.counts}
            text = ", ".join(f"{n} {several[noun]}" for n, noun in self.counts)
            if len(text) > LONG:
                several |= _SHORT
            told = ((n, spoken(several[noun])) for n, noun in self.counts)
            return [", ".join(say("{count} {things}", count=n, things=each) for n, each in told)]
        match self.runs:
            case (Run(words=(alone,), times=1),) if not self.widths:
                return [alone.text(named=not brief)]
        # "3×3, 64" is a convolution for everybody; it is called so only where it is alone.
        sized = [w for run in self.runs for w in run.words if _is_loose(run) and _is_sized(w)]
        named = len(sized) == 1 and not brief
        found = [piece for run in self.runs for piece in run.pieces(named=named)]
        return [*found, *([" → ".join(map(str, self.widths))] if self.widths else [])]


@dataclass(frozen=True, slots=True)
class Label:
    """What is said of one node.

    ``name`` is what its paper or its author calls it, ``op`` the operator where the head says it;
    below stand what it ``does``, the shape that comes out, and costs. ``repeat`` equal ones are
    shown as one, from the first to the last name of ``span``. ``changes`` say what is not so in
    another network.
    """

    name: str = ""
    op: Words | None = None
    does: Words | Inside | None = None
    shape: str = ""
    costs: tuple[str, ...] = ()
    repeat: int = 1
    span: tuple[str, str] = ("", "")
    changes: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """The label in one line: ``conv1``, ``S2: 2×2 avg pool, /2``, ``conv4_2–36 × 35``."""
        return self.headed("" if self.op is None else self.op.mark or self.op.text())

    def headed(self, operator: str) -> str:
        """Return the head with these words for the operator."""
        head = ": ".join(filter(None, (self.name, spoken(operator))))
        return f"{head} × {self.repeat}" if self.repeat > 1 else head

    @property
    def facts(self) -> tuple[str, ...]:
        """What comes out, and the costs."""
        shape = say("shape unknown") if self.shape == UNKNOWN else spoken(self.shape)
        return tuple(filter(None, (shape, *self.costs)))

    def pieces(self, *, brief: bool = False) -> list[str]:
        """Return what it does, in pieces that a dash joins; ``brief``: without what sizes tell."""
        does = self.does
        if isinstance(does, Inside):
            return does.pieces(brief=brief)
        if does is None:
            return []
        if does.reads is not None:
            return [f"{does.reads} → {does.width}"]
        return [spoken(does.text(named=not brief))]


def _is_sized(words: Words) -> bool:
    """Return whether window and width tell what it is: a convolution."""
    return bool(words.window) and words.width is not None


def _is_loose(run: Run) -> bool:
    """Return whether a run is written without brackets."""
    return run.times == 1 or len(run.words) == 1
