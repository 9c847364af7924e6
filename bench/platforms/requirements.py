"""What pyproject asks for, and the lowest versions that it allows."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement

__all__ = ["EXTRAS", "PROJECT", "ROOT", "RUNTIME", "lowest"]

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME = [Requirement(each) for each in PROJECT["dependencies"]]
EXTRAS = [
    each
    for each in map(Requirement, PROJECT["optional-dependencies"]["onnx"])
    # The builds of torch differ by far more than their versions: it is taken as it is installed.
    if each.name != "torch"
]


def lowest(requirements: Iterable[Requirement]) -> list[str]:
    """Return each requirement at the lowest version that it allows."""
    found = []
    for each in requirements:
        (bound,) = (part for part in each.specifier if part.operator == ">=")
        found.append(f"{each.name}=={bound.version}")
    return found
