package spelling_test

import (
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob/spelling"
)

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"click", "clck", 1}, {"same", "same", 0}} {
		if got := spelling.Distance(test.a, test.b); got != test.want {
			t.Errorf("%q and %q differ by %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
