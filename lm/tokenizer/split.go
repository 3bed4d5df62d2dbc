package tokenizer

import (
	"fmt"
	"unicode/utf8"

	"github.com/grokputer/grokputer/lm/gguf"
)

// splitter is a pre-tokenizer: it returns the length in bytes of the first word of a text that is not
// empty. Merges never cross a word's end.
type splitter func(text string) int

// splitterOf returns the pre-tokenizer that the file names. An unknown one is refused: with a wrong
// one most ids would still be right, and the model quietly worse.
func splitterOf(f *gguf.File) (splitter, error) {
	name, err := f.String(keySplit)
	if err != nil {
		return nil, fmt.Errorf("%w: which pre-tokenizer? %w", ErrUnsupported, err)
	}

	switch name {
	case "smollm":
		return splitSmolLM, nil
	default:
		return nil, fmt.Errorf("%w: pre-tokenizer %s = %q, only \"smollm\" is implemented", ErrUnsupported, keySplit, name)
	}
}

// splitSmolLM is the pre-tokenizer of SmolLM and SmolLM2. In their tokenizer.json it is
// Sequence[Digits(individual_digits), ByteLevel(use_regex)]: first every numeric character is cut out,
// then the pieces between them are split by GPT-2's expression
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// So the end of a piece, where the look-ahead (?!\S) holds, is the end of the text or a number. A byte
// that is not part of valid UTF-8 counts as a character of class other.
func splitSmolLM(text string) int {
	first, width := classOf(text)

	switch first {
	case number:
		return width
	case space:
		if text[0] == ' ' && len(text) > 1 {
			if next, _ := classOf(text[1:]); next == letter || next == other {
				return 1 + run(text[1:], next)
			}
		}

		return splitSpace(text)
	case letter:
		return run(text, letter)
	case other:
		if n := contraction(text); n > 0 {
			return n
		}

		return run(text, other)
	default:
		return width
	}
}

// splitSpace splits a text that begins with white space: all of it at the end of a piece, else all but
// the last character, which may belong to the next word, else that one.
func splitSpace(text string) int {
	end := run(text, space)
	if end == len(text) {
		return end
	}

	if next, _ := classOf(text[end:]); next == number {
		return end
	}

	_, last := utf8.DecodeLastRuneInString(text[:end])
	if last < end {
		return end - last
	}

	return end
}

// run returns the bytes of the characters of that class with which text begins.
func run(text string, of class) int {
	end := 0

	for end < len(text) {
		c, width := classOf(text[end:])
		if c != of {
			break
		}

		end += width
	}

	return end
}

// contraction returns the length of the English contraction with which text begins, or 0. Only lower
// case counts, as in GPT-2's expression.
func contraction(text string) int {
	if text[0] != '\'' || len(text) < 2 {
		return 0
	}

	switch text[1] {
	case 's', 't', 'm', 'd':
		return 2
	}

	if len(text) > 2 {
		switch text[1:3] {
		case "re", "ve", "ll":
			return 3
		}
	}

	return 0
}
