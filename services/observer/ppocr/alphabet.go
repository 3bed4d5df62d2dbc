package ppocr

import (
	"strings"
	"unicode"
)

// alphabet is what the model's classes mean.
type alphabet struct {
	// classes are the characters, the blank first and the space last.
	classes []string
	// read are the classes that are read, in rising order, the blank first.
	read []int
}

// newAlphabet makes an alphabet of the model's characters, one on each line.
// Neither the blank nor the space is among them.
func newAlphabet(text string, cjk bool) alphabet {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	a := alphabet{classes: append(make([]string, 0, len(lines)+2), "")}
	for _, l := range lines {
		a.classes = append(a.classes, strings.TrimSuffix(l, "\r"))
	}
	a.classes = append(a.classes, " ")
	for i, c := range a.classes {
		if cjk || !strings.ContainsFunc(c, isCJK) {
			a.read = append(a.read, i)
		}
	}
	return a
}

// isCJK tells the characters of Chinese, Japanese and Korean, their punctuation
// and their wide forms of other characters.
func isCJK(r rune) bool {
	const (
		punctuation, endOfPunctuation = 0x3000, 0x303f
		forms, endOfForms             = 0xfe30, 0xfe4f
		wide, endOfWide               = 0xff00, 0xffef
	)
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo) ||
		r >= punctuation && r <= endOfPunctuation || r >= forms && r <= endOfForms || r >= wide && r <= endOfWide
}

// likeliest is the class of those that are read with the largest value in row
// [classes], and its value.
func (a alphabet) likeliest(row []float32) (int, float64) {
	best := 0
	for _, i := range a.read {
		if row[i] > row[best] {
			best = i
		}
	}
	return best, float64(row[best])
}
