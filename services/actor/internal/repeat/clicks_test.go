package repeat_test

import (
	"testing"
	"time"

	"github.com/grokputer/grokputer/services/actor/internal/repeat"
)

func TestClicks(t *testing.T) {
	t.Parallel()
	var c repeat.Clicks
	now := time.Unix(100, 0)
	if got := c.Rest(5, 5, now); got != 0 {
		t.Errorf("the first click waits %s", got)
	}
	c.Done(5, 5, now)
	for _, test := range []struct {
		x, y  int
		after time.Duration
		want  time.Duration
	}{
		{5, 5, 0, 600 * time.Millisecond},
		{7, 4, 100 * time.Millisecond, 500 * time.Millisecond},
		{5, 5, time.Second, 0},
		{50, 5, 0, 0},
		{5, -20, 0, 0},
	} {
		if got := c.Rest(test.x, test.y, now.Add(test.after)); got != test.want {
			t.Errorf("a click at %d,%d after %s waits %s, want %s", test.x, test.y, test.after, got, test.want)
		}
	}
}
