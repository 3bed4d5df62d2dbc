package registry

import (
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry/figures"
)

// An unrated session counts as long as its events are kept, whether or not the registry was
// restarted since.
func TestOldSessionsCountWhenTheyAreRated(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	old, fresh := now.Add(-contracts.TasksKept-time.Minute), now.Add(-contracts.TasksKept+time.Minute)
	l := newLedger()
	l.tasks["old"] = &entry{Session: figures.Session{Version: "v", Time: old}}
	l.tasks["old and rated"] = &entry{Session: figures.Session{Version: "v", Stars: 3, Time: old}}
	l.tasks["fresh"] = &entry{Session: figures.Session{Version: "v", Time: fresh}}
	l.tasks["deleted"] = &entry{deleted: true}
	if got := l.sessions(contracts.RolePlanner, now); len(got) != 2 {
		t.Errorf("%+v", got)
	}
	if len(l.tasks) != 3 || l.tasks["old"] != nil {
		t.Errorf("kept in memory: %v", l.tasks)
	}
}
