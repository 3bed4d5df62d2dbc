"""Writes digests of the token ids with which the Go tokenizers of each family are compared.

    python families.py MODEL.gguf VOCABULARIES ../tokenizer/testdata

VOCABULARIES is what tools/vocabularies fetched. <family>_ids.bin holds the SHA-256 of all generated texts, that of all
their ids, and for each text the low 16 bits of the CRC-32 of its ids, so that a text that differs can be named. The ids
of a text: as data, 0xffffffff, and with control tokens; all as little-endian 32-bit numbers. splits_<name>.bin holds the
CRC-32 of the lengths in bytes of the words into which a pre-tokenizer splits each block of 8 texts, normalized.bin that
of what the normalizer NFC makes of each block of 256 characters. spaces.json holds ids of Mistral's vocabulary with
each way to treat spaces.

The reference is Hugging Face's tokenizers with the published tokenizer.json (SmolLM2's: see tokens.py). As data means
without added tokens: whatever a text says, it is made of the model's own tokens.
"""

import hashlib
import json
import pathlib
import struct
import sys
import zlib

from texts import Texts
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

import tokens

FAMILIES = ["llama2", "llama3_1", "qwen3", "mistral"]
END = struct.pack("<I", 0xFFFFFFFF)


def byte_alphabet() -> dict[str, int]:
    """bytes_to_unicode of openai/gpt-2's encoder.py, the other way round."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [b for b in range(256) if b not in printable]
    return {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(others)}


def bytes_of(token: str, fallback: bool, alphabet: dict[str, int]) -> bytes:
    if fallback:
        is_byte = len(token) == 6 and token.startswith("<0x") and token.endswith(">")
        return bytes([int(token[3:5], 16)]) if is_byte else token.replace("▁", " ").encode()
    if all(c in alphabet for c in token):
        return bytes(alphabet[c] for c in token)
    return token.encode()


def pieces(spec: dict, control: set[str]) -> list[str]:
    """What the tokens stand for, but for control tokens and parts of characters."""
    alphabet, out = byte_alphabet(), []
    for token in sorted(spec["model"]["vocab"], key=spec["model"]["vocab"].get):
        if token not in control:
            try:
                out.append(bytes_of(token, spec["model"]["byte_fallback"], alphabet).decode())
            except UnicodeDecodeError:
                pass
    return out


def packed(tokenizer: Tokenizer, text: str) -> bytes:
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    return struct.pack(f"<{len(ids)}I", *ids)


def write(content: str, tables: pathlib.Path, path: pathlib.Path) -> None:
    spec = json.loads(content)
    control = [t["content"] for t in sorted(spec["added_tokens"], key=lambda t: t["id"])]
    with_control = Tokenizer.from_str(content)
    as_data = Tokenizer.from_str(json.dumps(spec | {"added_tokens": [], "post_processor": None}))
    all_texts, all_ids, checks = hashlib.sha256(), hashlib.sha256(), b""
    for text in Texts(tables, pieces(spec, set(control)), control).all():
        ids = packed(as_data, text) + END + packed(with_control, text)
        all_texts.update(text.encode() + END)
        all_ids.update(ids)
        checks += struct.pack("<H", zlib.crc32(ids) & 0xFFFF)
    path.write_bytes(all_texts.digest() + all_ids.digest() + checks)


def isolated(expression: str):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(expression), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+"
PUNCTUATION = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
GPT2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
SPLITS = {  # by GGUF's names
    "gpt-2": GPT2,
    "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), GPT2]),
    "llama-bpe": isolated(CONTRACTIONS + r"|\p{N}{1,3}" + PUNCTUATION),
    "qwen2": isolated(CONTRACTIONS + r"|\p{N}" + PUNCTUATION),
}


def write_splits(tables: pathlib.Path, out: pathlib.Path) -> None:
    words = json.loads(tables.read_text())
    texts = Texts(tables, words["words"], words["fragments"]).all()
    for name, pre_tokenizer in SPLITS.items():
        checks = b""
        for block in range(0, len(texts), 8):
            # The words are in the byte alphabet: a character each byte.
            lengths = [len(word) for text in texts[block : block + 8] for word, _ in pre_tokenizer.pre_tokenize_str(text)]
            checks += struct.pack("<I", zlib.crc32(struct.pack(f"<{len(lengths)}I", *lengths)))
        (out / f"splits_{name}.bin").write_bytes(checks)


def write_normalized(path: pathlib.Path) -> None:
    """Each character alone, after letters and marks of low and high class, before a mark, and before a jamo."""
    nfc, out = normalizers.NFC(), b""
    for block in range(0, 0x110000, 256):
        text = "".join(f"{c}|a{c}\u0334|a\u0345{c}|e{c}\u0301|{c}\u0301|\u1100{c}|{c}\u11a8|\u09c7{c}\U00011930|" for c in map(chr, range(block, block + 256)) if not 0xD800 <= ord(c) < 0xE000)
        out += struct.pack("<I", zlib.crc32(nfc.normalize_str(text).encode()))
    path.write_bytes(out)


REPLACE = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
PREPEND = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, REPLACE]}
SPACES = ["", " ", "  ", "a", " a", "  a", "a ", "a b  c", "\n", "▁", "▁a", "a▁b", " ▁ a", "<s>", "<s>a", "<s> a", "a<s>", "a <s> b", "<s><s>a",
          "<s>a</s> b</s>▁c", " <s>", "the cat", " the cat", "the  cat\n sat", "a<0x41>", "é\x00", "日本 語"]


def metaspace(scheme: str, split: bool) -> dict:
    return {"normalizer": None, "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}}


def write_spaces(vocabulary: pathlib.Path, path: pathlib.Path) -> None:
    spec = json.loads((vocabulary / "tokenizer.json").read_text())
    members = [{"normalizer": n, "pre_tokenizer": None} for n in (PREPEND, REPLACE)]
    members += [metaspace(scheme, split) for scheme in ("always", "first", "never") for split in (False, True)]
    lines = []
    for member in members:
        for whole in (False, True):
            tokenizer = Tokenizer.from_str(json.dumps(spec | member | {"model": spec["model"] | {"ignore_merges": whole}}))
            ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in SPACES]
            decoded = [tokenizer.decode(i, skip_special_tokens=False) for i in ids]
            case = {"members": member, "ignore_merges": whole, "texts": SPACES, "ids": ids, "decoded": decoded}
            lines.append(json.dumps(case, ensure_ascii=False, separators=(",", ":")))
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    model, vocabularies, out = map(pathlib.Path, sys.argv[1:])
    # The tables are no output: Go's tests read them where they are.
    tables = pathlib.Path(__file__).parent.parent / "tokenizer" / "testdata" / "texts.json"
    write(tokens.load(model).backend_tokenizer.to_str(), tables, out / "smollm2_ids.bin")
    for family in FAMILIES:
        write((vocabularies / family / "tokenizer.json").read_text(), tables, out / f"{family}_ids.bin")
    write_splits(tables, out)
    write_normalized(out / "normalized.bin")
    write_spaces(vocabularies / "mistral", out / "spaces.json")
