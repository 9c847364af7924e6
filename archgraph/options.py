"""Options declared once: what Python, the command line and the documentation all go by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

from archgraph.errors import ArchGraphError, UnknownNameError
from archgraph.forms import shown
from archgraph.nearest import nearest

__all__ = [
    "LARGEST",
    "Declared",
    "Option",
    "is_typed",
    "listed",
    "option",
    "refuse_unknown",
    "typed",
    "written",
]

LARGEST = 2**31 - 1
"""The end of a range of numbers that has none."""

LONG = 30
"""So many digits of a number are read: any of these is past all limits."""

_KEY = "archgraph"
_TYPED = ContextVar("typed", default=False)


@contextmanager
def typed() -> Iterator[None]:
    """Let every sentence inside name options as they are typed on a command line."""
    token = _TYPED.set(True)
    try:
        yield
    finally:
        _TYPED.reset(token)


def is_typed() -> bool:
    """Return whether options are named as they are typed."""
    return _TYPED.get()


def written(name: str, value: object = None) -> str:
    """Return an option as the user writes it: ``fit='none'``, or ``--fit none`` when typed."""
    if not _TYPED.get():
        return name if value is None else f"{name}={value!r}"
    words = f"--{name.replace('_', '-')}"
    if isinstance(value, tuple):  # a shape
        value = "x".join(map(str, value))
    return words if value is None or value is True else f"{words} {value}"


def refuse_unknown(task: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Raise UnknownNameError for an option that ``task`` has not, naming the nearest and all."""
    for name in given:
        if name not in known:
            close = nearest(name, known)
            there = f"; it has {', '.join(map(written, known))}" if known else ""
            raise UnknownNameError(f"{task} has no option {written(name)}{close}{there}.")


def listed(given: str | Iterable[Any]) -> tuple[Any, ...]:
    """Return what one text with commas, or a sequence, holds: ``params, macs``."""
    if isinstance(given, str):
        return tuple(filter(None, map(str.strip, given.split(","))))
    return tuple(given)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a user can choose.

    ``values`` are the words that it takes; ``others`` says in words what it takes besides, such as
    the names of a network's blocks, and is empty where ``values`` are all. With ``many`` it takes
    several: a sequence, or one text with commas. ``noun`` is what errors call a value, where people
    do. ``numbers`` are the whole numbers that it takes; a ``flag`` is true or false, and ``off``
    says what happens without it. Of several, one that is ``whole`` may hold commas: each is given
    by itself. ``reader`` returns the form of what is no plain value, or raises.
    """

    name: str
    default: Any
    meaning: str
    values: tuple[str, ...]
    others: str
    many: bool
    noun: str
    numbers: range | None
    flag: bool
    whole: bool
    off: str
    reader: Callable[[object], Any] | None

    def read(self, given: object, error: type[ArchGraphError]) -> Any:
        """Return a given value in its one form; None is the default."""
        if self.reader is not None:
            return self.reader(given)
        if given is None:
            return self.default
        if self.flag and isinstance(given, bool):
            return given
        number = _whole(given) if self.numbers else None
        if self.numbers and number is not None:
            if number in self.numbers:
                return number
            given = number
            if number > LARGEST:
                raise error(
                    f"{written(self.name)} is {shown(number)}, but it must be at most {LARGEST:,}."
                )
        found = self._several(given, error) if self.many else (given,)
        for each in found:
            if self.others or each in self.values:
                if isinstance(each, str):
                    continue
                raise error(f"{written(self.name)} is {given!r}, but it takes {self.accepts()}.")
            if self.noun:
                many = f"{self.noun}es" if self.noun.endswith("s") else f"{self.noun}s"
                raise error(
                    f"there is no {self.noun} '{each}'{nearest(str(each), self.values)}; "
                    f"the {many} are {', '.join(self.values)}."
                )
            right = f"{'must be' if self.numbers else 'is'} {self.accepts(chr(39))}"
            raise error(f"{written(self.name)} is {given!r}, but it {right}.")
        return found if self.many else found[0]

    def _several(self, given: object, error: type[ArchGraphError]) -> tuple[object, ...]:
        if isinstance(given, str) and self.whole:
            return (given,)
        if not isinstance(given, Sequence):
            raise error(f"{written(self.name)} is {given!r}, but it takes {self.accepts()}.")
        return listed(given)

    @property
    def any_number(self) -> bool:
        """Whether it takes every number above zero and nothing else, which need not be said."""
        return self.numbers == range(1, LARGEST + 1) and not self.values and not self.others

    @property
    def preset(self) -> str:
        """The default as people write it: ``params,macs``; empty where there is none."""
        if self.reader or self.default in (None, ()) or isinstance(self.default, bool):
            return ""
        several = isinstance(self.default, tuple)
        return ",".join(map(str, self.default)) if several else str(self.default)

    def accepts(self, quote: str = "") -> str:
        """Return in words what it takes: ``op, device or a cost``; ``quote`` goes around values."""
        *first, last = [
            *(["True", "False"] if self.flag else []),
            *([self._numbers()] if self.numbers else []),
            *(f"{quote}{value}{quote}" for value in self.values),
            *filter(None, [self.others]),
        ]
        return f"{', '.join(first)} or {last}" if first else last

    def _numbers(self) -> str:
        assert self.numbers is not None
        most = self.numbers.stop - 1
        if most == LARGEST:
            return "a number above zero" if self.numbers.start else "a number"
        return f"{self.numbers.start} to {most:,}"


def _whole(given: object) -> int | None:
    """Return a whole number, or what is typed as one; of many digits the first, which do."""
    if isinstance(given, str) and given.isascii() and given.isdecimal():
        return int(given[:LONG])
    return given if type(given) is int else None


def option(
    default: Any,
    meaning: str,
    *values: str,
    others: str = "",
    many: bool = False,
    noun: str = "",
    numbers: range | None = None,
    flag: bool = False,
    whole: bool = False,
    off: str = "",
    reader: Callable[[object], Any] | None = None,
) -> Any:
    """Declare a field of a ``Declared`` class; the arguments are those of ``Option``."""
    facts = (meaning, values, others, many, noun, numbers, flag, whole, off, reader)
    return field(default=default, metadata={_KEY: facts})


class Declared:
    """What a task lets its user choose: a frozen dataclass whose fields are made by ``option``.

    An instance has checked values, each in its one form.
    """

    __slots__ = ()
    task: ClassVar[str] = "this"
    """What errors say has the options: "a picture"."""
    error: ClassVar[type[ArchGraphError]] = ArchGraphError
    """What a wrong value raises."""

    def __post_init__(self) -> None:
        for each in self.declared():
            value = each.read(getattr(self, each.name), self.error)
            object.__setattr__(self, each.name, value)

    @classmethod
    def declared(cls) -> tuple[Option, ...]:
        """Return the options in the order of their declaration, a class's own before inherited."""
        own = cls.__annotations__
        found = sorted(
            fields(cls),  # type: ignore[arg-type]
            key=lambda each: each.name not in own,
        )
        return tuple(Option(each.name, each.default, *each.metadata[_KEY]) for each in found)

    @classmethod
    def names(cls) -> list[str]:
        """Return the options' names."""
        return [each.name for each in cls.declared()]

    def given(self) -> dict[str, Any]:
        """Return the values by the options' names."""
        return {name: getattr(self, name) for name in self.names()}

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Return the options that a user gave by name; UnknownNameError names the nearest."""
        refuse_unknown(cls.task, given, cls.names())
        return cls(**given)
