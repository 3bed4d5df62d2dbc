package robot

import (
	"testing"
	"time"

	"github.com/grokputer/grokputer/services/actor/internal/repeat"
)

func TestPace(t *testing.T) {
	p := pace{last: map[rune]time.Time{}}
	now := time.Unix(0, 0)
	for i, step := range []struct {
		after time.Duration // since the character before was typed
		r     rune
		want  time.Duration
	}{
		{0, '9', 0},
		{0, '9', repeat.Gap},
		{0, '8', 0},
		{100 * time.Millisecond, '9', repeat.Gap - 100*time.Millisecond},
		{0, 'l', 0},
		{0, 'l', 0},
		{time.Second, '9', 0},
		{0, 'ж', 0},
		{0, 'ж', 0},
		{0, 'a', 0},
		{50 * time.Millisecond, 'я', lending - 50*time.Millisecond},
		{lending, 'ж', 0},
		{0, '€', lending},
		{0, '€', repeat.Gap},
	} {
		now = now.Add(step.after)
		got := p.pause(step.r, now)
		if got != step.want {
			t.Errorf("step %d: %q waits %s, want %s", i, step.r, got, step.want)
		}
		now = now.Add(got)
	}
}
