package observertest

import (
	"context"
	"errors"
	"image"
	"image/color"
	"strings"
	"sync"
	"testing"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/sim"
)

// Reader tests a reader that is safe for concurrent use.
func Reader(t *testing.T, r observer.Reader) {
	t.Helper()
	t.Run("a line", func(t *testing.T) {
		t.Parallel()
		for _, want := range []string{"hello world", "File", "The quick brown fox jumps 42", "2+2=4"} {
			picture := linePicture(want)
			words, err := r.Read(t.Context(), picture)
			if err != nil {
				t.Fatal(err)
			}
			if got := join(words); got != want {
				t.Errorf("read %q, want %q", got, want)
			}
			for _, w := range words {
				if w.Confidence < 0 || w.Confidence > 1 {
					t.Errorf("the confidence of %q is %g, not 0 to 1", w.Text, w.Confidence)
				}
				if w.Box.Empty() || !w.Box.In(picture.Rect) {
					t.Errorf("the box of %q is %v, not within %v", w.Text, w.Box, picture.Rect)
				}
			}
		}
	})
	t.Run("the words' places", func(t *testing.T) {
		t.Parallel()
		words, err := r.Read(t.Context(), linePicture("left right"))
		if err != nil {
			t.Fatal(err)
		}
		if len(words) != 2 || words[0].Box.Max.X > words[1].Box.Min.X {
			t.Errorf("got %v, want left beside right", words)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		for _, picture := range []*image.Gray{linePicture(""), image.NewGray(image.Rectangle{})} {
			words, err := r.Read(t.Context(), picture)
			if err != nil || len(words) != 0 {
				t.Errorf("got %v, %v on an empty picture of %v", words, err, picture.Rect)
			}
		}
	})
	t.Run("at once", func(t *testing.T) {
		t.Parallel()
		var wg sync.WaitGroup
		for want := range strings.FieldsSeq("alpha beta gamma delta kappa sigma") {
			wg.Go(func() {
				words, err := r.Read(t.Context(), linePicture(want))
				if got := join(words); err != nil || got != want {
					t.Errorf("got %q, %v, want %q", got, err, want)
				}
			})
		}
		wg.Wait()
	})
	t.Run("given up", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Read(ctx, linePicture("hello")); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	})
}

// linePicture is a line as a Finder cuts it out: dark on white, with a margin.
func linePicture(text string) *image.Gray {
	const margin = 8
	canvas := sim.NewCanvas(len(text)*sim.CellWidth+2*margin, sim.CellHeight+2*margin, color.White)
	canvas.Text(margin, margin, text, color.Black)
	return canvas.Gray()
}

func join(words []observer.Word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}
