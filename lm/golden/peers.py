"""Writes tiny models of each family, PEFT's adapters for them, and the logits that PEFT gives with them.

    python peers.py ../lora/testdata/peers

For each family a base <family>.gguf in float32, and <family>.<adapter>.f32: the logits (float32, little-endian) after
every one of TOKENS. The adapters' folders are PEFT's own and fit all families: their ranks, alphas, targets and layers
are chosen by patterns. All weights come from the formula `values` of logits.py, so that they are the same everywhere.
"""

import pathlib
import sys

import converted
import gguf
import numpy as np
import torch
from logits import MODULES, values
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

TOKENS = [3, 17, 4, 4, 29, 0, 11, 31, 8, 2, 17, 5]
SIZES = dict(vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=3, num_attention_heads=2,
             num_key_value_heads=1, head_dim=8, rms_norm_eps=1e-5, max_position_embeddings=64, tie_word_embeddings=True,
             bos_token_id=0, eos_token_id=1, name_or_path="tiny/base")
FAMILIES = {
    "llama": (LlamaForCausalLM, LlamaConfig),
    "qwen2": (Qwen2ForCausalLM, Qwen2Config),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config),
}
ADAPTERS = {
    "patterns": dict(r=4, lora_alpha=6, target_modules="all-linear",
                     rank_pattern={"q_proj": 2, r"layers\.[12]\.mlp\.down_proj": 3},
                     alpha_pattern={"model.layers.0.self_attn.v_proj": 10, "up_proj|down_proj": 5}),
    "stabilised": dict(r=4, lora_alpha=6, use_rslora=True, target_modules=["q_proj", "k_proj", "down_proj"],
                       layers_to_transform=[0, 2], rank_pattern={"layers.2.*": 8}, alpha_pattern={"k_proj": 3}),
}


def base(family: str):
    model_class, config_class = FAMILIES[family]
    model = model_class(config_class(**SIZES)).float().eval()
    with torch.no_grad():
        for number, (name, weight) in enumerate(sorted(model.model.named_parameters())):
            drawn = values(number, weight.shape, 2.0 if "embed" in name else 1.0)
            weight.copy_(drawn + 1 if "norm" in name else drawn)
    return model


def write_base(model, path: pathlib.Path) -> None:
    config = model.config
    writer = gguf.GGUFWriter(path, converted.architecture(config))
    writer.add_name("tiny")
    writer.add_tokenizer_model("no_vocab")
    writer.add_vocab_size(config.vocab_size)
    converted.add_sizes(writer, config, config.head_dim)
    tensor = converted.namer(config)
    for name, weight in model.named_parameters():
        data = weight.detach().numpy()
        if heads := converted.permuted(config, name):
            data = converted.permute(data, heads)
        writer.add_tensor(tensor(name), np.ascontiguousarray(data))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def fill(model) -> None:
    """Gives an adapter's matrices values, in the order layer, module, A before B."""
    number = 1000
    with torch.no_grad():
        for layer in model.base_model.model.model.layers:
            for name in MODULES:
                module = getattr(layer.self_attn if hasattr(layer.self_attn, name) else layer.mlp, name)
                for matrices in [getattr(module, "lora_A", {}), getattr(module, "lora_B", {})]:
                    if "default" in matrices:
                        weight = matrices["default"].weight
                        weight.copy_(values(number, weight.shape, 1.0))
                        number += 1


def logits(model) -> torch.Tensor:
    with torch.no_grad():
        return model.eval()(torch.tensor([TOKENS])).logits[0]


def main(out: pathlib.Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for adapter, settings in ADAPTERS.items():
        model = get_peft_model(base("llama"), LoraConfig(task_type="CAUSAL_LM", **settings))
        fill(model)
        model.save_pretrained(out / adapter)
        (out / adapter / "README.md").unlink(missing_ok=True)
    for family in FAMILIES:
        write_base(base(family), out / f"{family}.gguf")
        logits(base(family)).numpy().astype("<f4").tofile(out / f"{family}.f32")
        for adapter in ADAPTERS:
            model = PeftModel.from_pretrained(base(family), out / adapter)
            logits(model).numpy().astype("<f4").tofile(out / f"{family}.{adapter}.f32")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
