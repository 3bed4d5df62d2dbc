"""Writes what TRL makes of a few training steps, with which the Go trainer is compared.

    python train.py MODEL.gguf ../train/testdata

Files: trl.json (the examples' tokens and the settings) and trl.f32 (float32, little-endian): for each of the three
objectives, of every matrix of the adapter in the order layer, module, A before B, SAMPLES elements of the first step's
gradient, before clipping, and its Euclidean norm; then for each step the loss and the FIGURES that TRL logs, those that
it does not log for the objective as 0; then, after the ten SFT steps, SAMPLES elements of every matrix itself.

The steps are those of SFTTrainer, DPOTrainer and KTOTrainer as they are: their own data preparation, collators, losses,
clipping, AdamW and schedule, by `train()`. Only the gradient is copied in between, in `on_pre_optimizer_step`. Weights and
activations are float64 (see logits.py), but TRL's head computes the log probabilities in float32. Adapters start
from the formula in logits.py; SFT from `SIZES`, the preferences from such a B that z of KTO is above 0.
"""

import json
import pathlib
import sys
import tempfile

import torch
from datasets import Dataset
from logits import ALPHA, MODULES, RANK, matrices, norm, values
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig, TrainerCallback
from transformers.models.llama.modeling_llama import LlamaRMSNorm
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, SFTConfig, SFTTrainer

SAMPLES = 2
FIGURES = ["grad_norm", "learning_rate", "kl", "rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies"]
SIZES = {"sft": (0.1, 0.05), "dpo": (0.1, -0.03), "kto": (0.1, -0.03)}

SCREENS = [
    "Task: open notepad\nScreen (Desktop):\nicon \"Notepad\"\nicon \"Trash\"\n",
    "Task: log in as \"bob\"\nScreen (Sign in):\ntext \"Name\"\nfield \"\"\nbutton \"OK\"\nDone so far: click field\n",
    "Task: what is 17 + 25?\nScreen (Calculator):\ntext \"42\"\nbutton \"=\"\n",
    "Task: close the window\nScreen (Mail):\nbutton \"Close\"\nbutton \"Reply\"\n",
]
GOOD = ["doubleclick icon \"Notepad\"", "type \"bob\"", "answer \"42\"", "click button \"Close\""]
BAD = ["doubleclick icon \"Trash\"", "click button \"OK\" and then wait", "answer \"41\"", "click \"Reply\""]

COMMON = {
    "per_device_train_batch_size": len(SCREENS), "learning_rate": 2e-4, "lr_scheduler_type": "cosine", "warmup_steps": 0,
    "weight_decay": 0.01, "max_grad_norm": 1.0, "adam_epsilon": 1e-8, "logging_steps": 1, "report_to": "none",
    "save_strategy": "no", "use_cpu": True, "bf16": False, "gradient_checkpointing": False, "max_length": None,
    "disable_tqdm": True, "optim": "adamw_torch", "dataloader_pin_memory": False,
}


def load(path: pathlib.Path):
    base = AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True))
    return base.double()


class Gradient(TrainerCallback):
    """Keeps samples of the first step's gradient. Clipping has happened, so its factor is taken out."""

    def __init__(self, numbers: list):
        self.numbers, self.taken = numbers, False

    def on_pre_optimizer_step(self, args, state, control, model=None, **kwargs):
        if self.taken:
            return
        self.taken = True
        for weight, _ in matrices(model):
            flat = weight.grad.flatten() * self.factor
            self.numbers.append(flat[:: len(flat) // SAMPLES][:SAMPLES].float().clone())
            self.numbers.append(flat.norm()[None].float())


def unclipped(trainer, callback: Gradient) -> None:
    """Has the callback know what clipping multiplied with: torch's min(1, max_norm / (norm + 1e-6))."""
    clip = trainer.accelerator.clip_grad_norm_

    def noted(parameters, max_norm, *rest, **options):
        size = clip(parameters, max_norm, *rest, **options)
        callback.factor = max(1.0, (float(size) + 1e-6) / max_norm)
        return size

    trainer.accelerator.clip_grad_norm_ = noted


def run(kind: str, path: pathlib.Path, tokenizer, trainer_class, config_class, data: dict, settings: dict, numbers: list):
    with tempfile.TemporaryDirectory() as out:
        trainer = trainer_class(
            model=load(path), args=config_class(output_dir=out, **COMMON, **settings), processing_class=tokenizer,
            train_dataset=Dataset.from_dict(data),
            peft_config=LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=MODULES, task_type="CAUSAL_LM"))
        a, b = SIZES[kind]
        with torch.no_grad():
            for number, (weight, _) in enumerate(matrices(trainer.model)):
                weight.copy_(values(number, weight.shape, b if number % 2 else a))
        callback = Gradient(numbers)
        trainer.add_callback(callback)
        unclipped(trainer, callback)
        trainer.train()
    return trainer, [log for log in trainer.state.log_history if "loss" in log]


class Exact:
    """Losses are taken where they are computed: logs may be rounded."""

    losses: list = []

    def compute_loss(self, *args, **kwargs):
        result = super().compute_loss(*args, **kwargs)
        loss = result[0] if isinstance(result, tuple) else result
        Exact.losses.append(float(loss.detach()))
        return result


def exact(trainer_class):
    return type(trainer_class.__name__, (Exact, trainer_class), {})


def objective(kind, path, tokenizer, trainer_class, config_class, data, settings, numbers, columns):
    Exact.losses = []
    trainer, logs = run(kind, path, tokenizer, exact(trainer_class), config_class, data, settings, numbers)
    assert len(logs) == len(Exact.losses), (logs, Exact.losses)
    prepared = [{column: example[column] for column in columns} for example in trainer.train_dataset]
    for loss, log in zip(Exact.losses, logs):
        numbers.append(torch.tensor([loss, *(log.get(figure, 0.0) for figure in FIGURES)]))
    print(kind, Exact.losses, logs[0])
    return trainer, {"a": SIZES[kind][0], "b": SIZES[kind][1], "steps": len(logs), "examples": prepared}


def main(path: pathlib.Path, out: pathlib.Path) -> None:
    LlamaRMSNorm.forward = norm
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    numbers: list = []
    result: dict = {"rank": RANK, "alpha": ALPHA, "samples": SAMPLES}

    _, result["dpo"] = objective(
        "dpo", path, tokenizer, DPOTrainer, DPOConfig, {"prompt": SCREENS, "chosen": GOOD, "rejected": BAD},
        {"max_steps": 1}, numbers, ["prompt_ids", "chosen_ids", "rejected_ids"])
    mixed = {"prompt": SCREENS, "completion": [GOOD[0], BAD[1], GOOD[2], BAD[3]], "label": [True, False, True, False]}
    trainer, result["kto"] = objective(
        "kto", path, tokenizer, KTOTrainer, KTOConfig, mixed,
        {"max_steps": 1, "desirable_weight": 1.25, "undesirable_weight": 0.75}, numbers, ["prompt_ids", "completion_ids", "label"])
    assert trainer.state.log_history[0]["kl"] > 0.01, "z is clamped: the case does not test it"
    trainer, result["sft"] = objective(
        "sft", path, tokenizer, SFTTrainer, SFTConfig, {"prompt": SCREENS, "completion": GOOD},
        {"max_steps": 10}, numbers, ["input_ids", "labels"])
    for weight, _ in matrices(trainer.model):
        flat = weight.detach().flatten()
        numbers.append(flat[:: len(flat) // SAMPLES][:SAMPLES].float())
    out.mkdir(parents=True, exist_ok=True)
    (out / "trl.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
    torch.cat(numbers).detach().numpy().astype("<f4").tofile(out / "trl.f32")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
