"""Differences between logits, and a file of them: what peers made of our adapters."""

import json
import pathlib
from importlib.metadata import version

import numpy as np

ALLOWED = 2e-3  # the tolerance for logits in float32


def figure(got, want, plain) -> dict:
    """The largest difference to the reference, and the largest change that the adapter makes."""
    return {"difference": float(np.abs(got - want).max()), "change": float(np.abs(want - plain).max())}


def write(path: pathlib.Path, packages: list, figures: dict, **more) -> None:
    versions = {package: version(package) for package in packages}
    content = {"versions": versions, "allowed": ALLOWED, "figures": figures, **more}
    path.write_text(json.dumps(content, indent=1) + "\n")
    for name, f in figures.items():
        print(f"{name}: logits differ by {f['difference']:.2g}, the adapter changes {f['change']:.2g}")
        if not f["difference"] <= ALLOWED:
            raise SystemExit(f"{name}: more than {ALLOWED}")
