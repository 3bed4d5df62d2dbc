"""Writes the logits of tiny models of every family and every block format, made by transformers.

    python decoders.py ../model/testdata

families.json.gz: how each model is made: its config.json, its GGUF metadata and its tensors, with names from
transformers and from llama.cpp's package `gguf`, and its tokens. families.f32: the logits after each token, case
after case (float32, little-endian). Weights are not stored. Their bytes are hashes of their place, with a few bits
set so that scales and exponents are sensible: `raw` here, and the same in the Go test, which writes the files.
"""

import gzip
import json
import math
import pathlib
import sys

import converted
import gguf
import numpy as np
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

VOCAB, LENGTH = 48, 24


def scale(exponent: int, negative: bool = False) -> list[int]:
    """Which bits of an F16 stay random, and which are set: a number from 2^exponent up to twice that."""
    return [0x03FF, negative << 15 | exponent + 15 << 10]


# Bytes of a block, weights in it, and for some 16-bit words (at that byte): which bits stay random, which are set.
# The weights' root mean square is about 0.3 for rows of 32 and about 0.1 for rows of 256.
KINDS = {
    "plain": ("F32", 4, 1, [[2, 0x807F, 125 << 7]]),
    "gain": ("F32", 4, 1, [[2, 0x007F, 126 << 7]]),
    "bias": ("F32", 4, 1, [[2, 0x807F, 125 << 7]]),
    "F32": ("F32", 4, 1, [[2, 0x807F, 123 << 7]]),
    "F16": ("F16", 2, 1, [[0, 0x83FF, 11 << 10]]),
    "BF16": ("BF16", 2, 1, [[0, 0x807F, 123 << 7]]),
    "Q4_0": ("Q4_0", 18, 32, [[0, *scale(-6)]]),
    "Q4_1": ("Q4_1", 20, 32, [[0, *scale(-6)], [2, *scale(-3, True)]]),
    "Q5_0": ("Q5_0", 22, 32, [[0, *scale(-7)]]),
    "Q5_1": ("Q5_1", 24, 32, [[0, *scale(-7)], [2, *scale(-3, True)]]),
    "Q8_0": ("Q8_0", 34, 32, [[0, *scale(-10)]]),
    "IQ4_NL": ("IQ4_NL", 18, 32, [[0, *scale(-10)]]),
    "Q4_K": ("Q4_K", 144, 256, [[0, *scale(-11)], [2, *scale(-8)]]),
    "Q5_K": ("Q5_K", 176, 256, [[0, *scale(-12)], [2, *scale(-8)]]),
    "Q6_K": ("Q6_K", 210, 256, [[208, *scale(-14)]]),
}
FORMATS = [name for name in KINDS if name.isupper()]


def hashed(count: int, seed: int) -> np.ndarray:
    """MurmurHash3's finaliser of seed·2^24 + index, modulo 2^32."""
    x = np.arange(count, dtype=np.uint32) + np.uint32(seed << 24 & 0xFFFFFFFF)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = (x ^ x >> np.uint32(shift)) * np.uint32(factor)
    return x ^ x >> np.uint32(16)


def raw(kind: str, matrix: int, elements: int) -> np.ndarray:
    _, size, weights, words = KINDS[kind]
    data = (hashed(elements // weights * size, matrix) & 0xFF).astype(np.uint8).reshape(-1, size)
    for at, random, fixed in words:
        word = data[:, at : at + 2].copy().view("<u2") & np.uint16(random) | np.uint16(fixed)
        data[:, at : at + 2] = word.view(np.uint8)
    return data


def weights(kind: str, matrix: int, shape: tuple[int, ...]) -> torch.Tensor:
    data = raw(kind, matrix, math.prod(shape))
    name = KINDS[kind][0]
    if name == "F32":
        values = data.view("<f4")
    elif name == "F16":
        values = data.view("<f2").astype(np.float32)
    else:
        values = gguf.dequantize(data, gguf.GGMLQuantizationType[name])
    return torch.from_numpy(values.astype(np.float32).reshape(shape).copy())


def sizes(**changes) -> dict:
    return dict(vocab_size=VOCAB, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
                num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5, tie_word_embeddings=False) | changes


def rope(kind: str = "default", theta: float = 10000.0, **parameters) -> dict:
    return {"rope_theta": theta, "rope_type": kind, **parameters}


LLAMA3 = rope("llama3", 10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16)

# Name, configuration, kind of matrices, name of the case without the change of formula that has to show.
CASES = [
    ("llama", LlamaConfig(**sizes()), "plain", None),
    ("llama, tied, a key for each query", LlamaConfig(**sizes(num_key_value_heads=4, tie_word_embeddings=True)), "plain", None),
    ("llama, one key for all queries, wide heads", LlamaConfig(**sizes(num_key_value_heads=1, head_dim=12)), "plain", None),
    ("llama 3 scaling", LlamaConfig(**sizes(rope_parameters=LLAMA3)), "plain", "llama"),
    ("linear scaling", LlamaConfig(**sizes(rope_parameters=rope("linear", factor=4.0))), "plain", "llama"),
    ("smollm2", LlamaConfig(**sizes(hidden_size=36, num_attention_heads=9, num_key_value_heads=3, tie_word_embeddings=True,
                                    rope_parameters=rope(theta=100000.0))), "plain", None),
    ("mistral without window", MistralConfig(**sizes(sliding_window=None)), "plain", None),
    ("mistral", MistralConfig(**sizes(sliding_window=6)), "plain", "mistral without window"),
    ("mistral, tied, wide heads", MistralConfig(**sizes(sliding_window=9, head_dim=16, tie_word_embeddings=True)), "plain", None),
    ("qwen2", Qwen2Config(**sizes(rms_norm_eps=1e-6, rope_parameters=rope(theta=1e6))), "plain", None),
    ("qwen2, tied", Qwen2Config(**sizes(num_key_value_heads=1, tie_word_embeddings=True)), "plain", None),
    ("qwen2, window in the upper layer", Qwen2Config(**sizes(rms_norm_eps=1e-6, rope_parameters=rope(theta=1e6),
                                                             use_sliding_window=True, sliding_window=5, max_window_layers=1)), "plain", "qwen2"),
    ("qwen3", Qwen3Config(**sizes(head_dim=16, rope_parameters=rope(theta=1e6))), "plain", None),
    ("qwen3, tied", Qwen3Config(**sizes(head_dim=8, num_key_value_heads=4, tie_word_embeddings=True)), "plain", None),
] + [
    (kind, LlamaConfig(**sizes(hidden_size=256, intermediate_size=256, num_hidden_layers=1)), kind, None) for kind in FORMATS
]


def metadata(config) -> dict:
    """The keys that convert_hf_to_gguf.py writes for such a model, with their types."""
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer = gguf.GGUFWriter(None, converted.architecture(config))
    converted.add_sizes(writer, config, head if head * config.num_attention_heads != config.hidden_size else None)
    writer.add_rope_dimension_count(head)
    if config.rope_parameters["rope_type"] == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(config.rope_parameters["factor"])
    if config.model_type == "mistral" and config.sliding_window:
        writer.add_sliding_window(config.sliding_window)
    return {key: [value.type.name, value.value] for key, value in writer.kv_data[0].items()}


def divisors(config) -> list[float]:
    """The tensor rope_freqs.weight, as convert_hf_to_gguf.py's LlamaModel.generate_extra_tensors computes it."""
    parameters = config.rope_parameters
    if parameters["rope_type"] != "llama3":
        return []
    dim = config.head_dim
    factor, low, high = (parameters[k] for k in ("factor", "low_freq_factor", "high_freq_factor"))
    original = parameters["original_max_position_embeddings"]
    out = []
    for frequency in 1.0 / (parameters["rope_theta"] ** (torch.arange(0, dim, 2, dtype=torch.float32) / dim)):
        wave = 2 * math.pi / frequency
        if wave < original / high:
            out.append(1.0)
        elif wave > original / low:
            out.append(factor)
        else:
            smooth = (original / wave - low) / (high - low)
            out.append(float(1 / ((1 - smooth) / factor + smooth)))
    return out


def run(config, kind: str, tokens: list[int]) -> tuple[list[dict], torch.Tensor]:
    """Fills a model with the kind's weights and returns its tensors and logits."""
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float32).eval()
    tensor_name = converted.namer(config)
    tensors = []
    with torch.no_grad():
        for number, (name, parameter) in enumerate(model.named_parameters()):
            this = "bias" if name.endswith(".bias") else "gain" if parameter.dim() == 1 else kind
            parameter.copy_(weights(this, number, parameter.shape))
            tensor = {"folder": name, "gguf": tensor_name(name), "kind": this, "shape": list(parameter.shape)}
            if heads := converted.permuted(config, name):
                tensor["permuted"] = heads
            tensors.append(tensor)
        return tensors, model(torch.tensor([tokens])).logits[0]


def main(out: pathlib.Path) -> None:
    tokens = (hashed(LENGTH, 255) % VOCAB).tolist()
    cases, logits = [], {}
    for name, config, kind, plain in CASES:
        tensors, logits[name] = run(config, kind, tokens)
        apart = [float((logits[name] - other).abs().max()) for other in ([logits[plain]] if plain else [])]
        if not 1 < logits[name].std() < 30 or apart and apart[0] < 0.1:
            sys.exit(f"{name}: logits of {logits[name].std()}, {apart} apart from {plain}: such a case would show nothing")
        case = {"name": name, "config": json.loads(config.to_json_string()), "tensors": tensors}
        # llama.cpp has no windows in qwen2.
        if not getattr(config, "use_sliding_window", False):
            case |= {"metadata": metadata(config), "divisors": divisors(config)}
        cases.append(case)
    kinds = {name: {"type": kind[0], "bytes": kind[1], "weights": kind[2], "words": kind[3]} for name, kind in KINDS.items()}
    out.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(out / "families.json.gz", "wb", compresslevel=9, mtime=0) as file:
        file.write(json.dumps({"kinds": kinds, "tokens": tokens, "cases": cases}, separators=(",", ":"), sort_keys=True).encode())
    torch.cat([l.flatten() for l in logits.values()]).numpy().astype("<f4").tofile(out / "families.f32")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
