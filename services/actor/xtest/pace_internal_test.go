package xtest

import (
	"testing"
	"time"

	"github.com/grokputer/grokputer/services/actor/internal/repeat"
)

func TestPace(t *testing.T) {
	t.Parallel()
	p := pace{}
	now := time.Unix(0, 0)
	for i, step := range []struct {
		after time.Duration // since the character before
		r     rune
		want  time.Duration
	}{
		{0, '9', 0},
		{0, '9', repeat.Gap},
		{repeat.Gap, '8', 0},
		{100 * time.Millisecond, '9', repeat.Gap - 100*time.Millisecond},
		{0, 'l', 0},
		{0, 'l', 0},
		{time.Second, '9', 0},
	} {
		now = now.Add(step.after)
		if got := p.pause(step.r, now); got != step.want {
			t.Errorf("step %d: %q waits %s, want %s", i, step.r, got, step.want)
		}
	}
}
