package gguf_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/golden"
)

// Every format's random blocks give the very bits that llama.cpp's Python package gives
// (../golden/blocks.py).
func TestDequantizeBlocks(t *testing.T) {
	t.Parallel()

	file, err := gguf.Open(filepath.Join("testdata", "blocks.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })

	formats := 0

	for _, tensor := range file.Tensors() {
		if strings.HasSuffix(tensor.Name, ".f32") {
			continue
		}

		formats++

		want := values32(t, file, tensor.Name+".f32")

		got := make([]float32, len(want))
		if err := tensor.Dequantize(got); err != nil {
			t.Fatal(err)
		}

		compare(t, tensor.Name, got, want)

		row := make([]float32, tensor.Cols())
		if err := tensor.DequantizeRow(row, 2); err != nil {
			t.Fatal(err)
		}

		compare(t, tensor.Name+" row 2", row, want[2*len(row):3*len(row)])
	}

	if formats != 12 {
		t.Errorf("%d formats compared, blocks.py writes 12", formats)
	}
}

func values32(t *testing.T, file *gguf.File, name string) []float32 {
	t.Helper()

	tensor, ok := file.Tensor(name)
	if !ok || tensor.Type != gguf.F32 {
		t.Fatalf("no F32 tensor %q", name)
	}

	out := make([]float32, tensor.Rows()*tensor.Cols())
	if err := tensor.Dequantize(out); err != nil {
		t.Fatal(err)
	}

	return out
}

// compare wants equal bits.
func compare(t *testing.T, name string, got, want []float32) {
	t.Helper()

	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Errorf("%s: value %d is %g, want %g", name, i, got[i], want[i])

			return
		}
	}
}

// The file that the Python package wrote holds one metadata value of each kind.
func TestForeignMetadata(t *testing.T) {
	t.Parallel()

	file, err := gguf.Open(filepath.Join("testdata", "blocks.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })

	if s, err := file.String("kind.string"); err != nil || s != "text: ĠĊ" {
		t.Errorf("string %q, %v", s, err)
	}

	for key, want := range map[string]uint64{
		"kind.uint8": 1<<8 - 1, "kind.uint16": 1<<16 - 1, "kind.uint32": 1<<32 - 1, "kind.uint64": 1<<64 - 1,
	} {
		if got, err := file.Uint(key); err != nil || got != want {
			t.Errorf("%s = %d, %v", key, got, err)
		}
	}

	for key, want := range map[string]int64{
		"kind.int8": -1 << 7, "kind.int16": -1 << 15, "kind.int32": -1 << 31, "kind.int64": -1 << 63,
	} {
		if got, err := file.Int(key); err != nil || got != want {
			t.Errorf("%s = %d, %v", key, got, err)
		}
	}

	if got, err := file.Strings("kind.strings"); err != nil || strings.Join(got, ",") != ",a,bc" {
		t.Errorf("strings %q, %v", got, err)
	}

	if got, err := file.Floats("kind.floats"); err != nil || len(got) != 2 || got[1] != -0.25 {
		t.Errorf("floats %v, %v", got, err)
	}

	if got, err := file.Bools("kind.bools"); err != nil || len(got) != 2 || !got[0] || got[1] {
		t.Errorf("bools %v, %v", got, err)
	}
}

// Blocks small enough to be worked out by hand from the formulas.
func TestDequantizeByHand(t *testing.T) {
	t.Parallel()

	const one, two = 0x3c00, 0x4000 // in F16

	half := func(bits ...uint16) []byte {
		var out []byte
		for _, b := range bits {
			out = binary.LittleEndian.AppendUint16(out, b)
		}

		return out
	}
	codes := func(head []byte, n int) []byte { // code 0 is 0xf1, all others zero
		return append(append(head, 0xf1), make([]byte, n-1)...)
	}

	for _, test := range []struct {
		typ                     gguf.Type
		data                    []byte
		first, second, sixteens float32 // weights 0, 1 and 16
	}{
		{gguf.Q4_0, codes(half(two), 16), (1 - 8) * 2, (0 - 8) * 2, (15 - 8) * 2},
		{gguf.Q4_1, codes(half(two, one), 16), 1*2 + 1, 1, 15*2 + 1},
		{gguf.Q5_0, codes(append(half(two), 1, 0, 1, 0), 16), (17 - 16) * 2, -16 * 2, (31 - 16) * 2},
		{gguf.Q5_1, codes(append(half(two, one), 1, 0, 1, 0), 16), 17*2 + 1, 1, 31*2 + 1},
		{gguf.Q8_0, codes(half(two), 32), -15 * 2, 0, 0},
		{gguf.IQ4_NL, codes(half(two), 16), -104 * 2, -127 * 2, 113 * 2},
	} {
		tensor := gguf.Tensor{Name: "t", Type: test.typ, Shape: []int{32}, Data: test.data}

		got := make([]float32, 32)
		if err := tensor.Dequantize(got); err != nil {
			t.Fatal(err)
		}

		if got[0] != test.first || got[1] != test.second || got[16] != test.sixteens {
			t.Errorf("%s: %g %g %g, want %g %g %g", test.typ, got[0], got[1], got[16],
				test.first, test.second, test.sixteens)
		}
	}
}

func TestDequantizeRefuses(t *testing.T) {
	t.Parallel()

	good := gguf.Tensor{Name: "w", Type: gguf.F32, Shape: []int{2, 2}, Data: make([]byte, 16)}
	short := good
	short.Data = good.Data[:12]
	without := gguf.Tensor{Name: "w", Type: gguf.Q2_K, Shape: []int{256}, Data: make([]byte, 84)}
	unknown := gguf.Tensor{Name: "w", Type: 4, Shape: []int{32}, Data: make([]byte, 20)}

	for name, test := range map[string]struct {
		err  error
		want error
	}{
		"room":             {good.Dequantize(make([]float32, 3)), gguf.ErrFormat},
		"data":             {short.Dequantize(make([]float32, 4)), gguf.ErrFormat},
		"row":              {good.DequantizeRow(make([]float32, 2), 2), gguf.ErrFormat},
		"negative row":     {good.DequantizeRow(make([]float32, 2), -1), gguf.ErrFormat},
		"row's room":       {good.DequantizeRow(make([]float32, 1), 0), gguf.ErrFormat},
		"no dequantiser":   {without.Dequantize(make([]float32, 256)), gguf.ErrUnsupported},
		"unknown":          {unknown.Dequantize(make([]float32, 32)), gguf.ErrUnsupported},
		"unknown by row":   {unknown.DequantizeRow(make([]float32, 32), 0), gguf.ErrFormat},
		"tensor of nobody": {gguf.Tensor{}.Dequantize(nil), gguf.ErrFormat},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s: %v, want %v", name, test.err, test.want)
		}
	}

	if err := without.Dequantize(make([]float32, 256)); !strings.Contains(err.Error(), "Q2_K") {
		t.Errorf("the error does not name the format: %v", err)
	}
}

// All tensors of the base model have the bits that the Python package gives them.
func TestDequantizeModel(t *testing.T) {
	t.Parallel()

	file, err := gguf.Open(golden.ModelPath(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })

	content, err := os.ReadFile(filepath.Join("testdata", "smollm2_crc32.json"))
	if err != nil {
		t.Fatal(err)
	}

	var sums map[string]string
	if err := json.Unmarshal(content, &sums); err != nil {
		t.Fatal(err)
	}

	if len(file.Tensors()) != len(sums) {
		t.Errorf("%d tensors, want %d", len(file.Tensors()), len(sums))
	}

	for _, tensor := range file.Tensors() {
		sum := crc32.NewIEEE()
		row := make([]float32, tensor.Cols())
		bytes := make([]byte, 4*len(row))

		for i := range tensor.Rows() {
			if err := tensor.DequantizeRow(row, i); err != nil {
				t.Fatal(err)
			}

			for j, x := range row {
				binary.LittleEndian.PutUint32(bytes[4*j:], math.Float32bits(x))
			}

			_, _ = sum.Write(bytes)
		}

		if got := fmt.Sprintf("%08x", sum.Sum32()); got != sums[tensor.Name] {
			t.Errorf("%s (%s): checksum %s, want %s", tensor.Name, tensor.Type, got, sums[tensor.Name])
		}
	}
}
