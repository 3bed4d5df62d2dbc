package ppocr

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	a := newAlphabet("a\nb\n", false)
	step := func(class int, p float32) []float32 { // class 3 is the space
		row := []float32{0.01, 0.01, 0.01, 0.01}
		row[class] = p
		return row
	}
	var y []float32
	for _, s := range [][]float32{
		step(0, 0.9), step(1, 0.5), step(1, 0.8), step(1, 0.6), // one a, likeliest at step 2
		step(0, 0.9), step(1, 0.7), // another
		step(2, 0.9), step(3, 0.4), step(3, 0.3), step(0, 0.9), step(2, 1),
	} {
		y = append(y, s...)
	}
	var text string
	var steps []int
	for _, c := range decode(y, a) {
		text += c.text
		steps = append(steps, c.step)
	}
	if text != "aab b" {
		t.Errorf("read %q", text)
	}
	if diff := cmp.Diff([]int{2, 5, 6, 7, 10}, steps); diff != "" {
		t.Errorf("steps differ (- want, + got):\n%s", diff)
	}
	if got := decode(nil, a); got != nil {
		t.Errorf("read %v of nothing", got)
	}
}

func TestAlphabet(t *testing.T) {
	t.Parallel()
	const ten = "\u5341" // drawn as a plus
	const text = "a\n+\n" + ten + "\n：\n한\né\n→\nЖ\n"
	row := []float32{0.1, 0.1, 0.2, 0.9, 0.8, 0.7, 0.1, 0.1, 0.1, 0.1}
	for cjk, want := range map[bool]string{true: ten, false: "+"} {
		a := newAlphabet(text, cjk)
		if best, _ := a.likeliest(row); a.classes[best] != want || len(a.classes) != len(row) {
			t.Errorf("cjk %v: read %q of %q", cjk, a.classes[best], a.classes)
		}
		if n := len(a.read); cjk && n != 10 || !cjk && n != 7 {
			t.Errorf("cjk %v: %d classes are read", cjk, n)
		}
	}
}
