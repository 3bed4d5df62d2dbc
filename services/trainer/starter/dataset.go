package starter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/grokputer/grokputer/services/trainer"
)

// Dataset is the examples of a starter adapter.
type Dataset struct {
	Train []trainer.Example
	// HeldOut is from episodes of another seed, and never trained on.
	HeldOut []trainer.Example
}

// heldOutSeed tells the held-out episodes' seed from the trained ones'.
const heldOutSeed = 0x9e3779b97f4a7c15

// Draw returns a dataset of generated steps, and all the recorded ones for
// training. Episodes are kept whole, so there can be a few steps more than
// asked for.
func Draw(seed uint64, trained, heldOut int, recorded []trainer.Example) Dataset {
	return Dataset{
		Train:   append(steps(New(seed), trained), recorded...),
		HeldOut: steps(New(seed^heldOutSeed), heldOut),
	}
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
