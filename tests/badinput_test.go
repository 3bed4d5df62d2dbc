package tests

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
)

// A model or an adapter that cannot be used rejects the tasks with a sentence,
// and everything else goes on.
func TestUnusableModel(t *testing.T) {
	t.Parallel()
	model := modelFile(t)
	beginning := read1MB(t, model)
	for name, c := range map[string]struct {
		flags func(t *testing.T, dir string) []string
		says  []string
	}{
		"no model": {
			func(_ *testing.T, dir string) []string { return []string{"--model", filepath.Join(dir, "none.gguf")} },
			[]string{"none.gguf", "no such file", "grokputer models pull"},
		},
		"truncated": {
			func(t *testing.T, dir string) []string {
				return []string{"--model", write(t, filepath.Join(dir, "cut.gguf"), beginning)}
			},
			[]string{"cut.gguf", "grokputer models pull"},
		},
		"wrong hash": {
			func(t *testing.T, dir string) []string {
				return []string{"--model", write(t, filepath.Join(dir, filepath.Base(model)), beginning), "--adapter", "none"}
			},
			[]string{"sha256", digest(beginning), "grokputer models pull"},
		},
		"adapter for another shape": {
			func(t *testing.T, dir string) []string {
				return []string{"--model", model, "--adapter", foreignAdapter(t, filepath.Join(dir, "foreign"), 64, "")}
			},
			[]string{"the adapter foreign", "another base", "[2 64]", "576"},
		},
		"adapter for another base": {
			func(t *testing.T, dir string) []string {
				return []string{"--model", model, "--adapter", foreignAdapter(t, filepath.Join(dir, "foreign"), 576, digest(beginning))}
			},
			[]string{"the adapter foreign", "another base", digest(beginning)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.args = append(h.args, c.flags(t, h.dir)...)
			up := h.up()
			out := h.run(1, "run", "greet").text()
			for _, text := range append(c.says, "rejected") {
				if !strings.Contains(out, text) {
					t.Errorf("it does not say %q:\n%s", text, out)
				}
			}
			h.run(0, "stop") // the services are there
			up.interrupt()
		})
	}
}

// foreignAdapter writes an adapter for a model with so many inputs, and for a
// base file with this digest.
func foreignAdapter(t *testing.T, dir string, inputs int, base string) string {
	t.Helper()
	dims := lora.Dims{Layers: 1}
	for i := range dims.Shapes {
		dims.Shapes[i] = lora.Shape{In: inputs, Out: inputs}
	}
	config := lora.DefaultConfig()
	config.Rank, config.Targets = 2, config.Targets[:1]
	adapter, err := lora.New(config, dims, 1)
	if err == nil {
		_, err = lora.Save(dir, adapter, lora.SaveOptions{Metadata: lora.Metadata{BaseModel: "another", BaseSHA256: base}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// Without the display that it was told to use, the program says so.
func TestNoDisplay(t *testing.T) {
	t.Parallel()
	h := newHome(t, append(scripted(t, inTurn("done")), "--display", ":64999", "--yes")...)
	up := h.up()
	out := h.run(1, "run", "greet").text()
	for _, text := range []string{"rejected", ":64999"} {
		if !strings.Contains(out, text) {
			t.Errorf("it does not say %q:\n%s", text, out)
		}
	}
	h.run(0, "stop")
	up.interrupt()
	none(t, h)
}

func read1MB(t *testing.T, file string) []byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func write(t *testing.T, file string, body []byte) string {
	t.Helper()
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
