//go:build linux

package gpu_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu"
	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/model"
)

// What does not fit is refused, and what does can be had afterwards.
func TestOutOfMemory(t *testing.T) {
	t.Parallel()

	if !inChild(t, "STANDIN_MEMORY=24M") {
		return
	}

	b := standIn(t, driver.HIP, compute.Fast)
	defer closing(t, b)

	if _, err := b.Alloc(1<<13, 1<<10); !errors.Is(err, compute.ErrMemory) {
		t.Errorf("32 MiB on a card of 24: %v, want ErrMemory", err)
	}

	err := b.Run(t.Context(), func(o compute.Ops) error {
		o.Scratch(1<<13, 1<<10)

		return o.Err()
	})
	if !errors.Is(err, compute.ErrMemory) {
		t.Errorf("scratch: %v, want ErrMemory", err)
	}

	kept, err := b.Alloc(1<<12, 1<<10)
	if err != nil {
		t.Fatalf("16 MiB after what did not fit: %v", err)
	}

	b.Free(kept)

	if _, err := b.Alloc(1<<12, 1<<10); err != nil {
		t.Errorf("16 MiB that were given back: %v", err)
	}
}

// A fault of the card is an error of the call that met it, and of those that follow.
func TestFault(t *testing.T) {
	t.Parallel()

	if !inChild(t, "STANDIN_FAULT=hipModuleLaunchKernel:30+=719") {
		return
	}

	m, err := model.Open(t.Context(), lmtest.TinyModel(t, 48), model.Options{Backend: standIn(t, driver.HIP, compute.Fast)})
	if err != nil {
		t.Fatal(err)
	}

	logits := make([]float32, m.Config().Vocab)
	if err := m.Forward(t.Context(), m.NewCache(8), nil, []int32{1, 2, 3}, logits); !errors.Is(err, driver.ErrDevice) {
		t.Errorf("%v, want a fault of the card", err)
	}

	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

// Kernels are compiled once for a card, and anew if what is kept of them is damaged.
func TestKeepsKernels(t *testing.T) {
	t.Parallel()

	log := filepath.Join(t.TempDir(), "calls")
	if !inChild(t, "STANDIN_LOG="+log) {
		return
	}

	folder, err := standin.Build()
	if err != nil {
		t.Fatal(err)
	}

	options := gpu.Options{Kind: driver.HIP, Search: []string{folder}, Cache: t.TempDir()}
	compiled := func() int {
		t.Helper()

		b, err := gpu.New(options)
		if err != nil {
			t.Fatal(err)
		}

		closing(t, b)

		calls, err := os.ReadFile(os.Getenv("STANDIN_LOG"))
		if err != nil {
			t.Fatal(err)
		}

		return strings.Count(string(calls), "hiprtcCompileProgram")
	}

	if first, second := compiled(), compiled(); first != 1 || second != 1 {
		t.Errorf("compiled %d times by the first start and %d by the second, want 1 in all", first, second)
	}

	files, err := filepath.Glob(filepath.Join(options.Cache, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the cache holds %v, %v; want a file", files, err)
	}

	if err := os.WriteFile(files[0], []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}

	if again, afterwards := compiled(), compiled(); again != 2 || afterwards != 2 {
		t.Errorf("with a damaged file compiled %d times, and then %d, want 2 and 2", again, afterwards)
	}

	options.Cache = filepath.Join(files[0], "no folder")
	if without := compiled(); without != 3 {
		t.Errorf("without a cache compiled %d times, want 3", without)
	}
}

// A library that is missing is named.
func TestMissing(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	if err := standin.Install(dir, standin.HIP); err != nil {
		t.Fatal(err)
	}

	_, err := gpu.New(gpu.Options{Kind: driver.HIP, Search: []string{dir}, Only: true})

	var missing *driver.MissingError
	if !errors.As(err, &missing) || missing.Install == "" {
		t.Errorf("without hipRTC: %v, want what to install", err)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()

	b := standIn(t, driver.CUDA, compute.Fast)

	kept, err := b.Alloc(3, 5)
	if err != nil {
		t.Fatal(err)
	}

	closing(t, b)
	closing(t, b)
	b.Free(kept)
	b.Forget(1)

	if err := b.Run(t.Context(), func(compute.Ops) error { return nil }); !errors.Is(err, compute.ErrClosed) {
		t.Errorf("Run: %v, want ErrClosed", err)
	}

	if _, err := b.Alloc(1, 1); !errors.Is(err, compute.ErrClosed) {
		t.Errorf("Alloc: %v, want ErrClosed", err)
	}
}

func closing(t *testing.T, b *gpu.Backend) {
	t.Helper()

	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

// The stand-in finds its own files, whichever way a process came to it first.
func TestStandInOfAFolderThatIsGone(t *testing.T) {
	t.Parallel()

	if !inChild(t) {
		return
	}

	dir := t.TempDir()
	if err := standin.Install(dir, standin.AMD()...); err != nil {
		t.Fatal(err)
	}

	if _, err := driver.Open(driver.HIP, driver.Options{Search: []string{dir}, Only: true}); err != nil {
		t.Fatal(err)
	}

	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}

	closing(t, standIn(t, driver.HIP, compute.Fast))
}
