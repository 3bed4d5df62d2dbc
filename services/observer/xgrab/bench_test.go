package xgrab_test

import (
	"testing"

	"github.com/grokputer/grokputer/services/observer/xgrab"
)

// BenchmarkCapture copies a screen of 1280x800.
func BenchmarkCapture(b *testing.B) {
	c := xgrab.New("", 0)
	defer c.Close()
	for b.Loop() {
		if _, err := c.Capture(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGlance asks whether something was drawn on a screen where nothing is.
func BenchmarkGlance(b *testing.B) {
	w, err := xgrab.New("", 0).Watch(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	for b.Loop() {
		if _, _, err := w.Look(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
