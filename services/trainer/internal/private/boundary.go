package private

import (
	"unicode"
	"unicode/utf8"
)

// alone reports whether no letter or digit stands right before or after a span.
func alone(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	return !wordly(before) && !wordly(after)
}

func wordly(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

// digits are the digits of a text.
func digits(text string) string {
	b := make([]byte, 0, len(text))
	for i := range len(text) {
		if isDigit(text[i]) {
			b = append(b, text[i])
		}
	}
	return string(b)
}
