package lm

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
)

func TestAvailableMemory(t *testing.T) {
	t.Parallel()
	const meminfo, status = "MemTotal: 9000 kB\nMemAvailable:    1000 kB\n", "VmRSS: 70 kB\nRssAnon:\t  50 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no such system": {nil, math.MaxInt64},
		"no groups":      {map[string]string{"proc/meminfo": meminfo, "proc/self/status": status}, 1050 << 10},
		"version 2": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n",
			"sys/fs/cgroup/a/b/memory.current": "1\n", "sys/fs/cgroup/a/memory.max": "400000\n",
			"sys/fs/cgroup/a/memory.current": "300000\n", "sys/fs/cgroup/a/memory.stat": "anon 1\ninactive_file 2000\n",
		}, 102000},
		"version 1": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "2:cpu:/x\n1:memory:/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "5000", "sys/fs/cgroup/memory/memory.usage_in_bytes": "7000",
		}, 0},
		"damaged": {map[string]string{"proc/meminfo": "MemAvailable: x\n", "proc/self/cgroup": "0:\n::\n"}, math.MaxInt64},
	} {
		root := t.TempDir()
		for file, content := range c.files {
			path := filepath.Join(root, file)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		if got := availableMemory(root); got != c.want {
			t.Errorf("%s: %d bytes, want %d", name, got, c.want)
		}
	}
}

// tinyTraining returns an engine on a tiny model of a feed-forward width, and an adapter to train.
func tinyTraining(t *testing.T, feedForward int) (*Engine, *lora.Adapter) {
	t.Helper()
	e, err := Open(t.Context(), lmtest.TinyModel(t, feedForward), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	a, err := e.NewAdapter(lora.DefaultConfig(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return e, a
}

// A training that does not fit is refused with the figures, and with settings that do.
func TestTrainingMemory(t *testing.T) {
	t.Parallel()
	e, a := tinyTraining(t, 48)
	data := train.Dataset{Train: []train.Example{{Prompt: make([]int32, 500), Completion: make([]int32, 10)}}}
	need, err := e.TrainingMemory(t.Context(), a, data, train.DefaultOptions())
	if err != nil || need < 16*parameters(a) {
		t.Fatalf("%d bytes, %v", need, err)
	}
	opts := train.DefaultOptions()
	if err := e.checkMemory(t.Context(), a, data, opts, need); err != nil {
		t.Errorf("what fits is refused: %v", err)
	}
	err = e.checkMemory(t.Context(), a, data, opts, 1000)
	if !errors.Is(err, ErrMemory) || !strings.Contains(err.Error(), "there are 0 MB; take shorter examples") {
		t.Errorf("1,000 bytes: %v", err)
	}
}

// Where the unpacked weights are what does not fit, the refusal names the setting that does without them.
func TestTrainingMemoryOnTheFly(t *testing.T) {
	t.Parallel()
	e, a := tinyTraining(t, 4800)
	data := train.Dataset{Train: []train.Example{{Prompt: make([]int32, 5), Completion: make([]int32, 10)}}}
	opts := train.DefaultOptions()
	for name, c := range map[string]struct {
		micro     int
		recompute bool
		want      string
	}{
		"as it is":            {16, true, "take an engine with DequantizeOnTheFly, which takes"},
		"and in small passes": {4096, false, "take an engine with DequantizeOnTheFly, and Recompute with MicroTokens "},
	} {
		opts.MicroTokens = 16
		opts.Recompute = true
		less, err := e.trainingMemory(t.Context(), true, a, data, opts)
		if err != nil {
			t.Fatal(err)
		}
		opts.MicroTokens, opts.Recompute = c.micro, c.recompute
		err = e.checkMemory(t.Context(), a, data, opts, less)
		if !errors.Is(err, ErrMemory) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
