package screen

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote writes s in double quotes on one line. Only the quote, the backslash,
// line ends, tabs and other control characters are escaped, so that ordinary
// text reaches the model as it stands. Broken UTF-8 becomes U+FFFD.
func Quote(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	b.WriteString(Escape(s))
	b.WriteByte('"')
	return b.String()
}

// Escape is Quote without the surrounding quotes.
func Escape(s string) string { return escape(s, `"\`) }

// Line keeps s on one line: line ends, tabs and other control characters are
// escaped, quotes and backslashes stay as they are.
func Line(s string) string { return escape(s, "") }

// escape puts a backslash before each of special and escapes what is not printable.
func escape(s, special string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case strings.ContainsRune(special, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Unquote reads a quoted text at the start of s and returns it with the rest
// of s. It is the inverse of Quote.
func Unquote(s string) (text, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		return "", s, fmt.Errorf("expected a text in double quotes at %q", clip(s))
	}
	var b strings.Builder
	for i := 1; i < len(s); {
		switch c := s[i]; c {
		case '"':
			return b.String(), s[i+1:], nil
		case '\\':
			r, n, err := unescape(s[i:])
			if err != nil {
				return "", s, err
			}
			b.WriteRune(r)
			i += n
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				return "", s, fmt.Errorf("broken UTF-8 in %q", clip(s))
			}
			if unicode.IsControl(r) {
				return "", s, fmt.Errorf("a control character must be escaped in %q", clip(s))
			}
			b.WriteRune(r)
			i += n
		}
	}
	return "", s, fmt.Errorf("the closing quote is missing in %q", clip(s))
}

// unescape reads one escape sequence and returns its length in bytes.
func unescape(s string) (r rune, n int, err error) {
	if len(s) < 2 {
		return 0, 0, fmt.Errorf("a backslash ends the text")
	}
	switch s[1] {
	case '"', '\\':
		return rune(s[1]), 2, nil
	case 'n':
		return '\n', 2, nil
	case 't':
		return '\t', 2, nil
	case 'u':
		if len(s) < 6 {
			return 0, 0, fmt.Errorf(`\u needs four hexadecimal digits`)
		}
		var v rune
		for _, c := range s[2:6] {
			d := strings.IndexRune("0123456789abcdef", unicode.ToLower(c))
			if d < 0 {
				return 0, 0, fmt.Errorf(`\u needs four hexadecimal digits, not %q`, s[2:6])
			}
			v = v<<4 | rune(d)
		}
		return v, 6, nil
	default:
		return 0, 0, fmt.Errorf(`unknown escape \%c (known: \" \\ \n \t \uXXXX)`, s[1])
	}
}

func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
