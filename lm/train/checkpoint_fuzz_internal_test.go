package train

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
)

// FuzzCheckpoint changes a checkpoint and, since its digest would stop nearly every
// change, gives it the right one again.
func FuzzCheckpoint(f *testing.F) {
	path := filepath.Join(f.TempDir(), "step.ckpt")
	d := lora.Dims{Layers: 1}
	for m := range d.Shapes {
		d.Shapes[m] = lora.Shape{In: 2, Out: 2}
	}
	a, err := lora.New(lora.Config{Rank: 1, Alpha: 1, Targets: []lora.Module{lora.Query}}, d, 1)
	if err != nil {
		f.Fatal(err)
	}
	h := header{Run: map[string]any{"base": "x", "rank": 1}, Arrays: []string{"a [1, 2]"}}
	if err := writeCheckpoint(path, h, []*lora.Adapter{a}); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole, false)
	f.Add(whole[:len(whole)-sha256.Size], true)
	f.Add([]byte(magic+"\xff\xff\xff\xff{}"), true)
	f.Fuzz(func(t *testing.T, content []byte, sealed bool) {
		if sealed {
			sum := sha256.Sum256(content)
			content = append(slices.Clip(content), sum[:]...)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var arrays elements
		var err error
		lmtest.Bounded(t, len(content), func() { _, arrays, err = readCheckpoint(path) })
		if err == nil {
			err = arrays.fill([]*lora.Adapter{a.Clone()})
		}
		if err != nil && !errors.Is(err, ErrTorn) && !errors.Is(err, ErrOtherRun) {
			t.Errorf("an error without a sentinel: %v", err)
		}
	})
}
