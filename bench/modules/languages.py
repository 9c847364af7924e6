"""Language models of transformers, with encoders, decoders and mixtures of experts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from bench.modules.entry import Entry, tokens
from bench.modules.small_configurations import GROUPED, HEADED, TEXT, made

__all__ = ["entries"]

LANGUAGE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "Llama, grouped-query": ("LlamaForCausalLM", "LlamaConfig", GROUPED),
    "Mistral, sliding window": (
        "MistralForCausalLM",
        "MistralConfig",
        GROUPED | {"sliding_window": 8},
    ),
    "Qwen2": ("Qwen2ForCausalLM", "Qwen2Config", GROUPED),
    "Qwen3": ("Qwen3ForCausalLM", "Qwen3Config", HEADED),
    "Gemma": ("GemmaForCausalLM", "GemmaConfig", HEADED),
    "Gemma2": ("Gemma2ForCausalLM", "Gemma2Config", HEADED),
    "Gemma3": ("Gemma3ForCausalLM", "Gemma3TextConfig", HEADED),
    "Phi": ("PhiForCausalLM", "PhiConfig", TEXT),
    "Phi3": ("Phi3ForCausalLM", "Phi3Config", GROUPED),
    "Falcon": ("FalconForCausalLM", "FalconConfig", TEXT | {"new_decoder_architecture": False}),
    "BLOOM": ("BloomForCausalLM", "BloomConfig", TEXT | {"n_layer": 2, "n_head": 4}),
    "GPT-2": (
        "GPT2LMHeadModel",
        "GPT2Config",
        {"n_embd": 64, "n_layer": 2, "n_head": 4, "vocab_size": 100},
    ),
    "GPT-NeoX": ("GPTNeoXForCausalLM", "GPTNeoXConfig", TEXT),
    "GPT-Neo": (
        "GPTNeoForCausalLM",
        "GPTNeoConfig",
        {
            "hidden_size": 64,
            "num_layers": 2,
            "num_heads": 4,
            "attention_types": [[["global", "local"], 1]],
            "vocab_size": 100,
        },
    ),
    "GPT-J": (
        "GPTJForCausalLM",
        "GPTJConfig",
        {"n_embd": 64, "n_layer": 2, "n_head": 4, "rotary_dim": 8, "vocab_size": 100},
    ),
    "OPT": (
        "OPTForCausalLM",
        "OPTConfig",
        {
            "hidden_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "ffn_dim": 128,
            "vocab_size": 100,
            "word_embed_proj_dim": 64,
        },
    ),
    "OLMo2": ("Olmo2ForCausalLM", "Olmo2Config", GROUPED),
    "StableLM": ("StableLmForCausalLM", "StableLmConfig", GROUPED),
    "Cohere": ("CohereForCausalLM", "CohereConfig", GROUPED),
    "SmolLM3": ("SmolLM3ForCausalLM", "SmolLM3Config", GROUPED),
    "MPT": (
        "MptForCausalLM",
        "MptConfig",
        {"d_model": 64, "n_heads": 4, "n_layers": 2, "vocab_size": 100},
    ),
    "Mixtral, mixture of experts": (
        "MixtralForCausalLM",
        "MixtralConfig",
        GROUPED | {"num_local_experts": 4, "num_experts_per_tok": 2},
    ),
    "Qwen2-MoE, mixture of experts": (
        "Qwen2MoeForCausalLM",
        "Qwen2MoeConfig",
        GROUPED
        | {
            "num_experts": 4,
            "num_experts_per_tok": 2,
            "moe_intermediate_size": 32,
            "shared_expert_intermediate_size": 48,
            "decoder_sparse_step": 1,
        },
    ),
    "DeepSeek-V3, mixture of experts": (
        "DeepseekV3ForCausalLM",
        "DeepseekV3Config",
        {
            **TEXT,
            "num_key_value_heads": 4,
            "n_routed_experts": 4,
            "num_experts_per_tok": 2,
            "moe_intermediate_size": 32,
            "n_group": 2,
            "topk_group": 1,
            "first_k_dense_replace": 1,
            "q_lora_rank": 24,
            "kv_lora_rank": 16,
            "qk_rope_head_dim": 8,
            "qk_nope_head_dim": 8,
            "v_head_dim": 16,
        },
    ),
    "GPT-OSS, mixture of experts": (
        "GptOssForCausalLM",
        "GptOssConfig",
        HEADED | {"num_local_experts": 4, "num_experts_per_tok": 2},
    ),
    "Mamba": (
        "MambaForCausalLM",
        "MambaConfig",
        {"hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 100, "state_size": 8},
    ),
    "Mamba2": (
        "Mamba2ForCausalLM",
        "Mamba2Config",
        {
            "hidden_size": 64,
            "num_hidden_layers": 2,
            "vocab_size": 100,
            "state_size": 8,
            "num_heads": 8,
            "head_dim": 16,
            "n_groups": 2,
            "chunk_size": 8,
        },
    ),
    "RWKV": (
        "RwkvForCausalLM",
        "RwkvConfig",
        {"hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 100, "attention_hidden_size": 64},
    ),
    "RecurrentGemma": (
        "RecurrentGemmaForCausalLM",
        "RecurrentGemmaConfig",
        {**TEXT, "lru_width": 64, "attention_window_size": 8, "num_hidden_layers": 3},
    ),
    "BERT": ("BertModel", "BertConfig", TEXT),
    "RoBERTa": ("RobertaForSequenceClassification", "RobertaConfig", TEXT),
    "ALBERT": ("AlbertModel", "AlbertConfig", TEXT | {"embedding_size": 32}),
    "DistilBERT": (
        "DistilBertModel",
        "DistilBertConfig",
        {"dim": 64, "n_layers": 2, "n_heads": 4, "hidden_dim": 128, "vocab_size": 100},
    ),
    "ELECTRA": ("ElectraForMaskedLM", "ElectraConfig", TEXT | {"embedding_size": 32}),
    "DeBERTa": (
        "DebertaModel",
        "DebertaConfig",
        TEXT | {"relative_attention": True, "pos_att_type": ["p2c", "c2p"]},
    ),
    "DeBERTa-v2": (
        "DebertaV2Model",
        "DebertaV2Config",
        TEXT
        | {
            "relative_attention": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_buckets": 8,
            "norm_rel_ebd": "layer_norm",
        },
    ),
    "ModernBERT": (
        "ModernBertModel",
        "ModernBertConfig",
        TEXT | {"cls_token_id": 1, "sep_token_id": 2, "local_attention": 8},
    ),
    "MPNet": ("MPNetModel", "MPNetConfig", TEXT),
    "XLNet": (
        "XLNetModel",
        "XLNetConfig",
        {"d_model": 64, "n_layer": 2, "n_head": 4, "d_inner": 128, "vocab_size": 100},
    ),
    "Longformer": ("LongformerModel", "LongformerConfig", TEXT | {"attention_window": [8, 8]}),
    "BigBird": ("BigBirdModel", "BigBirdConfig", TEXT),
    "Funnel": (
        "FunnelModel",
        "FunnelConfig",
        {
            "d_model": 64,
            "block_sizes": [1, 1],
            "n_head": 4,
            "d_head": 16,
            "d_inner": 128,
            "vocab_size": 100,
        },
    ),
    "ConvBERT": ("ConvBertModel", "ConvBertConfig", TEXT | {"embedding_size": 64}),
    "FNet": ("FNetModel", "FNetConfig", TEXT),
    "XLM-RoBERTa-XL": ("XLMRobertaXLModel", "XLMRobertaXLConfig", TEXT),
    "ESM": (
        "EsmModel",
        "EsmConfig",
        TEXT | {"position_embedding_type": "rotary", "mask_token_id": 3},
    ),
    "SqueezeBERT": ("SqueezeBertModel", "SqueezeBertConfig", TEXT | {"embedding_size": 64}),
    "MobileBERT": (
        "MobileBertModel",
        "MobileBertConfig",
        TEXT | {"embedding_size": 32, "intra_bottleneck_size": 32, "true_hidden_size": 32},
    ),
    "Nystromformer": (
        "NystromformerModel",
        "NystromformerConfig",
        TEXT | {"num_landmarks": 4, "segment_means_seq_len": 16},
    ),
}
"""Name: model, configuration, its settings; each is called with 16 tokens and their mask."""

NO_MASK = ("Mamba", "Mamba2", "RWKV", "FNet", "RecurrentGemma")


def entries() -> Iterator[Entry]:
    """Yield the networks."""
    for name, (model, config, settings) in LANGUAGE.items():
        experts: dict[str, Any] = {}
        if "experts" in name:
            experts = {"why": ROUTED, "skipped": _routed(settings)}
        length = 32 if name == "BigBird" else 16
        example = _text(length, mask=name not in NO_MASK)
        yield Entry(name, "transformers", made(model, config, settings), example, **experts)


ROUTED = (
    "each token through the 2 experts that it is routed to (top-2): the counter skips their "
    "grouped products"
)


def _routed(settings: dict[str, Any]) -> Callable[[torch.nn.Module, int], int]:
    """Return the multiply-adds of routed experts: gate, up and down, for two experts a token."""
    wide = settings.get("moe_intermediate_size", settings["intermediate_size"])
    layers = settings["num_hidden_layers"] - settings.get("first_k_dense_replace", 0)
    return lambda _, batch: batch * 16 * 2 * layers * 3 * settings["hidden_size"] * wide


def _text(length: int, *, mask: bool) -> Callable[[int], Any]:
    def called(batch: int) -> Any:
        found = {"input_ids": tokens(length)(batch)}
        if mask:
            found["attention_mask"] = torch.ones(batch, length, dtype=torch.int64)
        return found

    return called
