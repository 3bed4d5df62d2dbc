package tokenizer

// expressionGPT2 is GPT-2's pre-tokenizer, which Hugging Face's ByteLevel has built in.
const expressionGPT2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

// splitGPT2 is expressionGPT2 as a scanner.
func splitGPT2(text string) int {
	first, _ := classOf(text, other)

	switch first {
	case space:
		if text[0] == ' ' && len(text) > 1 {
			if next, _ := classOf(text[1:], other); next != space {
				return 1 + run(text[1:], next, other)
			}
		}

		return allButLast(text, run(text, space, other))
	case other:
		if n := contraction(text); n > 0 {
			return n
		}
	}

	return run(text, first, other)
}

// splitSmolLM is the pre-tokenizer of SmolLM and SmolLM2. In their tokenizer.json it is
// Sequence[Digits(individual_digits), ByteLevel(use_regex)]: first every numeric character is cut out,
// then the pieces between them are split by GPT-2's expression. So the end of a piece, where the look-ahead
// (?!\S) holds, is the end of the text or a number.
func splitSmolLM(text string) int {
	first, width := classOf(text, number)

	switch first {
	case number:
		return width
	case space:
		if text[0] == ' ' && len(text) > 1 {
			if next, _ := classOf(text[1:], number); next == letter || next == other {
				return 1 + run(text[1:], next, number)
			}
		}

		end := run(text, space, number)
		if end < len(text) {
			if next, _ := classOf(text[end:], number); next == number {
				return end
			}
		}

		return allButLast(text, end)
	case other:
		if n := contraction(text); n > 0 {
			return n
		}
	}

	return run(text, first, number)
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
