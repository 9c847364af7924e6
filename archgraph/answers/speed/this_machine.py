"""This machine as a device: its rates, measured once and remembered in the user's cache folder."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from archgraph.answers.speed.processor import processor_name
from archgraph.errors import ArchGraphError, FormatError, MissingDependencyError
from archgraph.files import read_text, write_text
from archgraph.known_devices import TYPES, Device
from archgraph.optional import needing
from archgraph.threads import available_threads

__all__ = ["cache_file", "device_here"]

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""What libraries of linear algebra ask how many threads they may take."""

LIMIT = 120.0
"""After so many seconds measuring is given up."""


def device_here(words: Sequence[str] = ()) -> Device:
    """Return this machine: what a product of matrices and a copy reach on so many threads.

    ``words`` are nothing, for all threads that this process may take, or their number. It is
    measured in some seconds, and remembered by processor and number of threads. Raises FormatError
    for another word, and MissingDependencyError without numpy.
    """
    available = available_threads()
    text = words[0].removesuffix("threads").removesuffix("thread").strip() if words else ""
    if words and not (text.isdecimal() and 1 <= int(text[:6]) <= available):
        raise FormatError(
            f"'here {words[0]}' names no number of threads: this process may take 1 to {available}."
        )
    threads = int(text) if words else available
    processor = processor_name()
    key = f"{processor}, {threads} thread{'s' * (threads != 1)}"
    kept = _kept()
    found: Any = kept.get(key)
    if not _sound(found):
        found = _measured(threads)
        kept[key] = found
        # What cannot be remembered is measured again.
        with suppress(ArchGraphError, OSError):
            cache_file().parent.mkdir(parents=True, exist_ok=True)
            write_text(cache_file(), json.dumps(kept, indent=1) + "\n")
    by = ", ".join(dict.fromkeys(found["libraries"].values()))
    source = f"measured: a product of matrices by {by}, and a copy"
    return Device(key, 0, dict(found["flops"]), float(found["bandwidth"]), source)


def cache_file() -> Path:
    """Return where measured rates are remembered, in the user's folder for caches."""
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA") or str(Path.home())
    elif sys.platform == "darwin":
        home = str(Path.home() / "Library" / "Caches")
    else:
        home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "archgraph" / "machine.json"


def _kept() -> dict[str, Any]:
    with suppress(ArchGraphError, OSError, ValueError, RecursionError):
        found = json.loads(read_text(cache_file()))
        if isinstance(found, dict):
            return found
    return {}


def _sound(found: Any) -> bool:
    """Return whether what was remembered is what this file writes."""
    if not isinstance(found, dict):
        return False
    flops, libraries = found.get("flops"), found.get("libraries")
    if not isinstance(flops, dict) or not isinstance(libraries, dict):
        return False
    return (
        "float32" in flops
        and flops.keys() == libraries.keys() <= set(TYPES)
        and all(isinstance(each, str) and each.isprintable() for each in libraries.values())
        and all(
            type(each) in (int, float) and 0 < each < math.inf
            for each in (*flops.values(), found.get("bandwidth"))
        )
    )


def _measured(threads: int) -> Mapping[str, Any]:
    with needing("measuring this machine", "torch"):
        if find_spec("numpy") is None:
            raise ModuleNotFoundError("No module named 'numpy'", name="numpy")
    surroundings = os.environ | dict.fromkeys(_THREADS, str(threads))
    module = f"{__package__}.machine_rates"
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", module, str(threads)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=surroundings,
            timeout=LIMIT,
            check=True,
        )
        found = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        found = None
    if not _sound(found):
        raise MissingDependencyError(
            "this machine could not be measured; describe it instead, such as "
            "here=100GFLOPS+20GB/s."
        )
    kept: dict[str, Any] = found
    return kept
