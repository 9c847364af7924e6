"""What this machine computes with: its processor by name, and how many of its threads are ours."""

from __future__ import annotations

import platform
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

__all__ = ["processor_name"]


def processor_name() -> str:
    """Return what the processor calls itself, such as ``Intel Xeon Gold 6248``."""
    with suppress(OSError, subprocess.SubprocessError):
        if sys.platform == "linux":
            for line in Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines():
                key, _, value = line.partition(":")
                if key.strip() in ("model name", "Model", "cpu model"):
                    return _plain(value)
        if sys.platform == "darwin":
            asked = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            return _plain(
                subprocess.run(asked, capture_output=True, encoding="utf-8", timeout=10).stdout
            )
    return _plain(platform.processor() or platform.machine()) or "unknown processor"


def _plain(text: str) -> str:
    for noise in ("(R)", "(TM)", "(r)", "(tm)", " CPU"):
        text = text.replace(noise, "")
    return " ".join(word for word in text.partition("@")[0].split() if word.isprintable())[:60]
