"""Measures LoRA fine-tuning with transformers and PEFT on one assignment of package bench.

    python peft_sft.py fp32|autocast|bf16 < assignment.json

fp32 holds everything in float32; autocast holds the frozen weights in bfloat16, the adapter in float32, and computes
under torch.autocast; bf16 holds everything in bfloat16. The GGUF's weights are dequantised when they are loaded.
Batches are of examples of like lengths, padded to the longest; tokens are counted without padding. The assignment and
the outcome, the last line of the output, are those of bench.Assignment and bench.Outcome.
"""

import contextlib
import json
import os
import pathlib
import random
import sys
import time

os.environ |= {"HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, GgufConfig

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def peak() -> float:
    """Returns the greatest resident memory (VmHWM of proc(5)) in 10^6 bytes."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("/proc/self/status has no VmHWM")


def load(path: pathlib.Path, precision: str) -> torch.nn.Module:
    base = AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32 if precision == "fp32" else torch.bfloat16,
        quantization_config=GgufConfig(dequantize=True), attn_implementation="sdpa")
    # The weights are plain from here on; PEFT looks at these to find out.
    base.is_quantized = False
    if hasattr(base.config, "quantization_config"):
        del base.config.quantization_config
    base.config.use_cache = False
    config = LoraConfig(r=16, lora_alpha=16, lora_dropout=0.0, target_modules=MODULES, task_type="CAUSAL_LM")
    model = get_peft_model(base, config, autocast_adapter_dtype=precision != "bf16")
    for name, parameter in model.named_parameters():
        wanted = torch.bfloat16 if precision == "bf16" or (precision == "autocast" and "lora_" not in name) else torch.float32
        if parameter.dtype != wanted:
            raise RuntimeError(f"{name} is {parameter.dtype}, want {wanted}")
    return model.train()


def batches(examples: list[dict], size: int) -> list[list[dict]]:
    """Sorts the examples by length, cuts them into batches and shuffles these."""
    by_length = sorted(examples, key=lambda e: len(e["prompt"]) + len(e["completion"]))
    cut = [by_length[i:i + size] for i in range(0, len(by_length), size)]
    random.Random(1).shuffle(cut)
    return cut


def tensors(batch: list[dict]) -> dict[str, torch.Tensor]:
    rows = [(e["prompt"] + e["completion"], [-100] * len(e["prompt"]) + e["completion"]) for e in batch]
    longest = max(len(tokens) for tokens, _ in rows)
    pad = [longest - len(tokens) for tokens, _ in rows]
    return {
        "input_ids": torch.tensor([tokens + [0] * p for (tokens, _), p in zip(rows, pad, strict=True)]),
        "labels": torch.tensor([labels + [-100] * p for (_, labels), p in zip(rows, pad, strict=True)]),
        "attention_mask": torch.tensor([[1] * (longest - p) + [0] * p for p in pad]),
    }


def main(precision: str) -> None:
    assignment = json.load(sys.stdin)
    if assignment["kind"] != "train":
        raise ValueError(f"PEFT trains only, it cannot measure {assignment['kind']}")
    work = json.loads(pathlib.Path(assignment["workload"]).read_text())
    torch.set_num_threads(assignment["threads"])
    torch.manual_seed(1)
    model = load(pathlib.Path(assignment["model"]), precision)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=5e-4, weight_decay=0.0, fused=True)
    autocast = torch.autocast("cpu", dtype=torch.bfloat16) if precision == "autocast" else contextlib.nullcontext()
    todo = [tensors(b) for b in batches(work["examples"], work["size"]["batch"])]

    def step(batch: dict[str, torch.Tensor]) -> float:
        with autocast:
            loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    loaded = peak()
    pathlib.Path("/proc/self/clear_refs").write_text("5\n")
    step(todo[0])
    began = time.perf_counter()
    for batch in todo:
        step(batch)
    took = time.perf_counter() - began
    tokens = sum(len(e["prompt"]) + len(e["completion"]) for e in work["examples"])
    training = peak()
    print(json.dumps({
        "values": {"train_tok_s": tokens / took, "train_peak_rss_mb": max(loaded, training), "train_phase_rss_mb": training},
        "device": f"torch {precision}, {torch.backends.cpu.get_cpu_capability()}",
        "versions": {m.__name__: m.__version__ for m in (torch, transformers, peft)},
    }))


if __name__ == "__main__":
    main(sys.argv[1])
