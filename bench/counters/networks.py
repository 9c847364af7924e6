"""The networks that every tool counts: of full size, with random weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from bench.modules.vision import torchvision_models

__all__ = ["NETWORKS", "Network"]


@dataclass(frozen=True)
class Network:
    """One network: how it is made, and the one tensor that it is called with."""

    name: str
    told: str
    make: Callable[[], nn.Module]
    example: Callable[[], Tensor]


def _vision(name: str) -> Callable[[], nn.Module]:
    return lambda: torchvision_models().get_model(name, weights=None)


def _text(model: str, config: str, **settings: Any) -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        torchvision_models()
        import transformers

        made = getattr(transformers, config)(**settings)
        return getattr(transformers, model)(made)

    return make


def _image() -> Tensor:
    return torch.randn(1, 3, 224, 224)


def _tokens(length: int) -> Callable[[], Tensor]:
    return lambda: torch.randint(5, 1000, (1, length))


IMAGE = "one image of 3 × 224 × 224"

NETWORKS = (
    Network("ViT-B/16", f"torchvision's `vit_b_16`, {IMAGE}", _vision("vit_b_16"), _image),
    Network("Swin-T", f"torchvision's `swin_t`, {IMAGE}", _vision("swin_t"), _image),
    Network(
        "BERT-base",
        "transformers' `BertModel` of `BertConfig()`, one sequence of 512 tokens",
        _text("BertModel", "BertConfig"),
        _tokens(512),
    ),
    Network(
        "GPT-2",
        "transformers' `GPT2LMHeadModel` of `GPT2Config(use_cache=False)`, one sequence of 1024 "
        "tokens",
        _text("GPT2LMHeadModel", "GPT2Config", use_cache=False),
        _tokens(1024),
    ),
    Network(
        "Llama, 135 M",
        "transformers' `LlamaForCausalLM` in the sizes of SmolLM-135M: 30 layers of 576, 9 heads "
        "that share 3 of keys and values; one sequence of 256 tokens",
        _text(
            "LlamaForCausalLM",
            "LlamaConfig",
            hidden_size=576,
            intermediate_size=1536,
            num_hidden_layers=30,
            num_attention_heads=9,
            num_key_value_heads=3,
            vocab_size=49152,
            tie_word_embeddings=True,
            use_cache=False,
        ),
        _tokens(256),
    ),
    Network(
        "LSTM",
        "`nn.LSTM(256, 512, num_layers=2, batch_first=True)`, one sequence of 100 steps",
        lambda: nn.LSTM(256, 512, num_layers=2, batch_first=True),
        lambda: torch.randn(1, 100, 256),
    ),
    Network("ResNet-50", f"torchvision's `resnet50`, {IMAGE}", _vision("resnet50"), _image),
)
"""Those with attention first; an LSTM and a network of convolutions to compare."""
