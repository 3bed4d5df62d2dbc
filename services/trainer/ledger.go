package trainer

import (
	"cmp"
	"slices"
	"sync"

	"github.com/grokputer/grokputer/contracts"
)

// ledger is what the FEEDBACK stream says: the ratings of each session that was not
// deleted. The same event may be added more than once, and events in any order. It is
// safe for concurrent use.
type ledger struct {
	mu      sync.Mutex
	rated   map[string][]entry // by task
	deleted map[string]uint64
	last    uint64 // the sequence of the newest event that was added
}

// entry is a rating and where it stands in the stream.
type entry struct {
	contracts.FeedbackSubmitted

	sequence uint64
}

func newLedger() *ledger {
	return &ledger{rated: map[string][]entry{}, deleted: map[string]uint64{}}
}

// rate adds a rating.
func (l *ledger) rate(sequence uint64, f contracts.FeedbackSubmitted) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = max(l.last, sequence)
	known := slices.ContainsFunc(l.rated[f.TaskID], func(e entry) bool { return e.sequence == sequence })
	if known || l.deleted[f.TaskID] > sequence {
		return
	}
	l.rated[f.TaskID] = append(l.rated[f.TaskID], entry{f, sequence})
}

// forget takes a deleted session out.
func (l *ledger) forget(sequence uint64, taskID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = max(l.last, sequence)
	l.deleted[taskID] = max(l.deleted[taskID], sequence)
	l.rated[taskID] = slices.DeleteFunc(l.rated[taskID], func(e entry) bool { return e.sequence < sequence })
}

// ratings returns the newest rating of each session, the oldest first, and the
// sequence of the last event that is known.
func (l *ledger) ratings() (list []entry, last uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.through(l.last), l.last
}

// ratingsThrough returns what ratings did when the event with that sequence was the last,
// but for the sessions that were deleted since: whenever it is asked, the same.
func (l *ledger) ratingsThrough(sequence uint64) []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.through(sequence)
}

// through is for callers that hold the lock.
func (l *ledger) through(sequence uint64) (list []entry) {
	for _, rated := range l.rated {
		newest := entry{}
		for _, e := range rated {
			if e.sequence <= sequence && e.sequence >= newest.sequence {
				newest = e
			}
		}
		if newest.TaskID != "" {
			list = append(list, newest)
		}
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.sequence, b.sequence) })
	return list
}
