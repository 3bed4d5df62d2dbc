"""Writes digests of the token ids with which the Go tokenizers of each family are compared.

    python families.py MODEL.gguf VOCABULARIES ../tokenizer/testdata

VOCABULARIES is what tools/vocabularies fetched. <family>_ids.bin holds the SHA-256 of all generated texts, that of all
their ids, and for each text the low 16 bits of the CRC-32 of its ids, so that a text that differs can be named. The ids
of a text: as data, 0xffffffff, and with control tokens; all as little-endian 32-bit numbers. normalized.bin holds the
CRC-32 of what the normalizer NFC makes of each block of 256 characters.

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
from tokenizers import Tokenizer, normalizers

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


def write_normalized(path: pathlib.Path) -> None:
    """Each character alone, after letters and marks of low and high class, before a mark, and before a jamo."""
    nfc, out = normalizers.NFC(), b""
    for block in range(0, 0x110000, 256):
        text = "".join(f"{c}|a{c}\u0334|a\u0345{c}|e{c}\u0301|{c}\u0301|\u1100{c}|{c}\u11a8|\u09c7{c}\U00011930|" for c in map(chr, range(block, block + 256)) if not 0xD800 <= ord(c) < 0xE000)
        out += struct.pack("<I", zlib.crc32(nfc.normalize_str(text).encode()))
    path.write_bytes(out)


if __name__ == "__main__":
    model, vocabularies, out = map(pathlib.Path, sys.argv[1:])
    # The tables are no output: Go's tests read them where they are.
    tables = pathlib.Path(__file__).parent.parent / "tokenizer" / "testdata" / "texts.json"
    write(tokens.load(model).backend_tokenizer.to_str(), tables, out / "smollm2_ids.bin")
    for family in FAMILIES:
        write((vocabularies / family / "tokenizer.json").read_text(), tables, out / f"{family}_ids.bin")
    write_normalized(out / "normalized.bin")
