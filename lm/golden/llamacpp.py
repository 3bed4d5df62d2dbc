"""Has llama.cpp load the GGUF adapters that we wrote, and stores how far its logits are from PEFT's.

    python llamacpp.py ../lora/testdata/peers OUT [MODEL.gguf MODEL-f32.gguf ADAPTER.gguf ../model/testdata]

OUT/llamacpp.json holds the figures: of the tiny models of peers.py, and of the base model with an adapter that a
job of the trainer made and lora.SaveGGUF wrote as ADAPTER.gguf. Bases are in float32 and so is the KV cache. With a
quantised base llama.cpp rounds activations to eight bits as well, so what it gives with MODEL.gguf is only noted.
"""

import ctypes
import json
import pathlib
import sys

import llama_cpp
import numpy as np
from figures import figure, write

TOKENS = [3, 17, 4, 4, 29, 0, 11, 31, 8, 2, 17, 5]  # of peers.py


@llama_cpp.llama_log_callback
def silent(*_) -> None:
    pass


class Model:
    def __init__(self, path: pathlib.Path):
        settings = llama_cpp.llama_model_default_params()
        settings.use_extra_bufts = False  # no repacked weights: their AMX kernels fault on some virtual machines
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), settings)
        if not self.model:
            sys.exit(f"llama.cpp refuses {path}")
        self.vocab = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))

    def logits(self, tokens: list, adapter: pathlib.Path | None = None, last: int = 0) -> np.ndarray:
        """The logits after each token, or after the last ones only."""
        settings = llama_cpp.llama_context_default_params()
        settings.n_ctx = settings.n_batch = settings.n_ubatch = 512
        settings.n_threads = settings.n_threads_batch = 2
        settings.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED  # it computes in float16
        settings.type_k = settings.type_v = llama_cpp.GGML_TYPE_F32
        context = llama_cpp.llama_init_from_model(self.model, settings)
        lora = None
        if adapter:
            lora = llama_cpp.llama_adapter_lora_init(self.model, str(adapter).encode())
            if not lora:
                sys.exit(f"llama.cpp refuses {adapter}")
            scale = ctypes.c_float(1.0)
            llama_cpp.llama_set_adapters_lora(context, (llama_cpp.llama_adapter_lora_p_ctypes * 1)(lora), 1, ctypes.byref(scale))
        batch = llama_cpp.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        wanted = range(len(tokens) - (last or len(tokens)), len(tokens))
        for i, token in enumerate(tokens):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = token, i, 1, 0
            batch.logits[i] = i in wanted
        if llama_cpp.llama_decode(context, batch) != 0:
            sys.exit("llama.cpp cannot decode")
        rows = []
        for i in wanted:
            row = llama_cpp.llama_get_logits_ith(context, i)
            if not row:
                sys.exit(f"llama.cpp has no logits after token {i}")
            rows.append(np.ctypeslib.as_array(row, (self.vocab,)).copy())
        llama_cpp.llama_batch_free(batch)
        llama_cpp.llama_free(context)
        return np.stack(rows)


def main(peers: pathlib.Path, out: pathlib.Path, *real: pathlib.Path) -> None:
    llama_cpp.llama_log_set(silent, ctypes.c_void_p(0))
    figures, noted = {}, {}
    for path in sorted(peers.glob("*.gguf")):
        family, model = path.stem, Model(path)
        plain = np.fromfile(peers / f"{family}.f32", "<f4").reshape(len(TOKENS), -1)
        figures[f"{family}, no adapter"] = figure(model.logits(TOKENS), plain, 0)
        for adapter in sorted(peers.glob(f"ours/{family}.*.gguf")):
            want = np.fromfile(peers / f"{adapter.stem}.f32", "<f4").reshape(plain.shape)
            figures[adapter.stem.replace(".", ", ")] = figure(model.logits(TOKENS, adapter), want, plain)
    if real:
        quantised, unpacked, adapter, stored = real
        texts = json.loads((stored / "peft.json").read_text())["texts"]
        want = np.fromfile(stored / "peft.f32", "<f4").reshape(len(texts), -1)
        for path, table in [(unpacked, figures), (quantised, noted)]:
            model = Model(path)
            got = np.stack([model.logits(tokens, adapter, last=1)[0] for tokens in texts])
            plain = np.stack([model.logits(tokens, last=1)[0] for tokens in texts])
            table[f"{quantised.stem}, base in {'float32' if path == unpacked else 'its blocks'}"] = figure(got, want, plain)
    write(out / "llamacpp.json", ["llama_cpp_python"], figures, noted=noted)


if __name__ == "__main__":
    main(*(pathlib.Path(a) for a in sys.argv[1:]))
