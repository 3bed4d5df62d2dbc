package experiment

import (
	"crypto/sha256"
	"encoding/binary"
)

// Arm is one side of an experiment.
type Arm string

// The arms.
const (
	Champion   Arm = "champion"   // the version in use
	Challenger Arm = "challenger" // the version that may take its place
)

// Assign returns the arm of a task: the challenger for a share of all tasks, between 0
// and 1. The same task always gets the same arm at the same share, and at a
// greater one no task leaves the challenger.
func Assign(experiment, task string, share float64) Arm {
	// The lengths differ where the names do, or the hash does: "a"+"bc" is not "ab"+"c".
	sum := sha256.Sum256([]byte(experiment + "\x00" + task))
	// 53 bits are what a float64 holds exactly.
	if u := float64(binary.BigEndian.Uint64(sum[:8])>>11) / (1 << 53); u < share {
		return Challenger
	}
	return Champion
}
