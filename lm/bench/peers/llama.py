"""Measures llama.cpp (llama-cpp-python) on one assignment of package bench.

    python llama.py < assignment.json

The assignment and the outcome, the last line of the output, are those of bench.Assignment and bench.Outcome.
llama.cpp's own calls are used beneath the Python classes, so that no sampling, copying or tokenising in Python is
part of the times. For the agent's step the cache keeps what the prompts have in common, and a token is first chosen
freely and then checked against the grammar, as llama.cpp's own programs do: masking the vocabulary comes only when
the grammar refuses the choice.
"""

import ctypes
import json
import pathlib
import statistics
import sys
import time
from collections.abc import Callable

import llama_cpp
import numpy as np
from llama_cpp import Llama

ACTION_TOKENS = 64
CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)], align=True)


class Engine:
    """One model with one cache, batch 1."""

    def __init__(self, model: str, threads: int, context: int) -> None:
        self.llama = Llama(
            model, n_ctx=context, n_batch=512, n_ubatch=512, n_threads=threads, n_threads_batch=threads,
            flash_attn=True, logits_all=False, verbose=False)
        self.context = self.llama._ctx.ctx
        self.vocabulary = self.llama._model.vocab
        self.size = self.llama.n_vocab()
        self.memory = llama_cpp.llama_get_memory(self.context)
        self.cached: list[int] = []

    def keep(self, n: int) -> None:
        """Forgets all but the first n tokens."""
        llama_cpp.llama_memory_seq_rm(self.memory, -1, n, -1)
        del self.cached[n:]

    def forward(self, tokens: list[int]) -> np.ndarray:
        """Appends at most 512 tokens and returns the logits of the next one: a view of llama.cpp's memory."""
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        if failed := llama_cpp.llama_decode(self.context, llama_cpp.llama_batch_get_one(array, len(tokens))):
            raise RuntimeError(f"llama_decode returned {failed}")
        self.cached += tokens
        return np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(self.context, -1), (self.size,))

    def prompt(self, tokens: list[int]) -> np.ndarray:
        """Brings the cache to exactly these tokens, computing only what is not there, and always the last."""
        same = 0
        while same < min(len(self.cached), len(tokens) - 1) and self.cached[same] == tokens[same]:
            same += 1
        self.keep(same)
        return self.forward(tokens[same:])

    def act(self, prompt: list[int], grammar: str) -> str:
        """Writes one action inside the grammar."""
        sampler = llama_cpp.llama_sampler_init_grammar(self.vocabulary, grammar.encode(), b"root")
        if not sampler:
            raise ValueError("llama.cpp refuses the grammar")
        try:
            written: list[int] = []
            logits = self.prompt(prompt)
            while len(written) < ACTION_TOKENS:
                token = int(logits.argmax())
                if not self.allowed(sampler, np.array([token]), logits[token:token + 1]).any():
                    token = int(np.where(self.allowed(sampler, np.arange(self.size), logits), logits, -np.inf).argmax())
                llama_cpp.llama_sampler_accept(sampler, token)
                if llama_cpp.llama_vocab_is_eog(self.vocabulary, token):
                    break
                written.append(token)
                logits = self.forward([token])
            return self.llama.detokenize(written).decode(errors="replace")
        finally:
            llama_cpp.llama_sampler_free(sampler)

    def allowed(self, sampler: object, ids: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """Says which of the candidates the grammar allows next."""
        candidates = np.empty(len(ids), CANDIDATE)
        candidates["id"], candidates["logit"], candidates["p"] = ids, logits, 0
        array = llama_cpp.llama_token_data_array(
            data=candidates.ctypes.data_as(ctypes.POINTER(llama_cpp.llama_token_data)), size=len(ids), selected=-1, sorted=False)
        llama_cpp.llama_sampler_apply(sampler, ctypes.byref(array))
        return np.isfinite(candidates["logit"])


def prefill(engine: Engine, work: dict) -> dict:
    times = []
    for _ in range(work["size"]["repeats"] + 1):
        engine.keep(0)
        began = time.perf_counter()
        engine.forward(work["prefill"])
        times.append(time.perf_counter() - began)
    return {"values": {"prefill_tok_s": len(work["prefill"]) / statistics.median(times[1:])}}


def decode(engine: Engine, work: dict) -> dict:
    n, speeds = work["size"]["decode"], []
    for _ in range(work["size"]["repeats"] + 1):
        engine.keep(0)
        logits = engine.forward(work["context"])
        began = time.perf_counter()
        for _ in range(n):
            logits = engine.forward([int(logits.argmax())])
        speeds.append(n / (time.perf_counter() - began))
    return {"values": {"decode_tok_s": statistics.median(speeds[1:])}}


def step(engine: Engine, work: dict) -> dict:
    times, texts = [], []
    first = work["steps"][0]
    engine.act(first["after"]["tokens"], first["gbnf"])
    for s in work["steps"]:
        engine.act(s["before"]["tokens"], s["gbnf"])
        began = time.perf_counter()
        texts.append(engine.act(s["after"]["tokens"], s["gbnf"]))
        times.append(time.perf_counter() - began)
    return {"values": {"step_ms": 1000 * statistics.median(times)}, "texts": texts}


def main() -> None:
    assignment = json.load(sys.stdin)
    work = json.loads(pathlib.Path(assignment["workload"]).read_text())
    size = work["size"]
    context = max(size["prefill"], size["context"] + size["decode"], size["screen"] + ACTION_TOKENS) + 64
    measure: dict[str, Callable[[Engine, dict], dict]] = {"prefill": prefill, "decode": decode, "step": step}
    engine = Engine(assignment["model"], assignment["threads"], -(-context // 256) * 256)
    outcome = measure[assignment["kind"]](engine, work)
    features = llama_cpp.llama_print_system_info().decode().split(":", 1)[-1].split("|")
    outcome["device"] = "llama.cpp " + " ".join(f.split("=")[0].strip() for f in features if f.strip().endswith("= 1"))
    outcome["versions"] = {"llama-cpp-python": llama_cpp.__version__}
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
