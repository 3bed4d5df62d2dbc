package bench

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// one returns one of the choices.
func one[T any](rng *rand.Rand, choices ...T) T { return choices[rng.IntN(len(choices))] }

// randomWord is a made-up word, so that nothing that was learnt by heart helps.
func randomWord(rng *rand.Rand) string {
	const first, vowels, last = "bcdfghklmnprstvw", "aeiou", "dklmnrst"
	var b strings.Builder
	for range 1 + rng.IntN(3) {
		b.WriteByte(first[rng.IntN(len(first))])
		b.WriteByte(vowels[rng.IntN(len(vowels))])
	}
	if rng.IntN(2) == 0 {
		b.WriteByte(last[rng.IntN(len(last))])
	}
	return b.String()
}

// randomText is one to six words, with a number or a capital here and there.
func randomText(rng *rand.Rand) string {
	parts := make([]string, 1+rng.IntN(6))
	for i := range parts {
		parts[i] = one(rng, randomWord(rng), randomWord(rng), one(rng, plainWords...))
		switch rng.IntN(10) {
		case 0:
			parts[i] = strconv.Itoa(rng.IntN(1000))
		case 1:
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, " ")
}

// says reports whether an answer is that number and nothing else.
func says(answer string, n int) bool { return strings.TrimSpace(answer) == strconv.Itoa(n) }

var plainWords = []string{
	"hello", "world", "the", "quick", "brown", "fox", "meeting", "at", "noon", "buy", "milk", "and", "eggs", "call",
	"home", "dear", "friend", "thanks", "for", "all", "report", "is", "ready", "see", "you", "soon",
}
