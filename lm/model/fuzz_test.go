package model_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/model"
)

// FuzzOpen changes the metadata and the tensor table of tiny GGUF files: what opens also computes, and what
// does not says why.
func FuzzOpen(f *testing.F) {
	var data []byte

	for _, net := range []*tiny{newTiny(1), newTinyOf(2, "llama", 3), newTinyOf(3, "qwen2", 0), newTinyOf(4, "qwen3", 0)} {
		size := 0
		for _, t := range net.file.tensors {
			size += len(t.Data) + -len(t.Data)&31
		}

		whole := net.file.bytes()
		f.Add(whole[:len(whole)-size])

		data = append(slices.Clone(whole[len(whole)-size:]), make([]byte, 1024)...)
	}

	known := []error{
		gguf.ErrTruncated, gguf.ErrFormat, gguf.ErrUnsupported, gguf.ErrMissing, gguf.ErrKind,
		model.ErrUnsupported, model.ErrMalformed,
	}

	f.Fuzz(func(t *testing.T, head []byte) {
		path := filepath.Join(t.TempDir(), "fuzzed.gguf")
		if err := os.WriteFile(path, append(slices.Clip(head), data...), 0o600); err != nil {
			t.Fatal(err)
		}

		m, err := model.Open(t.Context(), path, model.Options{Threads: 1})
		if err != nil {
			for _, k := range known {
				if errors.Is(err, k) {
					return
				}
			}

			t.Fatalf("an error of no known kind: %v", err)
		}

		// A longer cache would be as large as the file says.
		c := m.NewCache(4)
		logits := make([]float32, m.Config().Vocab)

		if err := m.Forward(t.Context(), c, nil, make([]int32, min(2, m.Config().Context)), logits); err != nil {
			t.Errorf("what Open took can't be computed: %v", err)
		}

		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
}
