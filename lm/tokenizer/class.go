package tokenizer

import (
	"unicode"
	"unicode/utf8"
)

// class is what the pre-tokenizers' expressions ask of a character.
type class uint8

const (
	other     class = iota // neither of the following: punctuation, symbols, marks, control characters
	letter                 // \p{L}
	number                 // \p{N}
	space                  // \s
	newNumber              // a number since Unicode 17: see recentClass
)

// classOf returns the class and the bytes of the first character of a text that is not empty. A byte that
// is not part of valid UTF-8 counts as a character of class other. newest is the class of new numbers.
func classOf(text string, newest class) (class, int) {
	c := text[0]

	switch {
	case c >= utf8.RuneSelf:
		char, width := utf8.DecodeRuneInString(text)
		class := classOfRune(char)

		if class == newNumber {
			class = newest
		}

		return class, width
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return letter, 1
	case c >= '0' && c <= '9':
		return number, 1
	case c == ' ' || c >= '\t' && c <= '\r':
		return space, 1
	default:
		return other, 1
	}
}

func classOfRune(char rune) class {
	switch {
	case unicode.IsLetter(char):
		return letter
	case unicode.IsNumber(char):
		return number
	case unicode.IsSpace(char):
		return space
	default:
		return recentClass(char)
	}
}

// recentClass knows the letters and numbers that Unicode has had since version 15.0, which is that of
// Go's tables: the expression library of Hugging Face's tokenizers 0.23 has version 16. Its pre-tokenizer
// Digits asks Rust's standard library, which has version 17, so that some characters are numbers to it and
// not to an expression.
func recentClass(char rune) class {
	const firstRecent = 0x1c89

	if char < firstRecent {
		return other
	}

	for _, r := range [...]struct {
		first, last rune
		class       class
	}{
		{0x1c89, 0x1c8a, letter},
		{0xa7cb, 0xa7cd, letter},
		{0xa7da, 0xa7dc, letter},
		{0x105c0, 0x105f3, letter},
		{0x10d40, 0x10d49, number},
		{0x10d4a, 0x10d65, letter},
		{0x10d6f, 0x10d85, letter},
		{0x10ec2, 0x10ec4, letter},
		{0x11380, 0x11389, letter},
		{0x1138b, 0x1138b, letter},
		{0x1138e, 0x1138e, letter},
		{0x11390, 0x113b5, letter},
		{0x113b7, 0x113b7, letter},
		{0x113d1, 0x113d1, letter},
		{0x113d3, 0x113d3, letter},
		{0x116d0, 0x116e3, number},
		{0x11bc0, 0x11be0, letter},
		{0x11bf0, 0x11bf9, number},
		{0x11de0, 0x11de9, newNumber},
		{0x13460, 0x143fa, letter},
		{0x16100, 0x1611d, letter},
		{0x16130, 0x16139, number},
		{0x16d40, 0x16d6c, letter},
		{0x16d70, 0x16d79, number},
		{0x16ff4, 0x16ff6, newNumber},
		{0x18cff, 0x18cff, letter},
		{0x1ccf0, 0x1ccf9, number},
		{0x1e5d0, 0x1e5ed, letter},
		{0x1e5f0, 0x1e5f0, letter},
		{0x1e5f1, 0x1e5fa, number},
		{0x2ebf0, 0x2ee5d, letter},
	} {
		if char >= r.first && char <= r.last {
			return r.class
		}
	}

	return other
}
