"""Writes what the Go dequantisers are compared with, made by llama.cpp's own Python package `gguf`.

    python blocks.py MODEL.gguf ../gguf/testdata

blocks.gguf: for each block format a tensor of random blocks (codes of every value, scales of both signs
and a subnormal one) and, as `<name>.f32`, the values that `gguf` gives it. The file is also a check of our
reader on another program's writing: it holds one metadata value of each kind.

smollm2_crc32.json: for each tensor of the model the CRC-32 of its dequantised float32 values, so that
bit-equality on a real file is checked without storing them.
"""

import json
import pathlib
import sys
import zlib

import gguf
import numpy as np

FORMATS = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "IQ4_NL", "Q4_K", "Q5_K", "Q6_K", "F16", "BF16", "F32"]

# Where a block keeps its F16 scales: the other bytes may be anything.
SCALES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "IQ4_NL": [0],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}

ROWS = 4


def random_blocks(name: str, rng: np.random.Generator) -> np.ndarray:
    """Returns ROWS x 256 weights as raw bytes."""
    weights, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    if name not in SCALES:
        # Every value class: normal, subnormal, zero, infinite; no NaN, whose payload numpy may change.
        if name == "F32":
            bits = rng.integers(0, 1 << 32, (ROWS, 256), dtype=np.uint32)
            bits[(bits & 0x7F800000) == 0x7F800000] &= np.uint32(0xFF800000)
            return bits.view(np.uint8)
        bits = rng.integers(0, 1 << 16, (ROWS, 256), dtype=np.uint16)
        exponent = 0x7C00 if name == "F16" else 0x7F80
        bits[(bits & exponent) == exponent] &= np.uint16(0x8000 | exponent)
        return bits.view(np.uint8)
    blocks = rng.integers(0, 256, (ROWS * 256 // weights, size), dtype=np.uint8)
    for offset in SCALES[name]:
        scale = rng.normal(0, 0.05, len(blocks)).astype(np.float16)
        scale[0] = np.float16(3e-7)
        blocks[:, offset : offset + 2] = scale.view(np.uint8).reshape(-1, 2)
    return blocks.reshape(ROWS, -1)


def write_blocks(path: pathlib.Path) -> None:
    rng = np.random.default_rng(20261123)
    writer = gguf.GGUFWriter(path, "test")
    writer.add_string("kind.string", "text: ĠĊ")
    writer.add_bool("kind.bool", True)
    for bits in (8, 16, 32, 64):
        getattr(writer, f"add_uint{bits}")(f"kind.uint{bits}", (1 << bits) - 1)
        getattr(writer, f"add_int{bits}")(f"kind.int{bits}", -(1 << (bits - 1)))
    writer.add_float32("kind.float32", 0.5)
    writer.add_float64("kind.float64", 0.1)
    writer.add_array("kind.strings", ["", "a", "bc"])
    writer.add_array("kind.ints", [-1, 2])
    writer.add_array("kind.floats", [0.5, -0.25])
    writer.add_array("kind.bools", [True, False])
    for name in FORMATS:
        kind = gguf.GGMLQuantizationType[name]
        raw = random_blocks(name, rng)
        writer.add_tensor(name, raw, raw_dtype=kind)
        data = raw.view({"F16": np.float16, "F32": np.float32}.get(name, np.uint8))
        writer.add_tensor(name + ".f32", gguf.dequantize(data, kind).reshape(ROWS, 256).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_checksums(model: str, path: pathlib.Path) -> None:
    sums = {}
    for tensor in gguf.GGUFReader(model).tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        sums[tensor.name] = f"{zlib.crc32(np.ascontiguousarray(values).tobytes()):08x}"
    path.write_text(json.dumps(sums, indent=0, sort_keys=True) + "\n")


if __name__ == "__main__":
    out = pathlib.Path(sys.argv[2])
    write_blocks(out / "blocks.gguf")
    write_checksums(sys.argv[1], out / "smollm2_crc32.json")
