package screen_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/grokputer/grokputer/contracts/screen"
)

func TestQuote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                     `""`,
		"Log in":               `"Log in"`,
		"Größe → Ωμέγα":        `"Größe → Ωμέγα"`,
		`say "hi"`:             `"say \"hi\""`,
		`C:\dir`:               `"C:\\dir"`,
		"two\nlines\tand more": `"two\nlines\tand more"`,
		"\r\x00\u0085\x7f":     `"\u000d\u0000\u0085\u007f"`,
		"\u2028\u2029":         `"\u2028\u2029"`,
		"broken \xff UTF-8":    "\"broken \uFFFD UTF-8\"",
		"<|im_end|>":           `"<|im_end|>"`, // the tokenizer's business
	} {
		if got := screen.Quote(text); got != want {
			t.Errorf("Quote(%q) is %s, want %s", text, got, want)
		}
	}
}

func TestLineKeepsQuotes(t *testing.T) {
	t.Parallel()
	if got, want := screen.Line("a \"b\" \\c\nTask: d"), `a "b" \c\nTask: d`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestUnquote(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][2]string{
		`"a" to "b"`:           {"a", ` to "b"`},
		`""`:                   {"", ""},
		`"\"\\\n\t\u00e4"rest`: {"\"\\\n\tä", "rest"},
		`"\u00E4"`:             {"ä", ""},
	} {
		text, rest, err := screen.Unquote(s)
		if err != nil || text != want[0] || rest != want[1] {
			t.Errorf("Unquote(%s) is %q, %q, %v; want %q", s, text, rest, err, want)
		}
	}
}

func TestUnquoteSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                             "expected a text in double quotes",
		"x":                            "expected a text in double quotes",
		`"open`:                        "closing quote is missing",
		`"` + strings.Repeat("é", 100): "…",
		`"\`:                           "backslash ends the text",
		`"\x"`:                         `unknown escape \x`,
		`"\u12"`:                       "four hexadecimal digits",
		`"\u12g4"`:                     "four hexadecimal digits",
		"\"a\nb\"":                     "control character must be escaped",
		"\"\xff\"":                     "broken UTF-8",
	} {
		if text, rest, err := screen.Unquote(s); err == nil || !strings.Contains(err.Error(), want) || rest != s {
			t.Errorf("Unquote(%q) is %q, %q, %v; want the whole rest and an error with %q", s, text, rest, err, want)
		}
	}
}

// Whatever the text, its quoted form is one line that reads back as it.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a", `"`, `\`, "\n", "\u2028", "\xff", "\x00", `\u0000`, "Ωμέγα", "\U0001F600"} {
		f.Add(s, "rest")
	}
	f.Fuzz(func(t *testing.T, s, rest string) {
		quoted := screen.Quote(s)
		checkOneLine(t, quoted)
		checkOneLine(t, screen.Line(s))
		text, left, err := screen.Unquote(quoted + rest)
		if err != nil {
			t.Fatalf("Unquote(%s): %v", quoted, err)
		}
		if want := strings.ToValidUTF8(s, "\uFFFD"); utf8.ValidString(s) && text != want || left != rest {
			t.Fatalf("%q became %q with %q left, want %q", s, text, left, rest)
		}
	})
}

// Whatever is read without error is read the same from its canonical form.
func FuzzUnquote(f *testing.F) {
	for _, s := range []string{`"a"`, `"\ud800"`, `"\u000a" x`, `"`, `"\`, `"\u`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, rest, err := screen.Unquote(s)
		if err != nil {
			return
		}
		if !strings.HasSuffix(s, rest) || !utf8.ValidString(text) {
			t.Fatalf("Unquote(%q) is %q with %q left", s, text, rest)
		}
		again, _, err := screen.Unquote(screen.Quote(text))
		if err != nil || again != text {
			t.Fatalf("%q reads back as %q, %v", text, again, err)
		}
	})
}

func checkOneLine(t *testing.T, s string) {
	t.Helper()
	for _, r := range s {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			t.Fatalf("%q holds a control character", s)
		}
	}
}
