package starter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"

	"github.com/grokputer/grokputer/services/trainer"
)

// Dataset is the examples of a starter adapter.
type Dataset struct {
	Train []trainer.Example
	// HeldOut is from episodes of another seed, and HeldOutRecorded are recorded
	// sessions, chosen by their task. Neither is ever trained on.
	HeldOut, HeldOutRecorded []trainer.Example
}

// heldOutSeed tells the held-out episodes' seed from the trained ones'.
const heldOutSeed = 0x9e3779b97f4a7c15

// heldOutShare is how many recorded sessions there are to one that is held out.
const heldOutShare = 40

// Draw returns a dataset of generated steps and of the recorded ones. Episodes are kept
// whole, so there can be a few steps more than asked for.
func Draw(seed uint64, trained, heldOut int, recorded []trainer.Example) Dataset {
	d := Dataset{Train: steps(New(seed), trained), HeldOut: steps(New(seed^heldOutSeed), heldOut)}
	for _, step := range recorded {
		if isHeldOut(step.State.Task) {
			d.HeldOutRecorded = append(d.HeldOutRecorded, step)
		} else {
			d.Train = append(d.Train, step)
		}
	}
	return d
}

// isHeldOut goes by the task alone: what was recorded of it twice is on one side.
func isHeldOut(task string) bool {
	h := fnv.New64a()
	_, _ = h.Write([]byte(task)) // it never fails
	return h.Sum64()%heldOutShare == 0
}

func steps(g *Generator, least int) []trainer.Example {
	examples := make([]trainer.Example, 0, least)
	for len(examples) < least {
		examples = append(examples, g.Episode()...)
	}
	return examples
}

// Digest is the sha256 of the training examples, in hex: equal datasets have
// equal digests.
func (d Dataset) Digest() (string, error) {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, e := range d.Train {
		if err := enc.Encode(e); err != nil {
			return "", fmt.Errorf("digest of the dataset: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
