package gguf_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/lmtest"
)

// Every proper prefix of a file is refused, as truncated wherever the cut is.
func TestOpenTruncated(t *testing.T) {
	t.Parallel()

	whole := small(t)
	path := filepath.Join(t.TempDir(), "cut.gguf")

	// The writer pads the last tensor's data too; that padding may be missing.
	for n := range len(whole) - 28 {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}

		if _, err := gguf.Open(path); !errors.Is(err, gguf.ErrTruncated) {
			t.Fatalf("cut at %d of %d: %v", n, len(whole), err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()

	le := binary.LittleEndian
	text := func(s string) []byte { return append(le.AppendUint64(nil, uint64(len(s))), s...) }
	u32 := func(n uint32) []byte { return le.AppendUint32(nil, n) }
	u64 := func(n uint64) []byte { return le.AppendUint64(nil, n) }
	head := func(version uint32, tensors, values uint64) []byte {
		return bytes.Join([][]byte{[]byte("GGUF"), u32(version), u64(tensors), u64(values)}, nil)
	}
	entry := func(name string, typ gguf.Type, offset uint64, ne ...uint64) []byte {
		out := append(text(name), u32(uint32(len(ne)))...)
		for _, n := range ne {
			out = append(out, u64(n)...)
		}

		return append(append(out, u32(uint32(typ))...), u64(offset)...)
	}

	room := make([]byte, 256)

	for name, test := range map[string]struct {
		content [][]byte
		want    error
		says    string
	}{
		"magic":             {[][]byte{[]byte("GGML"), room}, gguf.ErrFormat, "GGML"},
		"version 1":         {[][]byte{head(1, 0, 0)}, gguf.ErrUnsupported, "version 1"},
		"version 4":         {[][]byte{head(4, 0, 0)}, gguf.ErrUnsupported, "version 4"},
		"big endian":        {[][]byte{head(3<<24, 0, 0)}, gguf.ErrUnsupported, "big-endian"},
		"value count":       {[][]byte{head(3, 0, 1<<60), room}, gguf.ErrTruncated, "metadata values"},
		"tensor count":      {[][]byte{head(3, 1<<60, 0), room}, gguf.ErrTruncated, "tensors"},
		"string length":     {[][]byte{head(3, 0, 1), u64(1 << 63), room}, gguf.ErrTruncated, "metadata key"},
		"empty key":         {[][]byte{head(3, 0, 1), text(""), room}, gguf.ErrFormat, "empty"},
		"kind":              {[][]byte{head(3, 0, 1), text("k"), u32(13), room}, gguf.ErrFormat, "type 13"},
		"element kind":      {[][]byte{head(3, 0, 1), text("k"), u32(9), u32(99), room}, gguf.ErrFormat, "type 99"},
		"nested array":      {[][]byte{head(3, 0, 1), text("k"), u32(9), u32(9), room}, gguf.ErrUnsupported, "array of arrays"},
		"array length":      {[][]byte{head(3, 0, 1), text("k"), u32(9), u32(10), u64(1 << 61), room}, gguf.ErrTruncated, "array"},
		"strings length":    {[][]byte{head(3, 0, 1), text("k"), u32(9), u32(8), u64(1 << 61), room}, gguf.ErrTruncated, "strings"},
		"key twice":         {[][]byte{head(3, 0, 2), text("k"), u32(4), u32(1), text("k"), u32(4), u32(1), room}, gguf.ErrFormat, "second time"},
		"alignment 3":       {[][]byte{head(3, 0, 1), text("general.alignment"), u32(4), u32(3)}, gguf.ErrFormat, "power of two"},
		"alignment 0":       {[][]byte{head(3, 0, 1), text("general.alignment"), u32(4), u32(0)}, gguf.ErrFormat, "power of two"},
		"alignment text":    {[][]byte{head(3, 0, 1), text("general.alignment"), u32(8), text("32")}, gguf.ErrFormat, "string"},
		"tensor name":       {[][]byte{head(3, 1, 0), entry("", gguf.F32, 0, 4), room}, gguf.ErrFormat, "tensor"},
		"tensor twice":      {[][]byte{head(3, 2, 0), entry("t", gguf.F32, 0, 4), entry("t", gguf.F32, 32, 4), room}, gguf.ErrFormat, "second time"},
		"five dimensions":   {[][]byte{head(3, 1, 0), entry("t", gguf.F32, 0, 1, 1, 1, 1, 1), room}, gguf.ErrFormat, "5 dimensions"},
		"no dimensions":     {[][]byte{head(3, 1, 0), entry("t", gguf.F32, 0), room}, gguf.ErrFormat, "0 dimensions"},
		"dimension 0":       {[][]byte{head(3, 1, 0), entry("t", gguf.F32, 0, 0), room}, gguf.ErrFormat, "shape"},
		"huge dimension":    {[][]byte{head(3, 1, 0), entry("t", gguf.F32, 0, 1<<40), room}, gguf.ErrFormat, "dimension"},
		"overflowing shape": {[][]byte{head(3, 1, 0), entry("t", gguf.F32, 0, 1<<30, 1<<30, 1<<30), room}, gguf.ErrFormat, "shape"},
		"partial block":     {[][]byte{head(3, 1, 0), entry("t", gguf.Q4_1, 0, 33), room}, gguf.ErrFormat, "whole blocks"},
		"tensor type":       {[][]byte{head(3, 1, 0), entry("t", 4, 0, 4), room}, gguf.ErrUnsupported, "tensor type 4"},
		"type in memory":    {[][]byte{head(3, 1, 0), entry("t", 1<<16, 0, 64), room}, gguf.ErrUnsupported, "NF4 in a file"},
		"unaligned offset":  {[][]byte{head(3, 1, 0), entry("t", gguf.F32, 4, 4), room}, gguf.ErrFormat, "alignment"},
		"offset past end":   {[][]byte{head(3, 1, 0), entry("t", gguf.F32, 1<<40, 4), room}, gguf.ErrTruncated, `"t"`},
		"size past end":     {[][]byte{head(3, 1, 0), entry("t", gguf.F32, 0, 1<<20), room}, gguf.ErrTruncated, `"t"`},
		"offset wraps":      {[][]byte{head(3, 1, 0), entry("t", gguf.F32, 1<<64-32, 4), room}, gguf.ErrTruncated, `"t"`},
		"overlap":           {[][]byte{head(3, 2, 0), entry("t", gguf.F32, 0, 16), entry("u", gguf.F32, 32, 4), room}, gguf.ErrFormat, "overlap"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			file, err := gguf.Open(write(t, bytes.Join(test.content, nil)))
			if err == nil {
				t.Fatal(errors.Join(errors.New("opened"), file.Close()))
			}

			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v; want %v that says %q", err, test.want, test.says)
			}
		})
	}
}

// FuzzOpen changes small valid files, in memory. Open must never panic, and what it accepts must be readable.
func FuzzOpen(f *testing.F) {
	whole := small(f)
	f.Add(whole)
	f.Add(whole[:100])
	f.Add([]byte("GGUF\x03\x00\x00\x00"))

	f.Fuzz(func(t *testing.T, content []byte) {
		var file *gguf.File

		var err error

		lmtest.Bounded(t, len(content), func() { file, err = gguf.Parse(content) })

		if err != nil {
			return
		}

		for _, key := range file.Keys() {
			value, _ := file.Value(key)
			_, _ = value.Text()
			_, _ = value.Bool()
			_, _ = value.Uint()
			_, _ = value.Float()
			_, _ = value.Strings()
			_, _ = value.Ints()
			_, _ = value.Floats()
			_, _ = value.Bools()
		}

		for _, tensor := range file.Tensors() {
			lmtest.Bounded(t, len(content), func() {
				err = tensor.Dequantize(make([]float32, tensor.Rows()*tensor.Cols()))
			})

			if err != nil && !errors.Is(err, gguf.ErrUnsupported) {
				t.Errorf("accepted, then: %v", err)
			}
		}
	})
}
