"""What a user's own code makes: ``package.module:factory`` and ``file.py:factory``.

This is the one form of a network's name that runs code: the code that the user names.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Mapping
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from archgraph.errors import FileError, FormatError, MissingDependencyError, UnknownNameError
from archgraph.nearest import nearest

__all__ = ["factory_in", "made_by"]

_FORM = re.compile(
    r"(?P<home>.+\.py|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r"(?:/(?P<part>.+))?"
)


def factory_in(text: str) -> tuple[str, str, str] | None:
    """Return where a factory is, its name and the part that is asked for; None for other texts."""
    found = _FORM.fullmatch(text)
    return None if found is None else (found["home"], found["name"], found["part"] or "")


def made_by(home: str, name: str, args: Mapping[str, Any]) -> object:
    """Return what ``name`` of a module or a ``.py`` file is, called with ``args`` where it can be.

    A network that stands there ready is taken as it is. Raises FileError, UnknownNameError,
    MissingDependencyError, and FormatError for code that fails, with where it failed.
    """
    module = _file(home) if home.endswith(".py") else _module(home)
    found: Any = module
    for word in name.split("."):
        if not hasattr(found, word):
            raise UnknownNameError(
                f"'{home}' has no '{name}'{nearest(name, _makers(module))}; name a function or a "
                "class that returns the network."
            )
        found = getattr(found, word)
    ready = not callable(found) or (hasattr(found, "forward") and not isinstance(found, type))
    if ready and args:
        raise FormatError(f"'{home}:{name}' is no function, so it takes no '{next(iter(args))}'.")
    return found if ready else _run(f"'{home}:{name}'", home, lambda: found(**args))


def _makers(module: ModuleType) -> list[str]:
    """Return the names of what may make a network."""
    return [name for name, each in vars(module).items() if callable(each) and name[0] != "_"]


def _module(name: str) -> ModuleType:
    # As `python -m` does: modules beside the user are found.
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = _run(f"'{name}'", name, lambda: import_module(name))
    except ModuleNotFoundError as error:
        top = name.partition(".")[0]
        what = f"'{name}'" if error.name in (name, top) else f"'{name}' needs '{error.name}', which"
        tail = "is not installed, and no module of that name is in this folder"
        raise MissingDependencyError(
            f"{what} {tail if error.name in (name, top) else 'is not installed'}."
        ) from None
    assert isinstance(found, ModuleType)
    return found


def _file(path: str) -> ModuleType:
    file = Path(path)
    if not file.is_file():
        raise FileError(f"there is no file '{path}'.")
    spec = spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise FormatError(f"'{path}' cannot be imported.")
    module, loader = module_from_spec(spec), spec.loader
    # As for `python file.py`: what stands beside the file can be imported by it.
    folder = str(file.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    sys.modules[file.stem] = module
    try:
        _run(f"'{path}'", path, lambda: loader.exec_module(module))
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"'{path}' needs '{error.name}', which is not installed."
        ) from None
    return module


def _run(what: str, home: str, code: Any) -> object:
    """Run the user's code; FormatError says what it raised, and on which of their lines."""
    try:
        made: object = code()
    except ModuleNotFoundError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        theirs = [f for f in frames if Path(f.filename).name == Path(home).name]
        at = f" (line {theirs[-1].lineno} of it)" if theirs else ""
        said = str(error).strip().splitlines()
        raise FormatError(
            f"{what} failed with {type(error).__name__}{at}{f': {said[0]}' if said else ''}."
        ) from error
    return made
