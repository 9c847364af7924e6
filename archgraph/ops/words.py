"""What an operator says of itself, in parts from which tables, pictures and titles make texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["Form", "Words", "words_of_name"]

Form = Literal["box", "thin", "bar", "dot"]
"""A box with lines of text, a thin separator, a bar that spans its branches, a small circle."""


@dataclass(frozen=True)
class Words:
    """An operator in parts: ``Words("conv", window=(3, 3), width=64, stride=(2, 2))``.

    ``what`` is its name in running text and ``how`` its variety ("max" of "pool"); ``initials``
    are its name in a compound ("BN"), ``mark`` is the sign that people draw instead ("+").
    ``window`` slides with ``stride`` and ``dilation``; a stride that ``enlarges`` makes maps
    larger. ``width`` are the channels or features that come out, ``reads`` the features that go
    in; ``rows`` are those of a table, ``deep`` the layers in it, ``to`` the size that it brings
    maps to; ``depthwise`` says that each channel has a window of its own. ``number`` is the
    setting that tells it from others of its kind in a table.
    """

    what: str
    how: str = ""
    initials: str = ""
    mark: str = ""
    window: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    enlarges: bool = False
    dilation: tuple[int, ...] = ()
    groups: int = 1
    reads: int | None = None
    width: int | None = None
    rows: int | None = None
    deep: int = 1
    depthwise: bool = False
    to: tuple[int, ...] = ()
    number: str = ""

    @property
    def name(self) -> str:
        """Its name: ``conv``, ``max pool``."""
        return f"{self.how} {self.what}".lstrip()

    @property
    def size(self) -> str:
        """The window's size: ``3×3``."""
        return "×".join(map(str, self.window))

    @property
    def kernel(self) -> str:
        """The window's size in running text, where one number alone says nothing: ``k=3``."""
        return f"k={self.size}" if len(self.window) == 1 else self.size

    @property
    def pace(self) -> str:
        """The stride, where it is not 1: ``2``, ``1×2``."""
        return _settled(self.stride)

    @property
    def spread(self) -> str:
        """The dilation, where it is not 1."""
        return _settled(self.dilation)

    @property
    def step(self) -> str:
        """What the stride does to maps: ``/2``, ``×2`` where it enlarges them."""
        return f"{'×' if self.enlarges else '/'}{self.pace}" if self.pace else ""

    @property
    def goal(self) -> str:
        """The size that maps are brought to: ``global``, ``to 7×7``."""
        return f"to {'×'.join(map(str, self.to))}" if set(self.to) - {1} else "global"

    def text(self, *, named: bool = True) -> str:
        """Return all that a picture says: ``3×3 conv, 64, /2, 2 groups``, ``avg pool to 7×7``.

        Without its name a layer with a window says ``3×3, 64, /2``.
        """
        if self.to:
            goal = self.goal
            return f"{goal} {self.name}" if goal == "global" else f"{self.name} {goal}"
        if self.window and self.width is not None:
            each = "depthwise" if self.depthwise else ""
            head = [self.kernel, self.how, each, self.what if named else ""]
        elif self.rows is not None:
            return f"{self.name}, {self.rows} × {self.width}"
        else:
            head = [self.kernel, self.name]
        return self._with_settings(head, self.step)

    def brief(self, *, named: bool = False, stride: bool = True) -> str:
        """Return it among others: ``3×3, 64, /2``, ``dw 3×3, 64``, ``max pool``, ``fc 1000``."""
        sized = self.window and self.width is not None
        each = "dw" if self.depthwise else ""
        head = [each, self.kernel, self.how, self.what if named else ""] if sized else [self.name]
        return self._with_settings(head, self.step if stride else "")

    def _with_settings(self, head: list[str], step: str) -> str:
        width = "" if self.width is None else str(self.width)
        if not self.window:
            head, width = [*head, width], ""
        groups = f"{self.groups} groups" if self.groups > 1 and not self.depthwise else ""
        deep = f"{self.deep} layers" if self.deep > 1 else ""
        return ", ".join(filter(None, (" ".join(filter(None, head)), width, step, groups, deep)))


def words_of_name(kind: str) -> Words:
    """Return the words of a class's name: ``FancyThing`` and ``FancyThing2d`` are "fancy thing".

    Words that are no plain words stay as they are written: ReLU, GELU.
    """
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", re.sub(r"(?<=.)[123]d$", "", kind))
    return Words(" ".join(w.lower() if w[1:].islower() else w for w in parts.split()))


def _settled(setting: tuple[int, ...]) -> str:
    """Return a setting of each axis, once where all are equal; "" where all are 1."""
    if not set(setting) - {1}:
        return ""
    return str(setting[0]) if len(set(setting)) == 1 else "×".join(map(str, setting))
