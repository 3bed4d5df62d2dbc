package tokenizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// Every Unicode character has the class that Hugging Face's pre-tokenizers give it.
func TestClasses(t *testing.T) {
	t.Parallel()

	content, err := os.ReadFile(filepath.Join("testdata", "classes.json"))
	if err != nil {
		t.Fatal(err)
	}

	var ranges [][2]any // first character, class
	if err := json.Unmarshal(content, &ranges); err != nil {
		t.Fatal(err)
	}

	names := map[class]string{other: "other", letter: "letter", number: "number", space: "space", newNumber: "new number"}
	want := ""

	for char := range rune(utf8.MaxRune + 1) {
		if len(ranges) > 0 && ranges[0][0] == float64(char) {
			want, _ = ranges[0][1].(string)
			ranges = ranges[1:]
		}

		if !utf8.ValidRune(char) {
			continue
		}

		got, width := classOf(string(char), newNumber)
		if names[got] != want || width != utf8.RuneLen(char) {
			t.Fatalf("U+%04X: %s of %d bytes, want %s", char, names[got], width, want)
		}
	}

	if len(ranges) != 0 {
		t.Errorf("ranges left: %v", ranges)
	}
}

func TestSplitSmolLM(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		"hello world":      "hello| world",
		"a  b":             "a| | b",
		"a \n b":           "a| \n| b",
		"a\nb":             "a|\n|b",
		"a  ":              "a|  ",
		"a  1":             "a|  |1", // a number ends the piece, so all the white space stays together
		"a 12.5":           "a| |1|2|.|5",
		"it's":             "it|'s",
		"it'S":             "it|'|S",
		"we'll've":         "we|'ll|'ve",
		"''s":              "''|s", // a run of others takes the apostrophe first
		"x 's":             "x| '|s",
		"'lx":              "'|lx",
		"'":                "'",
		"e\u0301a":         "e|\u0301|a", // a mark is no letter
		"\u65e5\u672c です":  "\u65e5\u672c| です",
		"½a٣":              "½|a|٣",
		"\u00a0a":          "\u00a0|a", // only U+0020 joins a word
		" !?a":             " !?|a",
		"a\xff\xfeb":       "a|\xff\xfe|b",
		" \xe2\x82":        " \xe2\x82",
		"func(x) {\n\t}\n": "func|(|x|)| {|\n|\t|}|\n",
	} {
		var words []string

		for rest := text; rest != ""; {
			n := splitSmolLM(rest)
			if n <= 0 || n > len(rest) {
				t.Fatalf("word of %d bytes in %q", n, rest)
			}

			words = append(words, rest[:n])
			rest = rest[n:]
		}

		if got := strings.Join(words, "|"); got != want {
			t.Errorf("%q = %q, want %q", text, got, want)
		}
	}
}
