"""The commands that write, what they write, and what of it belongs together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["COMMANDS", "Command", "State", "judged", "state"]

State = Mapping[str, bytes]
"""The files of a folder by their names, those in folders inside as ``folder/name``."""

FIRST, SECOND = "lenet5", "resnet20_cifar"
"""The network that was written before, and the one that is being written."""


@dataclass(frozen=True)
class Command:
    """A command line in which ``NET`` is a network and ``OUT`` the folder that is written to.

    ``pair`` are two files that belong together. For the time in which they change places the first
    may be as ``bridge`` writes it, which needs no second; source says that it is unfinished.
    """

    name: str
    line: str
    pair: tuple[str, str] | None = None
    bridge: str = ""

    def words(self, net: str, folder: Path, line: str = "") -> list[str]:
        """Return the words behind ``archgraph``."""
        words = (line or self.line).split()
        return [word.replace("NET", net).replace("OUT", str(folder)) for word in words]


def _commands() -> dict[str, Command]:
    found = [
        Command(f"draw .{suffix}", f"draw NET -o OUT/x.{suffix}")
        for suffix in ("svg", "pdf", "png", "pptx", "html", "tex", "dot", "drawio", "mmd")
    ]
    found += [
        Command("compare, a table", "compare NET vgg11 -o OUT/x.csv"),
        Command("compare, a chart", "compare NET vgg11 -o OUT/x.svg"),
        Command("cost", "cost NET -o OUT/x.json"),
        Command("memory, a chart", "memory NET --training -o OUT/x.svg"),
        Command("growth", "growth NET --over batch -o OUT/x.csv"),
        Command("roofline, a chart", "roofline NET --device A100 -o OUT/x.svg"),
        Command("split", "split NET --devices 2 -o OUT/x.json"),
        Command("diff", "diff NET vgg11 -o OUT/x.md"),
        Command("list", "list -o OUT/x.csv"),
        Command("export .json", "export NET -o OUT/x.json"),
        Command("export .py", "export NET -o OUT/x.py"),
        Command("export .onnx", "export NET -o OUT/x.onnx"),
        Command(
            "export .onnx --external",
            "export NET -o OUT/x.onnx --external",
            ("x.onnx", "x.onnx.data"),
            "export NET -o OUT/x.onnx",
        ),
        Command(
            "export .py --checkpoint",
            "export NET -o OUT/x.py --checkpoint OUT/x.safetensors",
            ("x.py", "x.safetensors"),
            "export NET -o OUT/x.py",
        ),
        Command("annotate", "annotate MODELS/NET.onnx -o OUT/x.onnx"),
        Command("gallery", "gallery MODELS/NET.json -o OUT/site"),
    ]
    return {each.name: each for each in found}


COMMANDS = _commands()
"""All commands that write, by name."""


def state(folder: Path) -> dict[str, bytes]:
    """Return what a folder holds; what is a folder and holds nothing is there as ``name/``."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file():
            found[name] = path.read_bytes()
        elif not any(path.iterdir()):
            found[f"{name}/"] = b""
    return found


def judged(
    command: Command, found: State, before: State, after: State, bridge: State
) -> dict[str, int]:
    """Return how many files are half-written, lost, mixed and litter in what was found.

    ``before`` is what was there, ``after`` what the command writes when it is left alone.
    """
    counts = dict.fromkeys(("half-written", "lost", "mixed", "litter"), 0)
    for name, content in found.items():
        if name not in after and name not in before:
            # A folder of a site that was made and not yet filled is no litter.
            counts["litter"] += not (name.endswith("/") and any(n.startswith(name) for n in after))
        elif content not in (before.get(name), after.get(name), bridge.get(name)):
            # A page that says what could not be made is whole, but not the one of a run alone.
            says = content.endswith(b"</html>\n") and b" is not here: " in content
            counts["half-written"] += not says
    counts["lost"] = sum(name not in found for name in before if not name.endswith("/"))
    if command.pair is not None:
        first, second = (found.get(name) for name in command.pair)
        wholes = [tuple(each.get(name) for name in command.pair) for each in (before, after)]
        bridged = first is not None and first == bridge.get(command.pair[0])
        apart = first is None or second is None
        counts["mixed"] = not (bridged or apart or (first, second) in wholes)
    return counts
