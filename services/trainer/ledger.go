package trainer

import (
	"cmp"
	"slices"
	"sync"

	"github.com/grokputer/grokputer/contracts"
)

// ledger is what the FEEDBACK stream says: the newest rating of each session that
// was not deleted. The same event may be added more than once. It is safe for
// concurrent use.
type ledger struct {
	mu      sync.Mutex
	newest  map[string]entry // by task
	deleted map[string]uint64
	last    uint64 // the sequence of the newest event that was added
}

// entry is a rating and where it stands in the stream.
type entry struct {
	contracts.FeedbackSubmitted

	sequence uint64
}

func newLedger() *ledger {
	return &ledger{newest: map[string]entry{}, deleted: map[string]uint64{}}
}

// rate adds a rating.
func (l *ledger) rate(sequence uint64, f contracts.FeedbackSubmitted) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = max(l.last, sequence)
	if l.deleted[f.TaskID] > sequence || l.newest[f.TaskID].sequence > sequence {
		return
	}
	l.newest[f.TaskID] = entry{f, sequence}
}

// forget takes a deleted session out.
func (l *ledger) forget(sequence uint64, taskID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = max(l.last, sequence)
	l.deleted[taskID] = max(l.deleted[taskID], sequence)
	if l.newest[taskID].sequence < sequence {
		delete(l.newest, taskID)
	}
}

// ratings returns the newest rating of each session, the oldest first, and the
// sequence of the last event that is known.
func (l *ledger) ratings() (list []entry, last uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.newest {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.sequence, b.sequence) })
	return list, l.last
}
