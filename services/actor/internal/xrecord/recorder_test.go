package xrecord_test

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/actor/internal/xrecord"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Marks come in the order in which they were made, with what the server says of them.
func TestRecorder(t *testing.T) {
	t.Parallel()
	s := kittest.Screen(t)
	authority := ""
	for _, kv := range s.Env() {
		if file, ok := strings.CutPrefix(kv, "XAUTHORITY="); ok {
			authority = file
		}
	}
	r := xrecord.Start(t, s.Display(), authority)
	r.Mark(t, 1)
	r.Mark(t, 2)
	events := r.AwaitMark(t, 2)
	if len(events) != 2 || events[0].Mark() != 1 || events[0].Time == 0 || events[1].Time < events[0].Time {
		t.Errorf("the events are %+v", events)
	}
}
