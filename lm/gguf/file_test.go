package gguf_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/gguf"
)

// small returns a valid file with one value of each kind and two tensors.
func small(t testing.TB) []byte {
	t.Helper()

	var w gguf.Writer

	for _, kv := range values() {
		if err := w.Set(kv.key, kv.value); err != nil {
			t.Fatal(err)
		}
	}

	for _, tensor := range []gguf.Tensor{
		{Name: "a.weight", Type: gguf.F32, Shape: []int{3}, Data: []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40}},
		{Name: "b.weight", Type: gguf.Q8_0, Shape: []int{2, 32}, Data: make([]byte, 68)},
	} {
		if err := w.Add(tensor); err != nil {
			t.Fatal(err)
		}
	}

	var out bytes.Buffer

	n, err := w.WriteTo(&out)
	if err != nil || n != int64(out.Len()) {
		t.Fatalf("WriteTo = %d, %v; wrote %d bytes", n, err, out.Len())
	}

	return out.Bytes()
}

type keyValue struct {
	key   string
	value any
}

func values() []keyValue {
	return []keyValue{
		{"s", "text"},
		{"b", true},
		{"u32", uint32(1<<32 - 1)},
		{"i32", int32(-5)},
		{"u64", uint64(1<<64 - 1)},
		{"i64", int64(-1 << 63)},
		{"f32", float32(0.5)},
		{"f64", 0.1},
		{"strings", []string{"", "ab", "ĠĊ"}},
		{"bools", []bool{true, false}},
		{"u32s", []uint32{1, 2}},
		{"i32s", []int32{-1, 2}},
		{"f32s", []float32{1.5, -2}},
	}
}

func write(t testing.TB, content []byte) string {
	t.Helper()

	path := filepath.Join(t.TempDir(), "test.gguf")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}

	return path
}

func open(t *testing.T, content []byte) *gguf.File {
	t.Helper()

	file, err := gguf.Open(write(t, content))
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})

	return file
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()

	file := open(t, small(t))
	check := func(key string, got any, err error, want any) {
		t.Helper()

		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %v, %v; want %v", key, got, err, want)
		}
	}

	s, err := file.String("s")
	check("s", s, err, "text")
	b, err := file.Bool("b")
	check("b", b, err, true)
	u, err := file.Uint("u32")
	check("u32", u, err, uint64(1<<32-1))
	i, err := file.Int("i32")
	check("i32", i, err, int64(-5))
	u, err = file.Uint("u64")
	check("u64", u, err, uint64(1<<64-1))
	i, err = file.Int("i64")
	check("i64", i, err, int64(-1<<63))
	x, err := file.Float("f32")
	check("f32", x, err, 0.5)
	x, err = file.Float("f64")
	check("f64", x, err, 0.1)
	ss, err := file.Strings("strings")
	check("strings", ss, err, []string{"", "ab", "ĠĊ"})
	bs, err := file.Bools("bools")
	check("bools", bs, err, []bool{true, false})
	is, err := file.Ints("u32s")
	check("u32s", is, err, []int64{1, 2})
	is, err = file.Ints("i32s")
	check("i32s", is, err, []int64{-1, 2})
	xs, err := file.Floats("f32s")
	check("f32s", xs, err, []float64{1.5, -2})

	if keys := file.Keys(); len(keys) != len(values()) || keys[0] != "s" {
		t.Errorf("Keys() = %q", keys)
	}

	a, ok := file.Tensor("a.weight")
	if !ok || a.Rows() != 1 || a.Cols() != 3 || a.RowBytes() != 12 {
		t.Errorf("a.weight = %+v, %t", a, ok)
	}

	got := make([]float32, 3)
	if err := a.Dequantize(got); err != nil || !reflect.DeepEqual(got, []float32{1, 2, 3}) {
		t.Errorf("a.weight = %v, %v", got, err)
	}

	if tensors := file.Tensors(); len(tensors) != 2 || !reflect.DeepEqual(tensors[1].Shape, []int{2, 32}) {
		t.Errorf("Tensors() = %+v", tensors)
	}
}

func TestGetterErrors(t *testing.T) {
	t.Parallel()

	file := open(t, small(t))

	if _, err := file.Uint("nothing"); !errors.Is(err, gguf.ErrMissing) || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("missing key: %v", err)
	}

	for key, get := range map[string]func(string) error{
		"u32":     func(k string) error { _, err := file.String(k); return err },
		"s":       func(k string) error { _, err := file.Bool(k); return err },
		"i32":     func(k string) error { _, err := file.Uint(k); return err },
		"u64":     func(k string) error { _, err := file.Int(k); return err },
		"b":       func(k string) error { _, err := file.Float(k); return err },
		"i32s":    func(k string) error { _, err := file.Strings(k); return err },
		"strings": func(k string) error { _, err := file.Ints(k); return err },
		"u32s":    func(k string) error { _, err := file.Floats(k); return err },
		"f32s":    func(k string) error { _, err := file.Bools(k); return err },
		"f64":     func(k string) error { _, err := file.Ints(k); return err },
	} {
		if err := get(key); !errors.Is(err, gguf.ErrKind) || !strings.Contains(err.Error(), key) {
			t.Errorf("%s read as another type: %v", key, err)
		}
	}
}

func TestOpenNoFile(t *testing.T) {
	t.Parallel()

	if _, err := gguf.Open(filepath.Join(t.TempDir(), "nothing.gguf")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}

	if _, err := gguf.Open(t.TempDir()); err == nil {
		t.Error("a directory was opened")
	}
}

// Metadata outlives the mapping.
func TestMetadataAfterClose(t *testing.T) {
	t.Parallel()

	file, err := gguf.Open(write(t, small(t)))
	if err != nil {
		t.Fatal(err)
	}

	for range 2 {
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}

	if got, err := file.Strings("strings"); err != nil || got[1] != "ab" {
		t.Errorf("after Close: %q, %v", got, err)
	}
}

func TestWriterRefuses(t *testing.T) {
	t.Parallel()

	var w gguf.Writer

	if err := w.Set("k", struct{}{}); !errors.Is(err, gguf.ErrUnsupported) {
		t.Errorf("a struct as metadata: %v", err)
	}

	if err := w.Set("", "v"); !errors.Is(err, gguf.ErrFormat) {
		t.Errorf("empty key: %v", err)
	}

	good := gguf.Tensor{Name: "t", Type: gguf.F32, Shape: []int{1}, Data: make([]byte, 4)}
	if err := w.Add(good); err != nil {
		t.Fatal(err)
	}

	for name, bad := range map[string]gguf.Tensor{
		"name taken": good,
		"no name":    {Type: gguf.F32, Shape: []int{1}, Data: make([]byte, 4)},
		"short data": {Name: "u", Type: gguf.F32, Shape: []int{2}, Data: make([]byte, 4)},
		"no shape":   {Name: "v", Type: gguf.F32, Data: make([]byte, 4)},
	} {
		if err := w.Add(bad); !errors.Is(err, gguf.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}

	if err := w.Set("general.alignment", uint32(48)); err != nil {
		t.Fatal(err)
	}

	if _, err := w.WriteTo(&bytes.Buffer{}); !errors.Is(err, gguf.ErrFormat) {
		t.Errorf("alignment 48: %v", err)
	}
}
