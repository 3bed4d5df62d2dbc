"""Writes what the NF4 quantiser is compared with, made by bitsandbytes on a CPU.

    python nf4.py ../gguf/testdata

nf4.safetensors: a matrix in half precision (rows of different spread, a block of zeros, one of equal values, one
whose values lie about half way between levels), its codes, the doubly quantised scales of its blocks, and the values that come back.
"""

import pathlib
import sys

import numpy as np
import torch
from bitsandbytes import functional
from safetensors.torch import save_file

ROWS, COLS, BLOCK = 30, 704, 64  # 330 blocks: more than share a scale of scales


def matrix() -> torch.Tensor:
    rng = np.random.default_rng(20261127)
    values = rng.normal(0, 1, (ROWS, COLS)) * rng.uniform(0.005, 0.2, (ROWS, 1))
    values[3, :BLOCK] = 0
    values[4, BLOCK : 2 * BLOCK] = -0.125
    levels = functional.get_4bit_type("nf4", device="cpu").numpy()
    values[5, :15] = (levels[:-1] + levels[1:]) / 2
    values[5, 15] = 1
    return torch.from_numpy(values.astype(np.float16))


def main(out: pathlib.Path) -> None:
    weight = matrix()
    packed, state = functional.quantize_4bit(weight.float(), blocksize=BLOCK, compress_statistics=True, quant_type="nf4")
    save_file(
        {
            "weight": weight,
            "codes": torch.stack([packed.flatten() >> 4, packed.flatten() & 15], 1).reshape(ROWS, COLS),
            "scale_codes": state.absmax,
            "scales_of_scales": state.state2.absmax,
            "offset": state.offset.reshape(1),
            "levels": state.code,
            "scale_values": state.state2.code,
            "values": functional.dequantize_4bit(packed, state),
        },
        out / "nf4.safetensors",
    )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
