package lm_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
)

// Completions go on, each with one whole adapter, while adapters are swapped and
// another is trained.
func TestSwapWhileServing(t *testing.T) {
	t.Parallel()
	e := open(t, tiny(t, 48), lm.Options{})
	data := lessons(t, e)
	a, b := newAdapter(t, e, 1), newAdapter(t, e, 2)
	opts := fitting()
	opts.Epochs = 10
	for _, x := range []*lora.Adapter{a, b} {
		if _, err := e.Train(t.Context(), x, train.Dataset{Train: data.Train[:4]}, opts); err != nil {
			t.Fatal(err)
		}
		data.Train = data.Train[4:]
	}
	data = lessons(t, e)
	say := func(name string) string {
		res, err := e.Generate(t.Context(), user("a ok"), lm.GenerateOptions{Adapter: name, MaxTokens: 8})
		if err != nil {
			t.Error(err)
		}
		return res.Text
	}
	for name, x := range map[string]*lora.Adapter{"a": a, "b": b} {
		if err := e.AddAdapter(name, x); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]bool{say("a"): true, say("b"): true, say(lm.NoAdapter): true}
	if len(want) != 3 {
		t.Fatalf("the adapters say the same: %v", want)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := e.Train(t.Context(), newAdapter(t, e, 3), data, opts); err != nil {
			t.Error(err)
		}
	})
	wg.Go(func() {
		for i := range 60 {
			if err := e.Use([]string{"a", "b", lm.NoAdapter}[i%3]); err != nil {
				t.Error(err)
			}
		}
	})
	for range 2 {
		wg.Go(func() {
			for range 20 {
				if got := say(""); !want[got] {
					t.Errorf("said %q, which no adapter says", got)
				}
			}
		})
	}
	wg.Wait()
	if err := e.Use("b"); err != nil {
		t.Fatal(err)
	}
	list := e.Adapters()
	if len(list) != 2 || list[0].Name != "a" || list[0].Current || !list[1].Current || list[1].Rank != 8 {
		t.Errorf("adapters %+v", list)
	}
	e.RemoveAdapter("b")
	if got, base := say(""), say(lm.NoAdapter); got != base {
		t.Errorf("after the current adapter was removed: %q, the base says %q", got, base)
	}
	for name, err := range map[string]error{
		"use":      e.Use("b"),
		"name":     e.AddAdapter(lm.NoAdapter, a),
		"no name":  e.AddAdapter("", a),
		"generate": second(e.Generate(t.Context(), user("x"), lm.GenerateOptions{Adapter: "b"})),
		"score":    second(e.Score(t.Context(), user("x"), []string{"y"}, "b")),
	} {
		if !errors.Is(err, lm.ErrAdapter) {
			t.Errorf("%s: got %v, want ErrAdapter", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestAdapterOfAnotherBase(t *testing.T) {
	t.Parallel()
	e, wide := open(t, tiny(t, 48), lm.Options{}), open(t, tiny(t, 64), lm.Options{})
	dir := filepath.Join(t.TempDir(), "v1")
	if _, err := wide.SaveAdapter(dir, newAdapter(t, wide, 1), "", lora.Metadata{}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.LoadAdapter("v1", dir, ""); !errors.Is(err, lora.ErrMismatch) {
		t.Errorf("load: got %v, want ErrMismatch", err)
	}
	if err := os.Remove(filepath.Join(dir, lora.MetadataFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := e.LoadAdapter("v1", dir, ""); !errors.Is(err, lora.ErrMismatch) || !strings.Contains(err.Error(), "gate_proj") && !strings.Contains(err.Error(), "down_proj") {
		t.Errorf("load without metadata: got %v, want ErrMismatch that names the tensor", err)
	}
	if err := e.AddAdapter("v1", newAdapter(t, wide, 1)); !errors.Is(err, lora.ErrMismatch) {
		t.Errorf("add: got %v, want ErrMismatch", err)
	}
	if _, err := e.SaveAdapter(dir+"2", newAdapter(t, wide, 1), "", lora.Metadata{}); !errors.Is(err, lora.ErrMismatch) {
		t.Errorf("save: got %v, want ErrMismatch", err)
	}
	if _, err := wide.LoadAdapter("v1", dir, "00"); !errors.Is(err, lora.ErrDigest) {
		t.Errorf("digest: got %v, want ErrDigest", err)
	}
}
