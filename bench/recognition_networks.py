"""Networks that nobody here wrote, small and with random weights: name by name, how to make one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["NETWORKS", "Network"]


class Network(NamedTuple):
    """A module, what it is called with, and whether it is exported to ONNX too."""

    module: nn.Module
    example: dict[str, Tensor] | tuple[Tensor, ...]


Factory = Callable[[str], Network]
"""Makes a network whose attention is implemented as "eager" or "sdpa"."""


def _hub() -> Any:
    sys.modules.setdefault("torchvision._meta_registrations", ModuleType("none"))
    import transformers

    return transformers


def _tokens(length: int = 12, top: int = 90) -> Tensor:
    return torch.arange(2 * length).reshape(2, length) % top + 3


_SMALL = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 100,
    "max_position_embeddings": 64,
    "use_cache": False,
}


class _Called(nn.Module):
    """A network of transformers, called by position, which returns its tensors."""

    def __init__(self, module: nn.Module, names: tuple[str, ...]) -> None:
        super().__init__()
        self.module, self.names = module, names

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        found = self.module(**dict(zip(self.names, given, strict=True)), return_dict=False)
        return tuple(each for each in found if isinstance(each, Tensor))


def _text(name: str, **settings: Any) -> Factory:
    """Return a factory of a model of tokens: ``name`` is that of its class."""

    def make(attention: str) -> Network:
        hub = _hub()
        kind = getattr(hub, name)
        given = {**_SMALL, **settings}
        given = {key: value for key, value in given.items() if value is not None}
        config = kind.config_class(**given, attn_implementation=attention)
        module = _Called(kind(config), ("input_ids",))
        return Network(module.eval(), (_tokens(),))

    return make


def _encoder_decoder(name: str, **settings: Any) -> Factory:
    def make(attention: str) -> Network:
        kind = getattr(_hub(), name)
        module = kind(kind.config_class(**settings, attn_implementation=attention))
        names = ("input_ids", "decoder_input_ids")
        return Network(_Called(module, names).eval(), (_tokens(), _tokens(9)))

    return make


def _clip(attention: str) -> Network:
    hub = _hub()
    text = {**_SMALL, "eos_token_id": 99}
    vision = {**_SMALL, "image_size": 32, "patch_size": 8}
    config = hub.CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)
    config._attn_implementation = attention
    for part in (config.text_config, config.vision_config):
        part._attn_implementation = attention
    module = _Called(hub.CLIPModel(config), ("input_ids", "pixel_values"))
    return Network(module.eval(), (_tokens(), torch.randn(2, 3, 32, 32)))


def _whisper(attention: str) -> Network:
    hub = _hub()
    config = hub.WhisperConfig(
        d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, vocab_size=100,
        num_mel_bins=16, max_source_positions=20, max_target_positions=20, pad_token_id=0,
        bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, use_cache=False,
        attn_implementation=attention,
    )  # fmt: skip
    module = _Called(hub.WhisperModel(config), ("input_features", "decoder_input_ids"))
    return Network(module.eval(), (torch.randn(2, 16, 40), _tokens(9)))


def _image(name: str, size: int = 64, **settings: Any) -> Factory:
    def make(attention: str) -> Network:
        kind = getattr(_hub(), name)
        config = kind.config_class(**settings, attn_implementation=attention)
        return Network(
            _Called(kind(config), ("pixel_values",)).eval(), (torch.randn(2, 3, size, size),)
        )

    return make


def _torchvision(name: str, size: int = 224, **settings: Any) -> Factory:
    def make(attention: str) -> Network:
        del attention
        _hub()
        from torchvision import models

        module = models.get_model(name, weights=None, **settings)
        return Network(module.eval(), (torch.randn(2, 3, size, size),))

    return make


def _timm(name: str, size: int = 224, **settings: Any) -> Factory:
    def make(attention: str) -> Network:
        _hub()
        import timm
        from timm.layers import set_fused_attn

        set_fused_attn(attention == "sdpa")
        module = timm.create_model(name, pretrained=False, **settings)
        return Network(module.eval(), (torch.randn(2, 3, size, size),))

    return make


_T5 = {
    "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4, "vocab_size": 100,
    "use_cache": False, "decoder_start_token_id": 0,
}  # fmt: skip
_BART = {
    "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "vocab_size": 100,
    "max_position_embeddings": 64, "use_cache": False, "pad_token_id": 1, "bos_token_id": 0,
    "eos_token_id": 2, "decoder_start_token_id": 2,
}  # fmt: skip
_DEBERTA = {
    "relative_attention": True,
    "pos_att_type": ["c2p", "p2c"],
    "type_vocab_size": 0,
    "use_cache": None,
}

NETWORKS: dict[str, Factory] = {
    "BERT": _text("BertModel"),
    "RoBERTa": _text("RobertaModel", pad_token_id=1),
    "DistilBERT": _text("DistilBertModel", dim=32, hidden_dim=64, n_layers=2, n_heads=4),
    "ELECTRA": _text("ElectraModel", embedding_size=16),
    "ALBERT": _text("AlbertModel", embedding_size=16),
    "MPNet": _text("MPNetModel"),
    "DeBERTa": _text("DebertaModel", **_DEBERTA),
    "DeBERTa v2": _text("DebertaV2Model", **_DEBERTA),
    "ModernBERT": _text("ModernBertModel", pad_token_id=0, bos_token_id=1, eos_token_id=2,
                        cls_token_id=1, sep_token_id=2),
    "GPT-2": _text("GPT2Model", n_embd=32, n_layer=2, n_head=4, n_positions=64),
    "GPT-Neo": _text("GPTNeoModel", num_layers=2, num_heads=4,
                     attention_types=[[["global", "local"], 1]]),
    "GPT-J": _text("GPTJModel", n_embd=32, n_layer=2, n_head=4, n_positions=64, rotary_dim=4),
    "GPT-NeoX": _text("GPTNeoXModel"),
    "Llama, grouped queries": _text("LlamaModel", num_key_value_heads=2),
    "Mistral": _text("MistralModel", num_key_value_heads=2),
    "Qwen 2": _text("Qwen2Model", num_key_value_heads=2),
    "Gemma": _text("GemmaModel", num_key_value_heads=1, head_dim=8, pad_token_id=0),
    "Phi": _text("PhiModel"),
    "Phi-3": _text("Phi3Model", num_key_value_heads=2, pad_token_id=0),
    "Falcon": _text("FalconModel", multi_query=True),
    "Falcon, ALiBi": _text("FalconModel", alibi=True, multi_query=False),
    "BLOOM": _text("BloomModel", n_layer=2, n_head=4),
    "MPT": _text("MptModel", d_model=32, n_layers=2, n_heads=4, max_seq_len=64),
    "OPT": _text("OPTModel", ffn_dim=64, word_embed_proj_dim=32, pad_token_id=1),
    "T5": _encoder_decoder("T5Model", **_T5),
    "T5 1.1, gated": _encoder_decoder("T5Model", **_T5, feed_forward_proj="gated-gelu"),
    "BART": _encoder_decoder("BartModel", **_BART),
    "CLIP": _clip,
    "Whisper": _whisper,
    "ViT": _image("ViTModel", hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                  num_attention_heads=4, image_size=64, patch_size=16),
    "DeiT": _image("DeiTModel", hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                   num_attention_heads=4, image_size=64, patch_size=16),
    "BEiT": _image("BeitModel", hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                   num_attention_heads=4, image_size=64, patch_size=16,
                   use_relative_position_bias=True),
    "DINOv2": _image("Dinov2Model", hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                     image_size=56, patch_size=14, size=56),
    "Swin": _image("SwinModel", image_size=64, embed_dim=16, depths=[2, 2], num_heads=[2, 4],
                   window_size=4),
    "Swin v2": _image("Swinv2Model", image_size=64, embed_dim=16, depths=[2, 2], num_heads=[2, 4],
                      window_size=4),
    "SegFormer": _image("SegformerModel", hidden_sizes=[8, 16, 32, 64],
                        num_attention_heads=[1, 2, 4, 8]),
    "torchvision vit_b_16": _torchvision("vit_b_16"),
    "torchvision swin_t": _torchvision("swin_t"),
    "torchvision swin_v2_t": _torchvision("swin_v2_t"),
    "torchvision maxvit_t": _torchvision("maxvit_t"),
    "torchvision convnext_tiny": _torchvision("convnext_tiny"),
    "torchvision mobilenet_v3_large": _torchvision("mobilenet_v3_large"),
    "torchvision mobilenet_v2": _torchvision("mobilenet_v2"),
    "torchvision efficientnet_b0": _torchvision("efficientnet_b0"),
    "torchvision regnet_y_400mf": _torchvision("regnet_y_400mf"),
    "timm vit_tiny_patch16_224": _timm("vit_tiny_patch16_224", depth=2),
    "timm deit3_small_patch16_224": _timm("deit3_small_patch16_224", depth=2),
    "timm swin_tiny_patch4_window7_224": _timm("swin_tiny_patch4_window7_224", depths=(2, 2, 2, 2)),
    "timm mobilevit_xxs": _timm("mobilevit_xxs", 256),
    "timm mobilenetv3_small_100": _timm("mobilenetv3_small_100"),
    "timm eva02_tiny_patch14_224": _timm("eva02_tiny_patch14_224", depth=2),
    "timm xcit_nano_12_p16_224": _timm("xcit_nano_12_p16_224", depth=2),
    "timm coat_lite_tiny": _timm("coat_lite_tiny"),
    "timm pvt_v2_b0": _timm("pvt_v2_b0"),
    "timm poolformer_s12": _timm("poolformer_s12"),
    "timm efficientformer_l1": _timm("efficientformer_l1"),
    "timm levit_128s": _timm("levit_128s"),
    "timm cait_xxs24_224": _timm("cait_xxs24_224", depth=2),
    "timm beit_base_patch16_224": _timm("beit_base_patch16_224", depth=2),
    "timm maxvit_nano_rw_256": _timm("maxvit_nano_rw_256", 256),
    "timm gcvit_xxtiny": _timm("gcvit_xxtiny"),
    "timm crossvit_tiny_240": _timm("crossvit_tiny_240", 240),
    "timm twins_svt_small": _timm("twins_svt_small"),
}  # fmt: skip
"""The networks, by the name that the table has for them."""
