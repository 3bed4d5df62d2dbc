package lm_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
	"github.com/grokputer/grokputer/lm/train"
)

// taught are adapters that say different things, each trained on other lessons.
func taught(t *testing.T, e *lm.Engine, n int) []*lora.Adapter {
	t.Helper()
	data, opts := lessons(t, e), fitting()
	opts.Epochs = 15
	list := make([]*lora.Adapter, n)
	for i := range list {
		list[i] = newAdapter(t, e, uint64(i+1))
		part := train.Dataset{Train: data.Train[2*i : 2*i+2]}
		if _, err := e.Train(t.Context(), list[i], part, opts); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func say(t *testing.T, e *lm.Engine, adapter string) string {
	t.Helper()
	res, err := e.Generate(t.Context(), user("a ok"), lm.GenerateOptions{Adapter: adapter, MaxTokens: 8})
	if err != nil {
		t.Error(err)
	}
	return res.Text
}

// Each completion is made with one whole adapter, or fails because there is none of that
// name, while folders and files are loaded under that name, stacked and removed.
func TestSwapAndRemoveWhileServing(t *testing.T) {
	t.Parallel()
	e := open(t, tiny(t, 48), lm.Options{})
	list := taught(t, e, 2)
	paths := []string{filepath.Join(t.TempDir(), "folder"), filepath.Join(t.TempDir(), "file.gguf")}
	want := map[string]bool{say(t, e, lm.NoAdapter): true}
	for i, path := range paths {
		if _, err := e.SaveAdapter(path, list[i], "", lora.Metadata{}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.LoadAdapter("fixed", path, ""); err != nil {
			t.Fatal(err)
		}
		want[say(t, e, "fixed")] = true
	}
	if len(want) != 3 {
		t.Fatalf("the adapters say the same: %v", want)
	}
	done := make(chan struct{})
	var swaps, serving sync.WaitGroup
	var answered [2]atomic.Int32
	// Swapping goes on until both have been answered, however late they get their turn.
	waiting := func() bool { return !t.Failed() && (answered[0].Load() == 0 || answered[1].Load() == 0) }
	for worker, path := range paths {
		swaps.Go(func() {
			for i := 0; i < 40 || waiting(); i++ {
				if _, err := e.LoadAdapter("swapped", path, ""); err != nil {
					t.Error(err)
				}
				if err := e.AddStack(fmt.Sprintf("stack%d", worker), lm.Part{Adapter: "fixed", Weight: 1}); err != nil {
					t.Error(err)
				}
				if i%3 == 2 {
					e.RemoveAdapter("swapped")
				}
				if err := e.Use("fixed"); err != nil {
					t.Error(err)
				}
				_ = e.Adapters()
			}
		})
	}
	for worker := range answered {
		serving.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				name := []string{"swapped", ""}[worker]
				res, err := e.Generate(t.Context(), user("a ok"), lm.GenerateOptions{Adapter: name, MaxTokens: 8})
				if err == nil && !want[res.Text] || err != nil && (name == "" || !errors.Is(err, lm.ErrAdapter)) {
					t.Errorf("%q said %q, %v", name, res.Text, err)
					return
				}
				answered[worker].Add(1)
			}
		})
	}
	swaps.Wait()
	close(done)
	serving.Wait()
	if a, b := answered[0].Load(), answered[1].Load(); a == 0 || b == 0 {
		t.Errorf("answered %d and %d", a, b)
	}
}

// An adapter says the same from a folder, a file and memory; other bases refuse it.
func TestAdapterFiles(t *testing.T) {
	t.Parallel()
	e := open(t, tiny(t, 48), lm.Options{})
	a := taught(t, e, 1)[0]
	if err := e.AddAdapter("memory", a); err != nil {
		t.Fatal(err)
	}
	want := say(t, e, "memory")
	if want == say(t, e, lm.NoAdapter) {
		t.Fatal("the adapter changes nothing")
	}
	other := open(t, tiny(t, 64), lm.Options{})
	for name, dtype := range map[string]safetensors.DType{"folder": "", "brain": safetensors.BF16, "f32.gguf": "", "f16.gguf": safetensors.F16} {
		path := filepath.Join(t.TempDir(), name)
		saved, err := e.SaveAdapter(path, a, dtype, lora.Metadata{CreatedBy: "test"})
		if err != nil {
			t.Fatal(err)
		}
		read, err := e.LoadAdapter(name, path, saved.AdapterSHA256)
		if err != nil {
			t.Fatal(err)
		}
		if read.BaseModel != "tiny" || read.BaseSHA256 != e.Info().SHA256 || read.CreatedBy != "test" {
			t.Errorf("%s: metadata %+v", name, read)
		}
		if got := say(t, e, name); got != want {
			t.Errorf("%s says %q, want %q", name, got, want)
		}
		if _, err := other.LoadAdapter(name, path, ""); !errors.Is(err, lora.ErrMismatch) {
			t.Errorf("%s on another base: got %v", name, err)
		}
	}
}

func TestAddStack(t *testing.T) {
	t.Parallel()
	e := open(t, tiny(t, 48), lm.Options{})
	for i, a := range taught(t, e, 2) {
		if err := e.AddAdapter([]string{"a", "b"}[i], a); err != nil {
			t.Fatal(err)
		}
	}
	for name, parts := range map[string][]lm.Part{
		"is a":     {{"a", 1}},
		"is b":     {{"a", 1}, {"b", 1}, {"a", -1}},
		"is none":  {{"a", 1}, {"a", -1}},
		"halves b": {{"b", 0.5}, {"b", 0.5}},
	} {
		if err := e.AddStack(name, parts...); err != nil {
			t.Fatal(err)
		}
		part := name[strings.LastIndex(name, " ")+1:]
		if got, want := say(t, e, name), say(t, e, part); got != want {
			t.Errorf("%q says %q, %q says %q", name, got, part, want)
		}
	}
	list := e.Adapters()
	if i := 3; len(list) != 6 || list[i].Name != "is a" || list[i].Rank != 8 || list[i].Metadata.Notes["stack"] != "1 x a" {
		t.Errorf("adapters %+v", list)
	}
	for name, err := range map[string]error{
		"unknown": e.AddStack("x", lm.Part{Adapter: "c", Weight: 1}),
		"base":    e.AddStack("x", lm.Part{Adapter: lm.NoAdapter, Weight: 1}),
		"current": e.AddStack("x", lm.Part{Weight: 1}),
		"name":    e.AddStack(lm.NoAdapter, lm.Part{Adapter: "a", Weight: 1}),
	} {
		if !errors.Is(err, lm.ErrAdapter) {
			t.Errorf("%s: got %v, want ErrAdapter", name, err)
		}
	}
	if err := e.AddStack("x"); !errors.Is(err, lora.ErrInvalid) {
		t.Errorf("no parts: got %v", err)
	}
}
