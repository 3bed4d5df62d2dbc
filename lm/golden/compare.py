"""Compares golden values that were made anew with the stored ones.

    python compare.py STORED NEW

Files of float32 numbers have to agree within 1e-4 and numbers in JSON files within a millionth (processors differ in the order
of sums), configurations in what they say, figures of peers have to be within their bound, everything else equal to the byte. Exits with 1 and the names of the files that differ.
"""

import gzip
import json
import math
import pathlib
import sys

import numpy as np

TOLERANCE = 1e-4


def content(path):
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def settings(path):
    """A configuration without the order of its target modules, which PEFT takes from a set."""
    config = json.loads(path.read_text())
    config["target_modules"] = sorted(config["target_modules"])
    return config


def beyond(stored, new):
    """Whether a file of figures (figures.py) has other cases or versions than the stored one, or one beyond its bound."""
    a, b = (json.loads(path.read_text()) for path in (stored, new))
    same = a["versions"] == b["versions"] and a["figures"].keys() <= b["figures"].keys()
    return not same or any(f["difference"] > a["allowed"] for f in b["figures"].values())


def agree(a, b):
    """Whether two JSON values are equal but for the last digits of numbers."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(agree(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(agree, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
    return a == b


def differs(stored, new):
    if stored.name == "adapter_config.json":
        return settings(stored) != settings(new)
    if stored.suffix == ".json" and "figures" in json.loads(stored.read_text()):
        return beyond(stored, new)
    if stored.suffix == ".f32":
        a, b = (np.fromfile(p, "<f4") for p in (stored, new))
        return a.shape != b.shape or float(np.abs(a - b).max()) > TOLERANCE
    if stored.suffix == ".json":
        return not agree(*(json.loads(path.read_text()) for path in (stored, new)))
    return content(stored) != content(new)


def main(stored, new):
    files = sorted(p.relative_to(new) for p in new.rglob("*") if p.is_file())
    wrong = [str(f) for f in files if not (stored / f).exists() or differs(stored / f, new / f)]
    print(f"{len(files) - len(wrong)} of {len(files)} golden files agree")
    if wrong or not files:
        sys.exit("differ: " + ", ".join(wrong or ["nothing was made"]))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
