package private

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/screen"
)

// cloak knows the private values of one example and their placeholders.
type cloak struct {
	names  map[string]string // by the value without what may be written in other ways
	counts map[Kind]int
	values []value // the longest first
}

// value is a private value as it stands somewhere.
type value struct{ text, name string }

func newCloak() *cloak { return &cloak{names: map[string]string{}, counts: map[Kind]int{}} }

// learn finds the private values of a text.
func (c *cloak) learn(text string) {
	for _, s := range Find(text) {
		c.add(s.Kind, text[s.From:s.To])
	}
}

// add notes a private value. One that is known, however it is written, keeps its placeholder.
func (c *cloak) add(kind Kind, text string) {
	key := string(kind) + " " + same(kind, text)
	if c.names[key] == "" {
		c.counts[kind]++
		c.names[key] = fmt.Sprintf("<%s-%d>", kind, c.counts[kind])
	}
	if slices.ContainsFunc(c.values, func(v value) bool { return v.text == text }) {
		return
	}
	c.values = append(c.values, value{text, c.names[key]})
	slices.SortStableFunc(c.values, func(a, b value) int { return cmp.Compare(len(b.text), len(a.text)) })
}

// same is what two ways to write a value have in common.
func same(kind Kind, text string) string {
	switch kind {
	case Email:
		return strings.ToLower(text)
	case Phone, Card:
		return digits(text)
	case IBAN:
		return strings.ToUpper(strings.ReplaceAll(text, " ", ""))
	default:
		return text
	}
}

// hide puts the placeholders into a text, also where a value stands escaped.
func (c *cloak) hide(text string) string {
	for _, v := range c.values {
		text = replaced(text, v.text, v.name)
		if escaped := screen.Escape(v.text); escaped != v.text {
			text = replaced(text, escaped, v.name)
		}
	}
	return text
}

// replaced is a text with a placeholder wherever the value stands by itself.
func replaced(text, value, name string) string {
	var b strings.Builder
	for rest := 0; ; {
		at := strings.Index(text[rest:], value)
		if at < 0 {
			b.WriteString(text[rest:])
			return b.String()
		}
		from, to := rest+at, rest+at+len(value)
		b.WriteString(text[rest:from])
		if apartFromWords(text, from, to) {
			b.WriteString(name)
		} else {
			b.WriteString(value)
		}
		rest = to
	}
}

// apartFromWords reports whether a value that begins or ends like a word is no part of
// a longer one.
func apartFromWords(text string, from, to int) bool {
	first, last := text[from], text[to-1]
	return (!wordly(rune(first)) || alone(text[:from+1], from, from+1)) && (!wordly(rune(last)) || alone(text[to-1:], 0, 1))
}

// partly reports whether a text says a part of a private value without saying it whole: the
// rest of the example could not tell where it comes from.
func (c *cloak) partly(text string) bool {
	const least = 3 // shorter ones are in everything
	text = strings.TrimSpace(text)
	return len(text) >= least && slices.ContainsFunc(c.values, func(v value) bool {
		return text != v.text && strings.Contains(v.text, text)
	})
}
