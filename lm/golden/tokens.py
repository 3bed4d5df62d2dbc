"""Writes the texts and token ids with which the Go tokenizer and chat template are compared.

    python tokens.py MODEL.gguf ..

Files: tokenizer/testdata/smollm2_tokens.jsonl.gz (a line per text: the ids as data, and with control tokens
where that differs), tokenizer/testdata/classes.json (the class of every Unicode character) and
chat/testdata/smollm2_chat.json.

The reference is Hugging Face's tokenizers, with vocabulary and merges from the same GGUF. What
transformers builds from a GGUF with tokenizer.ggml.model "gpt2" is GPT-2's pre-tokenizer alone; it does
not look at tokenizer.ggml.pre = "smollm". The tokenizer.json that SmolLM2 is published with has
Sequence[Digits(individual_digits=True), ByteLevel(add_prefix_space=False, use_regex=True)], and so has
llama.cpp for "smollm" (\\p{N} first, then GPT-2's expression): white space before a number comes out
differently. So the pre-tokenizer is put in its place here; all else (BPE without unknown token, 17
control tokens) is as published.
"""

import gzip
import json
import pathlib
import random
import sys

from tokenizers import Regex, pre_tokenizers
from transformers import AutoTokenizer

SEED = 20261123

# Ranges of characters, by script or kind; each gets texts of its own.
RANGES = {
    "latin": "a-z A-Z", "latin1": "À-ÿ", "latin extended": "Ā-ɏ Ḁ-ỿ", "ipa": "ɐ-ʯ", "greek": "Α-Ωα-ω",
    "cyrillic": "А-я", "armenian": "Ա-և", "hebrew": "א-ת", "arabic": "ء-ي", "syriac": "ܐ-ܬ", "devanagari": "अ-्",
    "bengali": "অ-্", "gurmukhi": "ਅ-ੌ", "gujarati": "અ-્", "tamil": "அ-்", "telugu": "అ-్", "kannada": "ಅ-್",
    "malayalam": "അ-്", "sinhala": "අ-෉", "thai": "ก-๎", "lao": "ກ-ໝ", "tibetan": "ཀ-ྼ", "burmese": "က-ှ",
    "georgian": "ა-ჰ", "hangul": "가-힣", "jamo": "ᄀ-ᇿ", "ethiopic": "ሀ-ፚ", "cherokee": "Ꭰ-Ᏼ", "khmer": "ក-៓",
    "mongolian": "ᠠ-ᡷ", "hiragana": "ぁ-ゖ", "katakana": "ァ-ヺ", "han": "一-鿿", "han extension": "\U00020000-\U0002a6df",
    "gothic": "\U00010330-\U0001034a", "cuneiform": "\U00012000-\U00012399", "vai": "ꔀ-ꘌ",
    "emoji": "\U0001f300-\U0001f6ff \U0001f900-\U0001faff", "flags": "\U0001f1e6-\U0001f1ff", "dingbats": "☀-➿",
    "box drawing": "─-▟", "arrows": "←-⇿", "mathematics": "∀-⋿", "letters of mathematics": "\U0001d400-\U0001d7ff",
    "currency": "₠-₿", "marks": "\u0300-\u036f", "general punctuation": "\u2000-\u206f", "cjk punctuation": "\u3000-\u303f",
    "full width": "\uff01-\uffee", "ascii punctuation": "!-/ :-@ [-` {-~", "ascii": "\u0000-\u007f", "control": "\u0000-\u001f \u007f-\u009f",
    "digits": "0-9", "digits of scripts": "٠-٩ ०-९ ০-৯ ๐-๙ \uff10-\uff19 \U0001d7ce-\U0001d7ff", "numbers": "²-³ ¹-¹ ¼-¾ ⅐-ↈ ①-⓿ 〇-〇 ㉈-㊿",
    "private use": "\ue000-\uf8ff", "specials": "\ufff0-\uffff", "unassigned planes": "\U00040000-\U000500ff \U000e0000-\U000e01ef",
    "new in unicode 16": "\u1c89-\u1c8a \ua7cb-\ua7cd \U000105c0-\U000105f3 \U00010d40-\U00010d65 \U00016d40-\U00016d79 \U0002ebf0-\U0002ec50",
    "any": "\u0000-\ud7ff \ue000-\U0010ffff",
}
SPACES = [" ", " ", " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\u2028", "\u0085", "\v", "\f", "\u200b", " \n ", "        "]
SENTENCES = (
    "I don't know what they've done, but it's fine. You'll see that we're late; he'd say I'm wrong. "
    "IT'S NOT 'quoted' OR 'S'. rock'n'roll 'tis o'clock they'd've y'all'll don’t it’s 'sure 'll 're'd "
    "The quick brown fox jumps over the lazy dog. Version 3.14.159 costs $12,345.67 (or €99) on 2026-11-23 at 14:05:09! "
    "Call +49 30 1234567, e-mail anna.k3f@example.org, see https://example.org/a?b=c&d=%20e#f or C:\\Users\\anna\\x.txt"
).split(" ")
CODE = [
    "func main() {{\n\tfor i := 0; i < {n}; i++ {{\n\t\tfmt.Println(\"{w}\", i)\n\t}}\n}}\n",
    "def {w}(self, x={n}):\n    if x != None and not x:\n        return [{n}, {n}]\n\n\n    '''{w}'''\n",
    "{{\"{w}\": {{\"{w}\": [{n}, -{n}.5e-{d}, true, null]}}}}",
    "<div class=\"{w}\" id='{w}{n}'>{w}&nbsp;<br/></div><!-- {w} -->",
    "SELECT {w}, COUNT(*) FROM {w} WHERE {w}_id >= {n} GROUP BY 1;--",
    "#include <{w}.h>\nint {w}[{n}] = {{0x{n}, '\\n', '\\''}}; /* {w} */",
    "$ ls -la ~/{w} | grep -E '^[a-z]+{n}$' > /dev/null 2>&1 && echo \"${{{w}}}\"",
    "| {w} | {n} |\n|---|---:|\n| **{w}** | `{w}` |\n- [x] {w}\n\t1. {w}",
]
KINDS = ["button", "link", "tab", "menu", "field", "check", "radio", "icon", "text", "image"]
ACTIONS = [
    'click {k} "{w}"', 'doubleclick {k} "{w}" #{d}', 'drag {k} "{w}" to {k} "{w}"', "scroll down {d}", 'type "{w} {w}{n}"',
    "key ctrl+shift+s", 'open "{w}"', 'screenshot "{w}/{w}.png"', 'find "**/*.{w}"', "wait {d}", 'answer "{n}"', "done",
    'fail "{w}"', 'ask "{w} {w}?"', '{k} "{w} {w}"', '{k} "" #{d}', '{k} "Log in" #{d}', "Task: {w} {w} \"{w}\"",
    "Screen ({w} {w} - {w}):", "Done so far: click {k} #{d}, type \"{w}\"",
]


def characters(ranges: str) -> list[int]:
    out = []
    text, i = ranges, 0
    while i < len(text):
        if i + 2 < len(text) and text[i + 1] == "-":
            out.extend(range(ord(text[i]), ord(text[i + 2]) + 1))
            i += 3
        else:
            i += 1  # a space between ranges
    return out


class Texts:
    """Generates the texts; words are taken from the vocabulary, so that every kind of merge happens."""

    def __init__(self, tokenizer):
        self.random = random.Random(SEED)
        self.control = sorted(tokenizer.get_added_vocab())
        decoded = (tokenizer.decode([i]) for i in range(len(self.control), len(tokenizer)))
        self.pieces = [t for t in decoded if "\ufffd" not in t]
        self.words = [t.strip() for t in self.pieces if t.strip().isalpha()]
        self.ranges = {name: characters(r) for name, r in RANGES.items()}

    def word(self) -> str:
        return self.random.choice(self.words)

    def fill(self, template: str) -> str:
        for key, make in (("{w}", self.word), ("{k}", lambda: self.random.choice(KINDS)),
                          ("{n}", lambda: str(self.random.randrange(10 ** self.random.randrange(1, 7)))),
                          ("{d}", lambda: str(self.random.randrange(1, 10)))):
            while key in template:
                template = template.replace(key, make(), 1)
        return template.replace("{{", "{").replace("}}", "}")

    def script(self, name: str) -> str:
        chars = self.ranges[name]
        words = ["".join(chr(self.random.choice(chars)) for _ in range(self.random.randrange(1, 9)))
                 for _ in range(self.random.randrange(1, 4))]
        return self.joined(words)

    def joined(self, words: list[str]) -> str:
        out = words[0]
        for word in words[1:]:
            out += self.random.choice(SPACES) + word
        return out

    def sentence(self) -> str:
        start = self.random.randrange(len(SENTENCES) - 3)
        return self.joined(SENTENCES[start : start + self.random.randrange(2, 14)])

    def vocabulary(self) -> str:
        return "".join(self.random.choice(self.pieces) for _ in range(self.random.randrange(1, 12)))

    def prose(self) -> str:
        return " ".join(self.word() for _ in range(self.random.randrange(2, 16))) + self.random.choice([".", "?", "!", "", "\n"])

    def blanks(self) -> str:
        parts = SPACES + ["1", "23", "a", "Bc", ".", "'s", "'", "!?", "é", "٣", "½", "\u0301", "\x04", "日"]
        return "".join(self.random.choice(parts) for _ in range(self.random.randrange(1, 12)))

    def forged(self) -> str:
        parts = self.control + ["<|im_start|>", "<|im_end|>"] * 4 + ["<|im_end", "|>", "<|", "<|im_end|", "im_end|>", " ", "\n", "user", "assistant\n",
                                                                       "<|im_\x04end|>", "<<|im_end|>>", "<|IM_END|>", "<|endoftext |>", "Task: ", "1"]
        return "".join(self.random.choice(parts) for _ in range(self.random.randrange(1, 7)))

    def mixed(self) -> str:
        makers = [self.sentence, self.vocabulary, self.blanks, self.forged, self.action,
                  lambda: self.script(self.random.choice(list(self.ranges)))]
        return "".join(self.random.choice(makers)() for _ in range(2))

    def action(self) -> str:
        return self.fill(self.random.choice(ACTIONS))

    def long(self) -> list[str]:
        han = "".join(chr(self.random.choice(self.ranges["han"])) for _ in range(300))
        return ["a" * 1000, " " * 500, "\n" * 257, "=" * 300, "ab" * 400, "ha" * 333 + "!", han, "1" * 200, "\t" * 64 + "x", "é" * 300,
                "".join(self.word() for _ in range(80)), "<|im_end|>" * 50, "x" + " " * 100 + "1"]

    def all(self) -> list[str]:
        out = ["", " ", "\n", "'", "'s", "0", "\x00", "\x04", "\ufeff", "\ufffd", "😀", "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "e\u0301"]
        out += [chr(c) for c in range(0x180)]
        out += self.control + self.long()
        for name in self.ranges:
            out += [self.script(name) for _ in range(28)]
        for make, count in ((self.sentence, 400), (self.vocabulary, 900), (self.prose, 400), (self.blanks, 700), (self.forged, 500), (self.action, 900), (self.mixed, 400)):
            out += [make() for _ in range(count)]
        out += [self.fill(template) for template in CODE * 30]
        return list(dict.fromkeys(out))


def load(model: pathlib.Path):
    tokenizer = AutoTokenizer.from_pretrained(model.parent, gguf_file=model.name)
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    ])
    return tokenizer


def write_tokens(tokenizer, path: pathlib.Path) -> None:
    backend = tokenizer.backend_tokenizer
    # No time stamp, so that equal content makes an equal file.
    with gzip.GzipFile(path, "wb", compresslevel=9, mtime=0) as out:
        for text in Texts(tokenizer).all():
            backend.encode_special_tokens = True  # the names of control tokens are text
            line = {"text": text, "ids": backend.encode(text, add_special_tokens=False).ids}
            backend.encode_special_tokens = False
            control = backend.encode(text, add_special_tokens=False).ids
            if control != line["ids"]:
                line["control"] = control
            out.write((json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n").encode())


def write_classes(path: pathlib.Path) -> None:
    """Asks the pre-tokenizers themselves: which characters do they keep together?"""
    digits = pre_tokenizers.Digits(individual_digits=True)
    number = pre_tokenizers.Split(Regex(r"\p{N}"), "isolated")
    gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)

    def class_of(char: str) -> str:
        if len(digits.pre_tokenize_str("a" + char + "a")) == 3:
            # The Unicode of Digits is newer than that of expressions.
            return "number" if len(number.pre_tokenize_str("a" + char + "a")) == 3 else "new number"
        for name, neighbour in (("letter", "a"), ("other", "!"), ("space", "\n")):
            if len(gpt2.pre_tokenize_str(neighbour + char)) == 1:
                return name
        raise ValueError(f"U+{ord(char):04X} has no class")

    ranges = []  # [first character, class], up to the next one's
    for c in range(0x110000):
        if not 0xD800 <= c < 0xE000:
            name = class_of(chr(c))
            if not ranges or ranges[-1][1] != name:
                ranges.append([c, name])
    path.write_text(json.dumps(ranges, separators=(",", ":")).replace("],", "],\n") + "\n")


CHATS = [
    [("user", "Hello")],
    [("system", "You are terse."), ("user", "What is 2+2?")],
    [("user", "Hi"), ("assistant", "Hello! How can I help?"), ("user", "open the text editor and type \"hello world\"")],
    [("user", "")],
    [("user", " leading and trailing \n")],
    [("user", "1\n\n2"), ("assistant", " 3"), ("user", "\t")],
    [("system", ""), ("user", "日本語 😀 é"), ("assistant", "Ünïcödé")],
    [("user", "Task: log in as \"anna\" with password \"k3f\"\nScreen (Sign in - Firefox):\ntext \"Username\"\nfield \"\" #1\n"
              "text \"Password\"\nfield \"\" #2\nbutton \"Log in\"\nDone so far: click field #1"), ("assistant", "type \"anna\"")],
    [("user", "{{ messages }} {% raise %} {# x #}")],
    [("user", "<b>&amp; \"quotes\" 'single' \\n %s")],
]


def write_chats(tokenizer, path: pathlib.Path) -> None:
    cases = []
    for chat in CHATS:
        for prompt in (False, True):
            messages = [{"role": role, "content": content} for role, content in chat]
            render = dict(add_generation_prompt=prompt)
            cases.append({
                "messages": messages,
                "add_generation_prompt": prompt,
                "text": tokenizer.apply_chat_template(messages, tokenize=False, **render),
                "ids": tokenizer.apply_chat_template(messages, tokenize=True, return_dict=False, **render),
            })
    lines = (json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    reference = load(pathlib.Path(sys.argv[1]))
    root = pathlib.Path(sys.argv[2])
    write_tokens(reference, root / "tokenizer" / "testdata" / "smollm2_tokens.jsonl.gz")
    write_classes(root / "tokenizer" / "testdata" / "classes.json")
    write_chats(reference, root / "chat" / "testdata" / "smollm2_chat.json")
