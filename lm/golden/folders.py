"""Writes the adapter folders with which the Go reader and writer are compared, with PEFT itself.

    python folders.py ../lora/testdata

Element i of matrix number n, in the order layer, module, A before B, is (1000·n + i)/1024, exact in float32.
"""

import pathlib
import sys

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

BASE = LlamaConfig(vocab_size=8, hidden_size=12, intermediate_size=20, num_hidden_layers=3, num_attention_heads=3,
                   num_key_value_heads=1, head_dim=4, name_or_path="some/base")
ADAPTERS = {
    "plain": LoraConfig(r=4, lora_alpha=6, lora_dropout=0.125, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM"),
    "rslora": LoraConfig(r=4, lora_alpha=6, use_rslora=True, target_modules="all-linear", task_type="CAUSAL_LM"),
}
MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

if __name__ == "__main__":
    for folder, config in ADAPTERS.items():
        model = get_peft_model(LlamaForCausalLM(BASE), config)
        number = 0
        for layer in model.base_model.model.model.layers:
            for name in MODULES:
                module = getattr(layer.self_attn if hasattr(layer.self_attn, name) else layer.mlp, name)
                if not hasattr(module, "lora_A"):
                    continue
                for matrix in (module.lora_A["default"].weight, module.lora_B["default"].weight):
                    with torch.no_grad():
                        matrix.copy_(((torch.arange(matrix.numel()) + 1000 * number) / 1024).reshape(matrix.shape))
                    number += 1
        path = pathlib.Path(sys.argv[1]) / folder
        model.save_pretrained(path)
        (path / "README.md").unlink(missing_ok=True)
