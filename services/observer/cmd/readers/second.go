package readers

import (
	"context"
	"fmt"
	"image"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/grokputer/grokputer/services/observer"
)

const (
	// short is up to how many characters a line may be a sign or two on a button:
	// PP-OCR learned from lines of text, and takes a stroke that stands alone for
	// a letter or a digit.
	short = 3
	// sure is the confidence from which letters and digits are believed all the
	// same, but for those that are one stroke.
	sure = 0.9
	// strokes are what a slash and a bracket are taken for.
	strokes = "1Il"
)

// consulting reads with one reader, and has another one say whether a short line
// is made of signs. It is safe for concurrent use when both are.
type consulting struct{ first, second observer.Reader }

// Read implements observer.Reader.
func (c consulting) Read(ctx context.Context, line *image.Gray) ([]observer.Word, error) {
	words, err := c.first.Read(ctx, line)
	if err != nil || len(words) > 0 && certain(words) || line.Rect.Dx() > short*line.Rect.Dy() {
		return words, err
	}
	other, err := c.second.Read(ctx, line)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("read a line: %w", ctx.Err())
	case err == nil && signs(other):
		return other, nil
	default:
		return words, nil // the first one's word stands
	}
}

// certain reports whether words are more than what could be signs.
func certain(words []observer.Word) bool {
	n, letter, confidence := 0, false, 1.0
	for _, w := range words {
		n += utf8.RuneCountInString(w.Text)
		letter = letter || strings.ContainsFunc(w.Text, func(r rune) bool {
			return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !strings.ContainsRune(strokes, r)
		})
		confidence = min(confidence, w.Confidence)
	}
	return n > short || letter && confidence >= sure
}

// signs reports whether words are signs that keys write and nothing else. A
// vertical bar is more often a letter or the digit 1.
func signs(words []observer.Word) bool {
	for _, w := range words {
		if strings.ContainsFunc(w.Text, func(r rune) bool { return r < '!' || r > '~' || r == '|' || unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			return false
		}
	}
	return len(words) > 0
}
