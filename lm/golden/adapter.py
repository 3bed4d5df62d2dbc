"""Has PEFT load an adapter that our trainer made, and writes the logits that it gives.

    python adapter.py MODEL.gguf ADAPTER OUT

ADAPTER is a folder such as ../model/testdata/lora-v1. Files: peft.json (the texts' tokens) and peft.f32
(float32, little-endian): the logits after the last token of each text, whole.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from logits import TEXTS
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig


def main(path: pathlib.Path, adapter: pathlib.Path, out: pathlib.Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    base = AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True))
    model = PeftModel.from_pretrained(base, adapter, autocast_adapter_dtype=True).float()
    model.eval()
    texts = [tokenizer(text)["input_ids"] for text in TEXTS]
    with torch.no_grad():
        rows = [model(torch.tensor([tokens])).logits[0, -1] for tokens in texts]
    out.mkdir(parents=True, exist_ok=True)
    (out / "peft.json").write_text(json.dumps({"texts": texts}, separators=(",", ":")) + "\n")
    torch.stack(rows).numpy().astype("<f4").tofile(out / "peft.f32")


if __name__ == "__main__":
    main(*(pathlib.Path(a) for a in sys.argv[1:4]))
