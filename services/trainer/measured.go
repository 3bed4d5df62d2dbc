package trainer

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// heldOutTasks is the part of the tasks, one of so many, whose corrections are measured
// with and never trained on, once there are enough of them.
const heldOutTasks = 5

// apart holds out the sessions of some tasks, by a hash of the task: the same ones for every
// version. Where these have fewer corrected steps than enough, all are learned from, and each
// is left out in turn instead. Of the right steps at most so many are kept to measure with.
func apart(sessions []session, minBlame float64, enough, kept int) (learn []session, measured []Example) {
	var held steps
	var counts Counts
	for _, s := range sessions {
		if digest(s.Task)%heldOutTasks == 0 {
			held.add(s, minBlame, &counts)
		} else {
			learn = append(learn, s)
		}
	}
	held.distinct(&counts)
	if len(held.lessons) < enough {
		return sessions, nil
	}
	return learn, slices.Concat(inSet(gate.Corrections, held.lessons), inSet(gate.Kept, Kept(held.good, kept)))
}

// guards takes n steps of the starter's out of what is replayed, to measure with what was
// not forgotten: the same ones each time, so that no version has seen them since.
func guards(replay []Example, n int) (left, measured []Example) {
	hashes := make([]uint64, len(replay))
	byHash := make([]int, len(replay))
	for i, e := range replay {
		hashes[i], byHash[i] = digest(prompt.Render(e.State)), i
	}
	slices.SortStableFunc(byHash, func(a, b int) int { return cmp.Compare(hashes[a], hashes[b]) })
	guarded := make(map[uint64]bool, n)
	for _, i := range byHash[:min(n, len(byHash))] {
		guarded[hashes[i]] = true
		measured = append(measured, replay[i])
	}
	for i, e := range replay { // in their order, which the draw depends on
		if !guarded[hashes[i]] {
			left = append(left, e)
		}
	}
	return left, inSet(gate.Replay, measured)
}

// measure adds the steps of the gate's sets.
func (d *Dataset) measure(sets ...[]Example) {
	for _, set := range sets {
		d.Examples = append(d.Examples, set...)
		d.Measured += len(set)
	}
}

// inSet marks examples as measured with in one of the gate's sets.
func inSet(name gate.Name, examples []Example) []Example {
	marked := slices.Clone(examples)
	for i := range marked {
		marked[i].HeldOut, marked[i].Set = true, name
	}
	return marked
}

// digest is a number that looks drawn and is always the same for a text.
func digest(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:])
}
