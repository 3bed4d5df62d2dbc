package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// content is a file with that header and so many bytes of data.
func content(header string, data int) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))

	return append(append(out, header...), make([]byte, data)...)
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()

	one := func(dtype, shape, offsets string) string {
		return fmt.Sprintf(`{"t":{"dtype":%q,"shape":%s,"data_offsets":%s}}`, dtype, shape, offsets)
	}
	two := func(first, second string) string {
		return `{"a":{"dtype":"F32","shape":[1],"data_offsets":` + first +
			`},"b":{"dtype":"F32","shape":[1],"data_offsets":` + second + `}}`
	}

	for name, test := range map[string]struct {
		content []byte
		want    error
		says    string
	}{
		"nothing":          {nil, safetensors.ErrTruncated, "header length"},
		"seven bytes":      {make([]byte, 7), safetensors.ErrTruncated, "header length"},
		"no header":        {make([]byte, 8), safetensors.ErrFormat, "JSON object"},
		"huge header":      {bytes.Repeat([]byte{0xff}, 64), safetensors.ErrFormat, "at most"},
		"long header":      {append([]byte{100, 0, 0, 0, 0, 0, 0, 0}, "{}"...), safetensors.ErrTruncated, "header of 100"},
		"no JSON":          {content("{nonsense", 0), safetensors.ErrFormat, "header"},
		"array":            {content("[]", 0), safetensors.ErrFormat, "JSON object"},
		"space first":      {content(" {}", 0), safetensors.ErrFormat, "JSON object"},
		"UTF-8":            {content("{\"\xff\":1}", 0), safetensors.ErrFormat, "UTF-8"},
		"unclosed":         {content(`{"__metadata__":{}`, 0), safetensors.ErrFormat, "header"},
		"two values":       {content("{}{}", 0), safetensors.ErrFormat, "more than one"},
		"metadata type":    {content(`{"__metadata__":{"a":1}}`, 0), safetensors.ErrFormat, "__metadata__"},
		"unknown field":    {content(`{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}`, 4), safetensors.ErrFormat, `"t"`},
		"no offsets":       {content(`{"t":{"dtype":"F32","shape":[1]}}`, 4), safetensors.ErrFormat, "lacks"},
		"null shape":       {content(one("F32", "null", "[0,4]"), 4), safetensors.ErrFormat, "lacks"},
		"three offsets":    {content(one("F32", "[1]", "[0,4,8]"), 4), safetensors.ErrFormat, "lacks"},
		"negative offset":  {content(one("F32", "[1]", "[-4,0]"), 4), safetensors.ErrFormat, `"t"`},
		"backwards":        {content(two("[0,4]", "[4,2]"), 8), safetensors.ErrFormat, "ends"},
		"unknown type":     {content(one("Q4", "[1]", "[0,4]"), 4), safetensors.ErrUnsupported, "Q4"},
		"negative shape":   {content(one("F32", "[-1]", "[0,4]"), 4), safetensors.ErrFormat, "shape"},
		"overflowing":      {content(one("F32", "[4611686018427387904,4]", "[0,4]"), 4), safetensors.ErrFormat, "shape"},
		"size":             {content(one("F32", "[2]", "[0,4]"), 4), safetensors.ErrFormat, "needs 8"},
		"past the end":     {content(one("F32", "[2]", "[0,8]"), 4), safetensors.ErrTruncated, `"t"`},
		"begins late":      {content(one("F32", "[1]", "[4,8]"), 8), safetensors.ErrFormat, "gap"},
		"gap":              {content(two("[0,4]", "[8,12]"), 12), safetensors.ErrFormat, "gap"},
		"overlap":          {content(two("[0,4]", "[2,6]"), 6), safetensors.ErrFormat, "overlap"},
		"same place":       {content(two("[0,4]", "[0,4]"), 4), safetensors.ErrFormat, "overlap"},
		"name twice":       {content(strings.Replace(two("[0,4]", "[4,8]"), `"b"`, `"a"`, 1), 8), safetensors.ErrFormat, "second time"},
		"data left over":   {content(one("F32", "[1]", "[0,4]"), 5), safetensors.ErrFormat, "behind the last"},
		"offset too large": {content(one("F32", "[1]", "[0,99999999999999999999]"), 4), safetensors.ErrFormat, `"t"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			path := filepath.Join(t.TempDir(), "bad.safetensors")
			if err := os.WriteFile(path, test.content, 0o600); err != nil {
				t.Fatal(err)
			}

			file, err := safetensors.Open(path)
			if err == nil {
				t.Fatal(errors.Join(errors.New("opened"), file.Close()))
			}

			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v; want %v that says %q", err, test.want, test.says)
			}
		})
	}
}

// FuzzOpen changes a valid file, in memory. Open must never panic, and what it accepts must be readable.
func FuzzOpen(f *testing.F) {
	whole, err := os.ReadFile(reference)
	if err != nil {
		f.Fatal(err)
	}

	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(content(`{}`, 0))
	f.Add(content(`{"t":{"dtype":"I64","shape":[0,9],"data_offsets":[0,0]}}`, 0))

	f.Fuzz(func(t *testing.T, input []byte) {
		var file *safetensors.File

		var err error

		lmtest.Bounded(t, len(input), func() { file, err = safetensors.Parse(input) })

		if err != nil {
			return
		}

		for _, tensor := range file.Tensors() {
			if _, err := tensor.Float32s(); err != nil && !errors.Is(err, safetensors.ErrUnsupported) {
				t.Errorf("accepted, then: %v", err)
			}
		}
	})
}
