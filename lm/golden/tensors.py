"""Writes the safetensors file with which the Go reader and writer are compared.

    python tensors.py ../safetensors/testdata

Values are multiples of 1/8, exact in every type; the Go test computes them by the same formula.
"""

import pathlib
import sys

import torch
from safetensors.torch import save_file


def numbers(*shape: int) -> torch.Tensor:
    count = torch.Size(shape).numel()
    return ((torch.arange(count) - 3) / 8).reshape(shape)


if __name__ == "__main__":
    tensors = {
        "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight": numbers(2, 5),
        "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight": numbers(3, 2),
        "quoted \"<name>\" & ü": numbers(4),
        "half": numbers(2, 3).to(torch.float16),
        "brain": numbers(3, 3).to(torch.bfloat16),
        "scalar": numbers(),
        "empty": numbers(0, 4),
    }
    save_file(tensors, pathlib.Path(sys.argv[1]) / "reference.safetensors", metadata={"format": "pt"})
