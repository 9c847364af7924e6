"""The programs that run ONNX files, each behind one small file (private).

None of these files imports torch or onnx's exporter: a trial starts a process per runtime.
"""

from .isolation import LIMIT, try_runtime
from .registry import RUNTIMES, chosen, installed
from .runtime import Prepare, Run, Runtime, Trial

__all__ = [
    "LIMIT",
    "RUNTIMES",
    "Prepare",
    "Run",
    "Runtime",
    "Trial",
    "chosen",
    "installed",
    "try_runtime",
]
