package tokenizer

import "unicode/utf8"

// byteAlphabet is GPT-2's way to write any byte as a printable character (bytes_to_unicode in
// openai/gpt-2's encoder.py): printable Latin-1 stands for itself, the others, in order, for U+0100 on.
type byteAlphabet struct {
	char [256]rune
	byte map[rune]byte
}

func newByteAlphabet() byteAlphabet {
	a := byteAlphabet{byte: make(map[rune]byte, 256)}
	next := rune(256)

	for b := range a.char {
		if b >= '!' && b <= '~' || b >= '¡' && b <= '¬' || b >= '®' && b <= 'ÿ' {
			a.char[b] = rune(b)
		} else {
			a.char[b] = next
			next++
		}

		a.byte[a.char[b]] = byte(b)
	}

	return a
}

// bytes returns the bytes that a token's text stands for. A token that is not written in the alphabet,
// such as a filler, stands for its own text.
func (a byteAlphabet) bytes(text string) []byte {
	out := make([]byte, 0, utf8.RuneCountInString(text))

	for _, char := range text {
		b, ok := a.byte[char]
		if !ok {
			return []byte(text)
		}

		out = append(out, b)
	}

	return out
}
