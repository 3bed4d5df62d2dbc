package tokenizer

import "strings"

// The pre-tokenizers of Llama 3 and of Qwen 2, 2.5 and 3. Only the digits differ: up to three, and one.
const (
	expressionLlama3 = contractions + `|\p{N}{1,3}` + punctuation
	expressionQwen   = contractions + `|\p{N}` + punctuation

	contractions = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+`
	punctuation  = `| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// splitLlama3 is expressionLlama3 as a scanner.
func splitLlama3(text string) int { return splitAround(text, 3) }

// splitQwen is expressionQwen as a scanner.
func splitQwen(text string) int { return splitAround(text, 1) }

// splitAround is their common part: digits is how many numbers make a word at most.
func splitAround(text string, digits int) int {
	first, width := classOf(text, other)

	switch first {
	case letter:
		return run(text, letter, other)
	case number:
		return numbers(text, digits)
	case other:
		if n := anyContraction(text); n > 0 {
			return n
		}
	}

	// [^\r\n\p{L}\p{N}]?\p{L}+
	newline := text[0] == '\r' || text[0] == '\n'
	next := other

	if width < len(text) {
		next, _ = classOf(text[width:], other)
		if next == letter && !newline {
			return width + run(text[width:], letter, other)
		}
	}

	// The two that a space may precede: letters were above, numbers never are.
	switch {
	case first == other:
		return withNewlines(text, run(text, other, other))
	case text[0] == ' ' && width < len(text) && next == other:
		return withNewlines(text, 1+run(text[1:], other, other))
	}

	end := run(text, space, other)
	if n := strings.LastIndexAny(text[:end], "\r\n"); n >= 0 {
		return n + 1
	}

	return allButLast(text, end)
}

// numbers returns the bytes of the first characters of class number, at most so many.
func numbers(text string, most int) int {
	end := 0

	for range most {
		if end == len(text) {
			break
		}

		c, width := classOf(text[end:], other)
		if c != number {
			break
		}

		end += width
	}

	return end
}

// withNewlines returns end and the line breaks that follow there.
func withNewlines(text string, end int) int {
	for end < len(text) && (text[end] == '\r' || text[end] == '\n') {
		end++
	}

	return end
}

// anyContraction returns the length of the English contraction in any case with which text begins, or 0.
// To the expression's (?i) the long s is an s.
func anyContraction(text string) int {
	const longS = "ſ"

	if text[0] != '\'' || len(text) < 2 {
		return 0
	}

	if strings.HasPrefix(text[1:], longS) {
		return 1 + len(longS)
	}

	switch lower(text[1]) {
	case 's', 't', 'm', 'd':
		return 2
	}

	if len(text) > 2 {
		switch [2]byte{lower(text[1]), lower(text[2])} {
		case [2]byte{'r', 'e'}, [2]byte{'v', 'e'}, [2]byte{'l', 'l'}:
			return 3
		}
	}

	return 0
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b - 'A' + 'a'
	}

	return b
}
