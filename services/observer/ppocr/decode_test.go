package ppocr

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	classes := []string{"", "a", "b", " "}
	step := func(class int, p float32) []float32 {
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
	for _, c := range decode(y, classes) {
		text += c.text
		steps = append(steps, c.step)
	}
	if text != "aab b" {
		t.Errorf("read %q", text)
	}
	if diff := cmp.Diff([]int{2, 5, 6, 7, 10}, steps); diff != "" {
		t.Errorf("steps differ (- want, + got):\n%s", diff)
	}
	if got := decode(nil, classes); got != nil {
		t.Errorf("read %v of nothing", got)
	}
}
