package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Example is a prompt and what the model should answer, as token ids. The
// completion includes the token that ends the turn.
type Example struct {
	Prompt     []int32
	Completion []int32
}

// tokens is the length of the example in a batch: its last token is only a label,
// never an input.
func (e Example) tokens() int { return len(e.Prompt) + len(e.Completion) - 1 }

// Dataset is the examples of a run. HeldOut, which may be empty, is only ever
// evaluated on.
type Dataset struct {
	Train   []Example
	HeldOut []Example
}

func (d Dataset) check(microTokens int) error {
	if len(d.Train) == 0 {
		return fmt.Errorf("%w: there are no training examples", ErrInvalid)
	}
	if err := checkExamples("training", d.Train, microTokens); err != nil {
		return err
	}
	return checkExamples("held-out", d.HeldOut, microTokens)
}

func checkExamples(set string, examples []Example, microTokens int) error {
	for i, e := range examples {
		if len(e.Prompt) == 0 || len(e.Completion) == 0 {
			return fmt.Errorf("%w: %s example %d has %d prompt and %d completion tokens, want at least one of each", ErrInvalid, set, i, len(e.Prompt), len(e.Completion))
		}
		if e.tokens() > microTokens {
			return fmt.Errorf("%w: %s example %d has %d tokens, a micro-batch holds %d; raise MicroTokens or leave it out", ErrInvalid, set, i, e.tokens(), microTokens)
		}
	}
	return nil
}

// digest identifies the examples and their order.
func (d Dataset) digest() string {
	h := sha256.New()
	var b []byte
	for _, set := range [][]Example{d.Train, d.HeldOut} {
		b = binary.LittleEndian.AppendUint64(b[:0], uint64(len(set)))
		_, _ = h.Write(b) // a hash never fails
		for _, e := range set {
			b = b[:0]
			for _, ids := range [][]int32{e.Prompt, e.Completion} {
				b = binary.LittleEndian.AppendUint64(b, uint64(len(ids)))
				for _, id := range ids {
					b = binary.LittleEndian.AppendUint32(b, uint32(id))
				}
			}
			_, _ = h.Write(b)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
