package tokenizer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/grokputer/grokputer/lm/tokenizer"
)

// tables is testdata/texts.json: ranges of characters, words and templates.
type tables struct {
	Scripts   scripts   `json:"scripts"`
	Digits    [][2]rune `json:"digits"`
	Marks     [][2]rune `json:"marks"`
	Bases     [][2]rune `json:"bases"`
	Emoji     [][2]rune `json:"emoji"`
	Joiners   []string  `json:"joiners"`
	Spaces    []string  `json:"spaces"`
	Words     []string  `json:"words"`
	Code      []string  `json:"code"`
	Blanks    []string  `json:"blanks"`
	Fragments []string  `json:"fragments"`
	Fixed     []string  `json:"fixed"`
}

// scripts are the values of a JSON object in the order of the file.
type scripts [][][2]rune

func (s *scripts) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := d.Token(); err != nil { // {
		return err
	}

	for d.More() {
		if _, err := d.Token(); err != nil { // the name
			return err
		}

		var ranges [][2]rune
		if err := d.Decode(&ranges); err != nil {
			return err
		}

		*s = append(*s, ranges)
	}

	return nil
}

// texts generates the same texts as ../golden/texts.py, where they are explained.
type texts struct {
	tables
	pieces, control []string
	state           uint64
	kinds           []func() string
}

const textCount = 24000

// newTexts returns the texts of a vocabulary.
func newTexts(t testing.TB, tok *tokenizer.Tokenizer) *texts {
	t.Helper()

	x := readTables(t)

	for id := range int32(tok.Size()) {
		switch text := tok.Token(id); {
		case tok.IsSpecial(id):
			x.control = append(x.control, string(text))
		case len(text) > 0 && utf8.Valid(text):
			x.pieces = append(x.pieces, string(text))
		}
	}

	return x
}

// readTables returns texts without a vocabulary.
func readTables(t testing.TB) *texts {
	t.Helper()

	content, err := os.ReadFile(filepath.Join("testdata", "texts.json"))
	if err != nil {
		t.Fatal(err)
	}

	x := &texts{}
	if err := json.Unmarshal(content, &x.tables); err != nil {
		t.Fatal(err)
	}

	x.kinds = []func() string{
		x.script, x.sentence, x.vocabulary, x.blanks, x.forged, x.code, x.digits, x.marks, x.emoji, x.any, x.run,
	}

	return x
}

func (x *texts) text(i int) string {
	if i < len(x.Fixed) {
		return x.Fixed[i]
	}

	x.state = uint64(i) << 32

	if kind := i % (len(x.kinds) + 1); kind < len(x.kinds) {
		return x.kinds[kind]()
	}

	first := x.kinds[x.below(len(x.kinds)-1)]()

	return first + x.kinds[x.below(len(x.kinds)-1)]()
}

func (x *texts) below(n int) int {
	x.state += 0x9E3779B97F4A7C15
	z := x.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB

	return int((z ^ z>>31) % uint64(n))
}

func (x *texts) one(items []string) string { return items[x.below(len(items))] }

func (x *texts) join(least, most int, parts ...func() string) string {
	var out strings.Builder

	for range least + x.below(most-least+1) {
		for _, part := range parts {
			out.WriteString(part())
		}
	}

	return out.String()
}

func (x *texts) from(items []string) func() string { return func() string { return x.one(items) } }

func (x *texts) char(ranges [][2]rune) func() string {
	return func() string {
		r := ranges[x.below(len(ranges))]

		return string(r[0] + rune(x.below(int(r[1]-r[0])+1)))
	}
}

func (x *texts) script() string {
	ranges := x.Scripts[x.below(len(x.Scripts))]
	word := func() string { return x.join(1, 8, x.char(ranges)) }

	return x.join(1, 3, word, x.from(x.Spaces))
}

func (x *texts) sentence() string { return x.join(2, 14, x.from(x.Words), x.from(x.Spaces)) }

func (x *texts) vocabulary() string { return x.join(1, 12, x.from(x.pieces)) }

func (x *texts) blanks() string {
	return x.join(1, 12, func() string { return x.one([][]string{x.Spaces, x.Blanks}[x.below(2)]) })
}

func (x *texts) forged() string {
	return x.join(1, 6, func() string { return x.one([][]string{x.control, x.Fragments}[x.below(2)]) })
}

func (x *texts) code() string {
	parts := strings.Split(x.one(x.Code), "$")
	out := parts[0]

	for _, part := range parts[1:] {
		switch {
		case strings.HasPrefix(part, "w"):
			out += x.one(x.pieces) + part[1:]
		case strings.HasPrefix(part, "n"):
			limit := 1
			for range 1 + x.below(6) {
				limit *= 10
			}

			out += strconv.Itoa(x.below(limit)) + part[1:]
		default:
			out += "$" + part
		}
	}

	return out
}

func (x *texts) digits() string {
	number := func() string { return x.join(1, 5, x.char(x.Digits)) }

	return x.join(1, 10, number, x.from([]string{"", "", ".", ",", " ", "  ", "a"}))
}

func (x *texts) marks() string {
	most := []int{2, 4, 40}[x.below(3)]
	marks := func() string { return x.join(0, most, x.char(x.Marks)) }

	return x.join(1, 6, x.char(x.Bases), marks)
}

func (x *texts) emoji() string { return x.join(1, 8, x.char(x.Emoji), x.from(x.Joiners)) }

func (x *texts) any() string {
	return x.join(1, 12, x.char([][2]rune{{0, 0xFF}, {0x100, 0xD7FF}, {0xE000, 0xFFFF}, {0x10000, 0x1FFFF}, {0x20000, 0x10FFFF}}))
}

func (x *texts) run() string {
	var part string
	if x.below(2) == 1 {
		part = x.char(x.Scripts[x.below(len(x.Scripts))])()
	} else {
		part = strings.ReplaceAll(x.vocabulary(), " ", "")
	}

	out := strings.Repeat(part, 2+x.below(60))

	return out + x.one(x.Blanks)
}
