package mask_test

import (
	"image"
	"image/color"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/services/observer/internal/mask"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDifferences(t *testing.T) {
	t.Parallel()
	before, after := image.NewRGBA(image.Rect(0, 0, 200, 100)), image.NewRGBA(image.Rect(0, 0, 200, 100))
	if got := mask.Differences(before, after); len(got) != 0 {
		t.Errorf("equal pictures differ in %v", got)
	}
	for _, p := range []image.Point{{20, 30}, {21, 31}, {36, 33}, {150, 90}, {199, 99}} {
		after.Set(p.X, p.Y, color.White)
	}
	got := mask.Differences(before, after)
	// The first three are near each other.
	want := []image.Rectangle{image.Rect(20, 30, 37, 34), image.Rect(150, 90, 151, 91), image.Rect(199, 99, 200, 100)}
	if !slices.Equal(got, want) {
		t.Errorf("they differ in %v, want %v", got, want)
	}
}

func TestResembles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, secret string
		want         bool
	}{
		{"Xk9-q2Zp7w", "Xk9-q2Zp7w", true},
		{"the password is xk9-q2zp7w.", "Xk9-q2Zp7w", true},
		{"Xk9- q2Zp 7w", "Xk9-q2Zp7w", true}, // spaces of the reader
		{"Ok4-rZZb1vv", "Xk9-q2Zp7w", false}, // too much is different
		{"Xk9-q2Zp7vv", "Xk9-q2Zp7w", true},  // two misread
		{"XkQ-q2Zp7", "Xk9-q2Zp7w", true},    // one misread, one lost
		{"Username", "Xk9-q2Zp7w", false},
		{"", "Xk9-q2Zp7w", false},
		{"anything", "", false},
		{"12", "12", true},
		{"2012", "12", false},
		{"pässwörd", "pässwörd", true},
	} {
		if got := mask.Resembles(tt.text, tt.secret); got != tt.want {
			t.Errorf("%q resembles %q: %t, want %t", tt.text, tt.secret, got, tt.want)
		}
	}
}
