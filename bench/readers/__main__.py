"""``make readers``: pictures of the gallery in Mermaid and draw.io, opened by their own readers.

Needs npm and a Chromium. Fetches the readers into bench-results/readers/, draws every network of
the gallery and some with hostile labels, and leaves a PNG of each there to look at. Returns 1 where
a file was not read whole, or where a label did anything but stand there.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import archgraph as ag

sys.path.insert(0, "tests")
from browser import chromium
from sample_drawings import HOSTILE

RESULTS = Path("bench-results/readers")
HERE = Path(__file__).parent
READERS = {
    "mmd": ("mermaid.js", ["mermaid/dist/mermaid.min.js"]),
    "drawio": (
        "drawio.js",
        ["pako/dist/pako.min.js", "mxgraph/javascript/mxClient.min.js"],
    ),
}
PACKAGES = ("mermaid@11", "mxgraph@4", "pako@2")
BEFORE = "() => { window.mxLoadResources = window.mxLoadStylesheets = false; }"


def networks() -> dict[str, ag.ArchGraph]:
    """Return the gallery, and a network for each hostile label."""
    found = {name: ag.load(name) for name in ag.architectures()}
    for name, words in HOSTILE.items():
        if name != "control":  # no graph takes such a label
            b = ag.Builder(f"hostile-{name}", input=(3, 8, 8))
            net = b.build(b.conv("conv", b.input, 4, 3))
            net.nodes["conv"]["label"] = net.graph["title"] = words
            found[net.name] = net
    return found


def main() -> int:
    """Open every file; return 1 where one was not read as it was meant."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "install", "--silent", "--prefix", str(RESULTS), *PACKAGES], check=True)
    wrong = 0
    drawn = networks()
    with chromium() as browser:
        for suffix, (reader, scripts) in READERS.items():
            for name, net in drawn.items():
                path = ag.draw(net, RESULTS / f"{name}.{suffix}")
                tab = browser.new_page(viewport={"width": 1400, "height": 900})
                said: list[str] = []
                tab.on("dialog", lambda each, said=said: (said.append("ran"), each.dismiss()))
                tab.set_content("<body></body>")
                tab.evaluate(BEFORE)
                for script in scripts:
                    tab.add_script_tag(path=RESULTS / "node_modules" / script)
                found = _read(tab, (HERE / reader).read_text(), path.read_text())
                tab.screenshot(path=RESULTS / f"{name}.{suffix}.png", full_page=True)
                tab.close()
                good = found.get("boxes", 0) > 1 and found.get("lines", 0) > 0 and not said
                wrong += not good
                print(f"{'read' if good else 'WRONG'} {path.name}: {_told(found)} {said or ''}")
    return int(wrong > 0)


def _read(tab: Any, code: str, source: str) -> dict[str, Any]:
    from playwright.sync_api import Error

    try:
        found: dict[str, Any] = tab.evaluate(code.partition("\n")[2].rstrip().rstrip(";"), source)
    except Error as error:
        return {"error": str(error).splitlines()[0]}
    return found


def _told(found: dict[str, Any]) -> str:
    return ", ".join(f"{found[key]} {key}" for key in found if key != "text")


if __name__ == "__main__":
    sys.exit(main())
