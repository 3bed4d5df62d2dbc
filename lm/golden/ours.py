"""Has PEFT load the folders that we wrote, and stores how far its logits are from those of its own folders.

    python ours.py ../lora/testdata/peers OUT

OUT/peft.json holds the figures. That our folders are what the Go code writes is checked by its tests.
"""

import pathlib
import sys

import numpy as np
from peers import ADAPTERS, FAMILIES, base, logits
from figures import figure, write
from peft import PeftModel


def main(peers: pathlib.Path, out: pathlib.Path) -> None:
    figures = {}
    for family in FAMILIES:
        plain = np.fromfile(peers / f"{family}.f32", "<f4")
        for adapter in ADAPTERS:
            want = np.fromfile(peers / f"{family}.{adapter}.f32", "<f4")
            got = logits(PeftModel.from_pretrained(base(family), peers / "ours" / adapter)).numpy().ravel()
            figures[f"{family}, {adapter}"] = figure(got, want, plain)
    write(out / "peft.json", ["peft", "torch", "transformers"], figures)


if __name__ == "__main__":
    main(*(pathlib.Path(a) for a in sys.argv[1:3]))
