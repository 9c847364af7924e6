"""All networks of the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import torch

import archgraph as ag
from bench.first_pictures import full_size
from bench.first_pictures.network import Network, exported, flat, of_module
from bench.modules.entry import Entry, images
from bench.modules.listed import every as modules
from bench.recognition_networks import NETWORKS as SMALL_TEXTS

__all__ = ["every"]

OF_TORCH = (
    *("LSTM", "GRU", "LSTMCell in a loop", "nn.Transformer", "nn.MultiheadAttention, masked"),
    *("autoencoder", "variational autoencoder", "siamese", "gated Conv1d, weight_norm"),
)
OF_TIMM = (
    *("seresnet50", "res2net50_26w_4s", "repvgg_a0", "coatnet_0_rw_224", "mixer_s16_224"),
    *("mobilevit_xxs", "pvt_v2_b0", "davit_tiny", "xcit_nano_12_p16_224"),
)
OF_TRANSFORMERS = (
    *("DETR", "MaskFormer", "DPT", "RWKV", "Funnel"),
    *("Mixtral, mixture of experts", "Qwen2-MoE, mixture of experts"),
)
WHOLE = ("torchvision", "segmentation-models")
"""Sources of which all modules are taken."""

WITHOUT_NAMES = (
    *("resnet50", "googlenet", "vgg16", "vit_b_16", "unet"),
    *("densenet121", "mobilenet_v2", "swin_t", "BERT, base", "Unet on resnet18"),
)
EXPORTED = ("resnet18", "mobilenet_v2", "swin_t", "Unet on resnet18", "LSTM")
EXPORTED_TEXT = ("BERT", "ViT", "CLIP")
"""Those of bench.recognition_networks, which torch's exporters take."""

PACKAGES = ("ddddocr", "magika", "rapidocr_onnxruntime", "silero_vad")
"""Packages whose wheels hold ONNX files."""


class TwoInputs(torch.nn.Module):
    """An image and a row of measurements, each through layers of its own; two results."""

    def __init__(self) -> None:
        super().__init__()
        nn = torch.nn
        self.image = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.table = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
        self.kind, self.age = nn.Linear(64, 10), nn.Linear(64, 1)

    def forward(self, image: torch.Tensor, table: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return classes and a number of images (N, 3, H, W) with measurements (N, 12)."""
        both = torch.cat([self.image(image), self.table(table)], dim=1)
        return self.kind(both), self.age(both)


class Tagger(torch.nn.Module):
    """Words through an embedding and two directions of an LSTM to a tag each."""

    def __init__(self) -> None:
        super().__init__()
        self.words = torch.nn.Embedding(10_000, 128)
        self.lstm = torch.nn.LSTM(128, 256, 2, batch_first=True, bidirectional=True)
        self.tags = torch.nn.Linear(512, 17)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return tags (N, L, 17) of words (N, L)."""
        return self.tags(self.lstm(self.words(x))[0])  # type: ignore[no-any-return]


def every() -> Iterator[Network]:
    """Yield the list: ours first, then modules, then files."""
    found: list[Network] = [Network(name, "gallery", _gallery(name)) for name in _names()]
    entries = _entries()
    found += map(of_module, entries)
    yield from found
    by_name = {network.name: network for network in reversed(found)}
    yield from (flat(by_name[name]) for name in WITHOUT_NAMES)
    by_entry = {entry.name: entry for entry in entries}
    for entry in (*map(by_entry.__getitem__, EXPORTED), *map(_text, EXPORTED_TEXT)):
        for dynamo in (False, True):
            yield exported(entry, dynamo=dynamo)
    yield from _in_packages()


def _names() -> list[str]:
    return sorted(ag.architectures())


def _gallery(name: str) -> Callable[[], ag.ArchGraph]:
    return lambda: ag.load(name)


def _entries() -> list[Entry]:
    chosen = {"torch": OF_TORCH, "timm": OF_TIMM, "transformers": OF_TRANSFORMERS}
    found = [
        entry
        for entry in modules()
        if entry.source in WHOLE or entry.name in chosen.get(entry.source, ())
    ]
    missing = {*OF_TORCH, *OF_TIMM, *OF_TRANSFORMERS} - {entry.name for entry in found}
    if missing:
        raise SystemExit(f"bench.modules lists no {', '.join(sorted(missing))}")
    own = [
        Entry("image and table", "torch", TwoInputs, _image_and_table),
        Entry("tagger", "torch", Tagger, lambda n: torch.randint(0, 99, (n, 20))),
        Entry("resnet152", "torchvision", _resnet152, images(3, 224, 224)),
    ]
    return [*found, *own, *full_size.entries()]


def _text(name: str) -> Entry:
    return Entry(
        name,
        "transformers",
        lambda: SMALL_TEXTS[name]("sdpa").module,
        lambda _: SMALL_TEXTS[name]("sdpa").example,
    )


def _resnet152() -> torch.nn.Module:
    from bench.modules.vision import torchvision_models

    made: torch.nn.Module = torchvision_models().resnet152(weights=None)
    return made


def _image_and_table(batch: int) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(batch, 3, 64, 64), torch.randn(batch, 12)


def _in_packages() -> Iterator[Network]:
    """Yield the ONNX files of the packages that are installed, each name once."""
    for package in PACKAGES:
        spec = find_spec(package)
        for folder in spec.submodule_search_locations or () if spec else ():
            for path in sorted(Path(folder).rglob("*.onnx")):
                # A folder's name, where the file's own is no name.
                name = path.stem if path.stem != "model" else path.parent.name
                yield Network(name, package, lambda path=path: ag.load(path))
