"""Networks of transformers and timm with as many layers as are published, on the meta device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from bench.modules.entry import Entry, images, tokens
from bench.modules.vision import torchvision_models

__all__ = ["entries"]

LLAMA = {
    "vocab_size": 128256,
    "hidden_size": 2048,
    "intermediate_size": 8192,
    "num_hidden_layers": 16,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
}
T5 = {"d_model": 768, "d_ff": 3072, "num_layers": 12, "num_heads": 12, "use_cache": False}
WHISPER = {
    "d_model": 768,
    "encoder_layers": 12,
    "decoder_layers": 12,
    "encoder_attention_heads": 12,
    "decoder_attention_heads": 12,
    "encoder_ffn_dim": 3072,
    "decoder_ffn_dim": 3072,
    "use_cache": False,
}
MAMBA = {"hidden_size": 768, "num_hidden_layers": 24, "vocab_size": 50280}


def _text(batch: int) -> Any:
    return {"input_ids": tokens(64)(batch)}


def _pair(batch: int) -> Any:
    return {"input_ids": tokens(64)(batch), "decoder_input_ids": tokens(16)(batch)}


def _image(batch: int) -> Any:
    return {"pixel_values": torch.randn(batch, 3, 224, 224)}


def _image_and_text(batch: int) -> Any:
    return _text(batch) | _image(batch)


def _sound(batch: int) -> Any:
    return {
        "input_features": torch.randn(batch, 80, 3000),
        "decoder_input_ids": tokens(16)(batch),
    }


def _wave(batch: int) -> Any:
    return {"input_values": torch.randn(batch, 16000)}


Called = Callable[[int], Any]

OF_TRANSFORMERS: dict[str, tuple[str, str, dict[str, Any], Called]] = {
    "BERT, base": ("BertModel", "BertConfig", {}, _text),
    "RoBERTa, base, classifier": ("RobertaForSequenceClassification", "RobertaConfig", {}, _text),
    "DistilBERT, base": ("DistilBertModel", "DistilBertConfig", {}, _text),
    "DeBERTa-v2, 12 layers": (
        "DebertaV2Model",
        "DebertaV2Config",
        {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12}
        | {"intermediate_size": 3072, "relative_attention": True, "pos_att_type": ["p2c", "c2p"]},
        _text,
    ),
    "GPT-2, small": ("GPT2LMHeadModel", "GPT2Config", {"use_cache": False}, _text),
    "Llama 3.2, 1 B": ("LlamaForCausalLM", "LlamaConfig", LLAMA, _text),
    "Mamba, 130 M": ("MambaForCausalLM", "MambaConfig", MAMBA, _text),
    "T5, base": ("T5ForConditionalGeneration", "T5Config", T5, _pair),
    "BART, base": (
        "BartModel",
        "BartConfig",
        {"d_model": 768, "encoder_layers": 6, "decoder_layers": 6, "encoder_ffn_dim": 3072}
        | {"decoder_ffn_dim": 3072, "use_cache": False},
        _pair,
    ),
    "Whisper, small": ("WhisperForConditionalGeneration", "WhisperConfig", WHISPER, _sound),
    "wav2vec 2.0, base": ("Wav2Vec2ForCTC", "Wav2Vec2Config", {}, _wave),
    "CLIP, ViT-B/32": ("CLIPModel", "CLIPConfig", {}, _image_and_text),
    "ViT, base": ("ViTForImageClassification", "ViTConfig", {}, _image),
    "DINOv2, small": (
        "Dinov2Model",
        "Dinov2Config",
        {"hidden_size": 384, "num_attention_heads": 6, "image_size": 224},
        _image,
    ),
}
"""Name: model, configuration, where it is not the published default, and what it is called with."""

OF_TIMM = ("hrnet_w18", "dla34", "efficientformer_l1", "convmixer_768_32", "ese_vovnet19b_dw")


def entries() -> Iterator[Entry]:
    """Yield the networks."""
    for name, (model, config, settings, example) in OF_TRANSFORMERS.items():
        on_meta, weighed = (_made(model, config, settings, device) for device in ("meta", "cpu"))
        yield Entry(name, "transformers", on_meta, example, weighed=weighed)
    for name in OF_TIMM:
        yield Entry(name, "timm", _of_timm(name), images(3, 224, 224))


def _made(
    model: str, config: str, settings: dict[str, Any], device: str
) -> Callable[[], torch.nn.Module]:
    def build() -> torch.nn.Module:
        torchvision_models()
        import transformers as library

        with torch.device(device):
            made: torch.nn.Module = getattr(library, model)(getattr(library, config)(**settings))
        return made

    return build


def _of_timm(name: str) -> Callable[[], torch.nn.Module]:
    def build() -> torch.nn.Module:
        torchvision_models()
        import timm

        made: torch.nn.Module = timm.create_model(name, pretrained=False)
        return made

    return build
