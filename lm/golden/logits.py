"""Writes the logits, the loss and the LoRA gradients with which the Go model is compared.

    python logits.py MODEL.gguf ../model/testdata

Files: smollm2.json (the cases) and smollm2.f32 (their numbers, float32, little-endian, one case after the
other). The reference for logits is transformers' LlamaForCausalLM in float32 with weights unpacked from the same
GGUF. Loss and gradients are PEFT's in float64: in float32 PEFT's own gradients are 1e-3 (of a matrix's root
mean square) away from these. The adapter's values come from the formula in `values`, which the Go test computes as well.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
from transformers.models.llama.modeling_llama import LlamaRMSNorm

MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
RANK, ALPHA = 16, 32
SAMPLES = 4  # gradients stored of each matrix

TEXTS = [
    "The capital of France is",
    "<|im_start|>user\nopen the text editor and type hello world<|im_end|>\n<|im_start|>assistant\n",
    "def fibonacci(n):\n    if n < 2:\n        return n\n    return",
    "Task: log in as \"anna\" with password \"k3f\"\nScreen (Sign in - Firefox):\ntext \"Username\"\nfield \"\" #1\n"
    "text \"Password\"\nfield \"\" #2\nbutton \"Log in\"\nDone so far: click field #1\n" * 4,
    "Ünïcödé 日本語 \U0001f600 \u0000\t  1234567890 ",
]
# (text, position, stride): every stride-th logit after that token; the first two are whole.
ROWS = [(0, -1, 1), (1, -1, 1)] + [(t, p, 97) for t in range(len(TEXTS)) for p in (0, 3, -2, -1)]

# Prompt and completion; the completion's tokens are the labels.
PAIRS = [
    ("Task: open notepad\nScreen (Desktop):\nicon \"Notepad\"\nicon \"Trash\"\n", "doubleclick icon \"Notepad\"<|im_end|>"),
    ("Task: log in as \"bob\"\nScreen (Sign in):\ntext \"Name\"\nfield \"\"\nbutton \"OK\"\nDone so far: click field\n", "type \"bob\"<|im_end|>"),
    ("Task: what is 17 + 25?\nScreen (Calculator):\ntext \"42\"\nbutton \"=\"\n", "answer \"42\"<|im_end|>"),
]


def values(matrix: int, shape: torch.Size, size: float) -> torch.Tensor:
    """Element i of matrix number m is (hash(i + 1000003·m) - 1/2)·size with Knuth's multiplicative hash."""
    index = np.arange(shape.numel(), dtype=np.uint64) + np.uint64(1000003 * matrix)
    hashed = (index * np.uint64(2654435761)) % np.uint64(1 << 32)
    numbers = (hashed.astype(np.float64) / (1 << 32) - 0.5) * size
    return torch.from_numpy(numbers.astype(np.float32)).reshape(shape)


def matrices(model):
    """The adapter's matrices in the order layer, module, A before B."""
    for layer in model.base_model.model.model.layers:
        for name in MODULES:
            module = getattr(layer.self_attn if hasattr(layer.self_attn, name) else layer.mlp, name)
            yield module.lora_A["default"].weight, 0.1
            yield module.lora_B["default"].weight, 0.05


def norm(self, x: torch.Tensor) -> torch.Tensor:
    """LlamaRMSNorm.forward without its rounding to float32."""
    return self.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon)


def gradients(model, tokenizer, numbers: list) -> dict:
    """Sum of the label losses over PAIRS, and samples of its gradient."""
    LlamaRMSNorm.forward = norm
    peft = get_peft_model(model.double(), LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=MODULES))
    parameters = list(matrices(peft))
    with torch.no_grad():
        for number, (weight, size) in enumerate(parameters):
            weight.copy_(values(number, weight.shape, size))
    total, batch = 0.0, []
    for prompt, completion in PAIRS:
        first, second = tokenizer(prompt)["input_ids"], tokenizer(completion)["input_ids"]
        tokens = torch.tensor([first + second])
        logits = peft(tokens).logits[0, len(first) - 1:-1]
        loss = torch.nn.functional.cross_entropy(logits, tokens[0, len(first):], reduction="sum")
        loss.backward()
        total += loss.item()
        batch.append({"prompt": first, "completion": second})
    for weight, _ in parameters:
        flat = weight.grad.flatten()
        numbers.append(flat[:: len(flat) // SAMPLES][:SAMPLES].float())
        numbers.append(flat.norm()[None].float())
    return {"rank": RANK, "alpha": ALPHA, "samples": SAMPLES, "batch": batch, "loss": total}


def main(path: pathlib.Path, out: pathlib.Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    model = AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True))
    model.eval()
    texts = [tokenizer(text)["input_ids"] for text in TEXTS]
    numbers, cases = [], []
    with torch.no_grad():
        logits = [model(torch.tensor([tokens])).logits[0] for tokens in texts]
    for text, position, stride in ROWS:
        position %= len(texts[text])
        numbers.append(logits[text][position][::stride])
        cases.append({"text": text, "position": position, "stride": stride})
    lora = gradients(model, tokenizer, numbers)
    out.mkdir(exist_ok=True)
    (out / "smollm2.json").write_text(json.dumps({"texts": texts, "rows": cases, "lora": lora}, separators=(",", ":")) + "\n")
    torch.cat(numbers).detach().numpy().astype("<f4").tofile(out / "smollm2.f32")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
