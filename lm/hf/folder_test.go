package hf_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/hf"
	"github.com/grokputer/grokputer/lm/safetensors"
)

const config = `{"model_type":"llama","hidden_size":4}`

// dir writes files of that content.
func dir(tb testing.TB, files map[string]string) string {
	tb.Helper()

	path := tb.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(path, name), []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}

	return path
}

// weights is a safetensors file with one tensor of one number for each name.
func weights(tb testing.TB, names ...string) string {
	tb.Helper()

	var tensors []safetensors.Tensor
	for i, name := range names {
		tensors = append(tensors, safetensors.NewF32(name, []int{1}, []float32{float32(i)}))
	}

	path := filepath.Join(tb.TempDir(), "x")
	if err := safetensors.Write(path, tensors, nil); err != nil {
		tb.Fatal(err)
	}

	content, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}

	return string(content)
}

func index(places ...string) string {
	var entries []string
	for i := 0; i < len(places); i += 2 {
		entries = append(entries, fmt.Sprintf("%q:%q", places[i], places[i+1]))
	}

	return `{"metadata":{"total_size":8},"weight_map":{` + strings.Join(entries, ",") + "}}"
}

func TestOpen(t *testing.T) {
	t.Parallel()

	one, two := "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"

	for name, c := range map[string]struct {
		files map[string]string
		used  []string
	}{
		"one file": {
			map[string]string{"config.json": config, "model.safetensors": weights(t, "a", "b"), "README.md": "text"},
			[]string{"config.json", "model.safetensors"},
		},
		"several files": {
			map[string]string{
				"config.json": config, "model.safetensors.index.json": index("a", two, "b", one),
				one: weights(t, "b", "not in the index"), two: weights(t, "a"),
			},
			[]string{"config.json", one, two, "model.safetensors.index.json"},
		},
	} {
		f, err := hf.Open(dir(t, c.files))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}

		var tensors []string
		for _, tensor := range f.Tensors() {
			tensors = append(tensors, tensor.Name)
		}

		if !slices.Equal(tensors, []string{"a", "b"}) || f.Config().Hidden != 4 {
			t.Errorf("%s: tensors %q, hidden size %d", name, tensors, f.Config().Hidden)
		}

		if got := f.Files(); !slices.Equal(got, c.used) {
			t.Errorf("%s: files %q, want %q", name, got, c.used)
		}

		if err := f.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()

	good := map[string]string{
		"config.json": config, "model.safetensors.index.json": index("a", "1.safetensors"), "1.safetensors": weights(t, "a"),
	}

	with := func(name, content string) map[string]string {
		files := maps.Clone(good)
		files[name] = content

		return files
	}
	without := func(name string) map[string]string {
		files := maps.Clone(good)
		delete(files, name)

		return files
	}

	for name, c := range map[string]struct {
		files map[string]string
		want  error
		says  string
	}{
		"nothing":         {nil, os.ErrNotExist, "config.json"},
		"no weights":      {map[string]string{"config.json": config, "pytorch_model.bin": "x"}, os.ErrNotExist, "safe_serialization=True"},
		"bad config":      {with("config.json", "{"), hf.ErrFormat, "config.json"},
		"huge config":     {with("config.json", strings.Repeat(" ", 17<<20)), hf.ErrFormat, "at most"},
		"bad index":       {with("model.safetensors.index.json", "{"), hf.ErrFormat, "index"},
		"empty index":     {with("model.safetensors.index.json", "{}"), hf.ErrFormat, "weight_map"},
		"missing part":    {without("1.safetensors"), os.ErrNotExist, `"1.safetensors"`},
		"missing tensor":  {with("1.safetensors", weights(t, "b")), hf.ErrFormat, `tensor "a" is not in 1.safetensors`},
		"damaged weights": {with("1.safetensors", "{}"), safetensors.ErrTruncated, "1.safetensors"},
	} {
		f, err := hf.Open(dir(t, c.files))
		if err == nil {
			_ = f.Close()
		}

		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v with %q", name, err, c.want, c.says)
		}
	}

	if _, err := hf.Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
}

// An index comes from elsewhere: it cannot make us read outside of its folder.
func TestIndexStaysInItsFolder(t *testing.T) {
	t.Parallel()

	for _, file := range []string{
		"", ".", "..", "../1.safetensors", "/etc/1.safetensors", "sub/1.safetensors", `..\1.safetensors`, `C:\1.safetensors`,
		"1.bin", "./1.safetensors", "sub/../1.safetensors",
	} {
		if _, err := hf.ParseIndex([]byte(index("a", file))); !errors.Is(err, hf.ErrFormat) {
			t.Errorf("%q: %v, want ErrFormat", file, err)
		}
	}

	places, err := hf.ParseIndex([]byte(index("a", "1.safetensors", "b", "model-2.safetensors")))
	if err != nil || len(places) != 2 || places["b"] != "model-2.safetensors" {
		t.Errorf("a good index: %v, %v", places, err)
	}
}

func FuzzParseIndex(f *testing.F) {
	f.Add([]byte(index("a", "model-00001-of-00002.safetensors", "b", "../x.safetensors")))
	f.Add([]byte(`{"weight_map":{"a":"b.safetensors","a":"c.safetensors"}}`))

	f.Fuzz(func(t *testing.T, data []byte) {
		places, err := hf.ParseIndex(data)
		if err != nil {
			if !errors.Is(err, hf.ErrFormat) {
				t.Errorf("%v is no ErrFormat", err)
			}

			return
		}

		for tensor, file := range places {
			if inside := filepath.Join("folder", file); filepath.Dir(inside) != "folder" {
				t.Errorf("tensor %q is looked for in %q", tensor, inside)
			}
		}
	})
}
