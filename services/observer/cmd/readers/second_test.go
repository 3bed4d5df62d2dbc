package readers

import (
	"context"
	"errors"
	"image"
	"testing"

	"github.com/grokputer/grokputer/services/observer"
)

// fixed reads the same text off every line.
type fixed struct {
	text       string
	confidence float64
	err        error
}

// Read implements observer.Reader.
func (f fixed) Read(context.Context, *image.Gray) ([]observer.Word, error) {
	if f.text == "" || f.err != nil {
		return nil, f.err
	}
	return []observer.Word{{Text: f.text, Confidence: f.confidence}}, nil
}

func TestConsulting(t *testing.T) {
	t.Parallel()
	key, long := image.NewGray(image.Rect(0, 0, 20, 26)), image.NewGray(image.Rect(0, 0, 200, 26))
	for name, test := range map[string]struct {
		first, second fixed
		line          *image.Gray
		want          string
	}{
		"a sign":              {fixed{"I", 0.6, nil}, fixed{".", 0.8, nil}, key, "."},
		"a stroke":            {fixed{"1", 0.99, nil}, fixed{"/", 0.8, nil}, key, "/"},
		"the digit":           {fixed{"1", 0.99, nil}, fixed{"1", 0.8, nil}, key, "1"},
		"a bar is no opinion": {fixed{"1", 0.99, nil}, fixed{"|", 0.8, nil}, key, "1"},
		"nothing first":       {fixed{}, fixed{"=", 0.8, nil}, key, "="},
		"signs among others":  {fixed{"+1-", 0.7, nil}, fixed{"+/-", 0.6, nil}, key, "+/-"},
		"a sure letter":       {fixed{"C", 1, nil}, fixed{"(", 0.8, nil}, key, "C"},
		"a letter is none":    {fixed{"c", 0.5, nil}, fixed{"Cc", 0.8, nil}, key, "c"},
		"a word":              {fixed{"Menu", 0.5, nil}, fixed{"-", 0.8, nil}, key, "Menu"},
		"a long line":         {fixed{"—", 0.5, nil}, fixed{"-", 0.8, nil}, long, "—"},
		"no second":           {fixed{"+", 1, nil}, fixed{err: errors.New("away")}, key, "+"},
	} {
		words, err := consulting{test.first, test.second}.Read(t.Context(), test.line)
		if err != nil || len(words) != 1 || words[0].Text != test.want {
			t.Errorf("%s: read %v, %v; want %q", name, words, err, test.want)
		}
	}
	broken := errors.New("broken")
	if _, err := (consulting{fixed{err: broken}, fixed{text: "-"}}).Read(t.Context(), key); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}
