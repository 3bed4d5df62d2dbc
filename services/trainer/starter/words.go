package starter

import (
	_ "embed"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed words.txt
var wordList string

// words makes text that screens and people are full of. Half of it is made
// up, so that the model learns to copy what stands there and not to recall it.
type words struct {
	rng   *rand.Rand
	known []string
}

func newWords(rng *rand.Rand) words {
	return words{rng: rng, known: strings.Fields(wordList)}
}

// pick returns one of the choices.
func pick[T any](rng *rand.Rand, choices ...T) T { return choices[rng.IntN(len(choices))] }

// chance is true with probability p.
func (w words) chance(p float64) bool { return w.rng.Float64() < p }

// word is a common word or a made-up one.
func (w words) word() string {
	if w.chance(0.6) {
		return pick(w.rng, w.known...)
	}
	return w.invented()
}

// invented is a word of one to three made-up syllables.
func (w words) invented() string {
	const consonants, vowels = "bcdfghjklmnprstvwz", "aeiou"
	var b strings.Builder
	for range 1 + w.rng.IntN(3) {
		b.WriteByte(consonants[w.rng.IntN(len(consonants))])
		b.WriteByte(vowels[w.rng.IntN(len(vowels))])
		if w.chance(0.3) {
			b.WriteByte(consonants[w.rng.IntN(len(consonants))])
		}
	}
	return b.String()
}

// phrase is a few words in lower case.
func (w words) phrase(least, most int) string {
	parts := make([]string, least+w.rng.IntN(most-least+1))
	for i := range parts {
		parts[i] = w.word()
	}
	return strings.Join(parts, " ")
}

// glue are the small words that requests are joined with, too: inside a text
// that is to be typed they are text.
var glue = []string{
	"and", "for", "at", "the", "in", "with", "to", "of", "on", "from", "by", "is", "are", "you", "it", "not", "or",
	"my", "we", "then", "a", "all", "into", "this", "that", "be", "as", "was", "I", "your", "please", "text", "type",
}

// text is what a person might want typed: words, numbers, marks and capitals.
func (w words) text() string {
	parts := strings.Fields(w.phrase(1, 7))
	for i := range parts {
		switch {
		case w.chance(0.25):
			parts[i] = pick(w.rng, glue...)
		case w.chance(0.12):
			parts[i] = strconv.Itoa(w.rng.IntN(10000))
		case w.chance(0.1):
			parts[i] = title(parts[i])
		case w.chance(0.06) && i < len(parts)-1:
			parts[i] += pick(w.rng, ",", ":", ";")
		}
	}
	s := strings.Join(parts, " ")
	if w.chance(0.3) {
		s = title(s)
	}
	if w.chance(0.2) {
		s += pick(w.rng, ".", "!", "?")
	}
	return s
}

// caption is what a button, link or menu says.
func (w words) caption() string {
	s := w.phrase(1, 3)
	switch w.rng.IntN(5) {
	case 0:
		return s
	case 1:
		parts := strings.Fields(s)
		for i := range parts {
			parts[i] = title(parts[i])
		}
		return strings.Join(parts, " ")
	case 2:
		return title(s) + pick(w.rng, "", "...", "…")
	default:
		return title(s)
	}
}

// name is a person's login or a file's stem.
func (w words) name() string {
	s := w.word()
	if w.chance(0.4) {
		s += strconv.Itoa(w.rng.IntN(1000))
	}
	return s
}

// secret is a short mix of letters and digits.
func (w words) secret() string {
	const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	b := make([]byte, 3+w.rng.IntN(7))
	for i := range b {
		b[i] = letters[w.rng.IntN(len(letters))]
	}
	return string(b)
}

// title makes the first letter a capital.
func title(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
