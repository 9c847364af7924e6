"""The modules that a dotted name stands in."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["modules_around"]


def modules_around(name: str) -> tuple[str, ...]:
    """Return the modules around a name, the outermost first: ``a`` and ``a.b`` for ``a.b.c``."""
    module = name.rpartition(".")[0]
    return _path_to(module) if module else ()


@lru_cache(maxsize=4096)
def _path_to(module: str) -> tuple[str, ...]:
    """Return a module behind those around it; many names stand in one."""
    return (*modules_around(module), module)
