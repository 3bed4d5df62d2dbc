package private

import (
	"math"
	"regexp"
)

var (
	// issued are the forms in which well-known services issue tokens.
	issued = regexp.MustCompile(`sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}` +
		`|xox[abprs]-[A-Za-z0-9-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{30,}` +
		`|[rsp]k_(?:live|test)_[A-Za-z0-9]{16,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)
	tokenLike = regexp.MustCompile(`[A-Za-z0-9]{20,}`)
	hexLike   = regexp.MustCompile(`^(?:[0-9a-f]{32,}|[0-9A-F]{32,})$`)
)

// What tells a token from a word, an identifier and a number.
const (
	minEntropy = 3.3 // bits a character; English is near 4, but of fewer sorts
	maxRun     = 2.9 // mean length of what could be a word or a number in it
)

func keys(text string) []Span {
	var spans []Span
	for _, at := range issued.FindAllStringIndex(text, -1) {
		if alone(text, at[0], at[1]) {
			spans = append(spans, Span{Key, at[0], at[1]})
		}
	}
	for _, at := range tokenLike.FindAllStringIndex(text, -1) {
		if token := text[at[0]:at[1]]; alone(text, at[0], at[1]) && random(token) {
			spans = append(spans, Span{Key, at[0], at[1]})
		}
	}
	return spans
}

// random reports whether a text of letters and digits looks drawn: hexadecimal of at
// least 128 bits, or small and capital letters and digits in short turns.
func random(token string) bool {
	var upper, lower, numbers, runs int
	for i := range len(token) {
		c := token[i]
		switch {
		case isUpper(c):
			upper++
		case isLower(c):
			lower++
		default:
			numbers++
		}
		if i == 0 || class(c) != class(token[i-1]) && (!isLower(c) || !isUpper(token[i-1])) { // a capital begins a word
			runs++
		}
	}
	if numbers > 0 && upper+lower > 0 && hexLike.MatchString(token) {
		return true
	}
	return upper > 0 && lower > 0 && numbers > 1 && float64(len(token))/float64(runs) < maxRun && entropy(token) >= minEntropy
}

func class(c byte) int {
	switch {
	case isUpper(c):
		return 0
	case isLower(c):
		return 1
	default:
		return 2
	}
}

// entropy is that of the characters' frequencies (Shannon 1948), in bits a character.
func entropy(s string) float64 {
	var count [256]int
	for i := range len(s) {
		count[s[i]]++
	}
	sum := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(s))
			sum -= p * math.Log2(p)
		}
	}
	return sum
}
