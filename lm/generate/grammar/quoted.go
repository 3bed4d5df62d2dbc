package grammar

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Quoted is a text of at most that many characters (or Unlimited) between double
// quotes, as Quote writes it: any character but a control character, with \",
// \\, \n and \t for the quote, the backslash, the line feed and the tab. An
// escape counts as one character. A bound costs states for every character.
func Quoted(most int) Expr {
	plain := Except(Range{0, 0x1F}, Range{'"', '"'}, Range{'\\', '\\'}, Range{0x7F, 0x9F})
	escape := Sequence(Literal(`\`), Words(`"`, `\`, `n`, `t`))
	return Sequence(Literal(`"`), Repeat(Choice(plain, escape), 0, most), Literal(`"`))
}

// Quote returns s between double quotes, escaped so that Quoted describes it and
// Unquote gives it back. Control characters other than \n and \t, and bytes that
// are not UTF-8, become U+FFFD.
func Quote(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for _, r := range s { // an invalid byte arrives as U+FFFD
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r >= 0x7F && r <= 0x9F:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Unquote is the inverse of Quote. It returns ErrInvalid for a text that Quoted
// does not describe.
func Unquote(quoted string) (string, error) {
	bad := fmt.Errorf("%w: %q is no quoted text", ErrInvalid, quoted)
	if len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' || !utf8.ValidString(quoted) {
		return "", bad
	}
	var b strings.Builder
	escaped := false
	for _, r := range quoted[1 : len(quoted)-1] {
		switch {
		case escaped:
			escaped = false
			switch r {
			case '"', '\\':
				b.WriteRune(r)
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			default:
				return "", bad
			}
		case r == '\\':
			escaped = true
		case r == '"' || r < 0x20 || r >= 0x7F && r <= 0x9F:
			return "", bad
		default:
			b.WriteRune(r)
		}
	}
	if escaped {
		return "", bad
	}
	return b.String(), nil
}
