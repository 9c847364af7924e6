"""OpenCV's dnn module on the CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from .runtime import Array, Run, Runtime

__all__ = ["RUNTIME"]

PACKAGES = (
    "opencv-python-headless",
    "opencv-python",
    "opencv-contrib-python-headless",
    "opencv-contrib-python",
)
"""The distributions that hold the module ``cv2``."""


def prepare(path: Path, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Run:
    """Load a file; see ``runtime.Prepare``."""
    import cv2

    network = cv2.dnn.readNetFromONNX(str(path))

    def run() -> list[Array]:
        for name, value in inputs.items():
            network.setInput(value, name)
        return list(network.forward(list(outputs)))

    return run


def version() -> str | None:
    """Return the version of whichever package is installed, or None."""
    for package in PACKAGES:
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return None


RUNTIME = Runtime("opencv-dnn", "pip install opencv-python-headless", version, prepare)
