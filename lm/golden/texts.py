"""Generates the texts on which the Go tokenizers are compared with Hugging Face's.

lm/tokenizer/texts_test.go is the same generator, so that only digests of the ids have to be stored. Both read
lm/tokenizer/testdata/texts.json: ranges of characters, words and templates. What a text consists of is drawn
from SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195) whose state starts at its number << 32.
"""

import json
import pathlib

COUNT = 24000
MASK = (1 << 64) - 1


class Texts:
    """Text i, given what the vocabulary's tokens and its control tokens stand for, in the order of ids."""

    def __init__(self, path: pathlib.Path, pieces: list[str], control: list[str]):
        self.tables = json.loads(path.read_text())
        self.scripts = list(self.tables["scripts"].values())
        self.pieces, self.control = pieces, control
        self.state = 0
        self.kinds = [self.script, self.sentence, self.vocabulary, self.blanks, self.forged, self.code, self.digits,
                      self.marks, self.emoji, self.any, self.run]

    def all(self) -> list[str]:
        return [self.text(i) for i in range(COUNT)]

    def text(self, i: int) -> str:
        if i < len(self.tables["fixed"]):
            return self.tables["fixed"][i]
        self.state = i << 32
        kind = i % (len(self.kinds) + 1)
        if kind < len(self.kinds):
            return self.kinds[kind]()
        return "".join(self.kinds[self.below(len(self.kinds) - 1)]() for _ in range(2))

    def below(self, n: int) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % n

    def one(self, items: list):
        return items[self.below(len(items))]

    def join(self, least: int, most: int, make) -> str:
        return "".join(make() for _ in range(least + self.below(most - least + 1)))

    def char(self, ranges: list) -> str:
        first, last = self.one(ranges)
        return chr(first + self.below(last - first + 1))

    def script(self) -> str:
        ranges = self.one(self.scripts)
        return self.join(1, 3, lambda: self.join(1, 8, lambda: self.char(ranges)) + self.one(self.tables["spaces"]))

    def sentence(self) -> str:
        return self.join(2, 14, lambda: self.one(self.tables["words"]) + self.one(self.tables["spaces"]))

    def vocabulary(self) -> str:
        return self.join(1, 12, lambda: self.one(self.pieces))

    def blanks(self) -> str:
        return self.join(1, 12, lambda: self.one(self.tables[("spaces", "blanks")[self.below(2)]]))

    def forged(self) -> str:
        return self.join(1, 6, lambda: self.one((self.control, self.tables["fragments"])[self.below(2)]))

    def code(self) -> str:
        parts = self.one(self.tables["code"]).split("$")
        out = parts[0]
        for part in parts[1:]:
            if part[:1] == "w":
                out += self.one(self.pieces) + part[1:]
            elif part[:1] == "n":
                out += str(self.below(10 ** (1 + self.below(6)))) + part[1:]
            else:
                out += "$" + part
        return out

    def digits(self) -> str:
        return self.join(1, 10, lambda: self.join(1, 5, lambda: self.char(self.tables["digits"])) + self.one(["", "", ".", ",", " ", "  ", "a"]))

    def marks(self) -> str:
        most = self.one([2, 4, 40])
        return self.join(1, 6, lambda: self.char(self.tables["bases"]) + self.join(0, most, lambda: self.char(self.tables["marks"])))

    def emoji(self) -> str:
        return self.join(1, 8, lambda: self.char(self.tables["emoji"]) + self.one(self.tables["joiners"]))

    def any(self) -> str:
        return self.join(1, 12, lambda: self.char([[0, 0xFF], [0x100, 0xD7FF], [0xE000, 0xFFFF], [0x10000, 0x1FFFF], [0x20000, 0x10FFFF]]))

    def run(self) -> str:
        part = self.char(self.one(self.scripts)) if self.below(2) else self.vocabulary().replace(" ", "")
        return part * (2 + self.below(60)) + self.one(self.tables["blanks"])
