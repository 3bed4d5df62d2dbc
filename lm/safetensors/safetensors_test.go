package safetensors_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/safetensors"
)

// reference is what ../golden/tensors.py wrote with the reference implementation.
const reference = "testdata/reference.safetensors"

// numbers is the formula of the script's values.
func numbers(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = (float32(i) - 3) / 8
	}

	return out
}

func open(t *testing.T, path string) *safetensors.File {
	t.Helper()

	file, err := safetensors.Open(path)
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

func TestOpenReference(t *testing.T) {
	t.Parallel()

	file := open(t, reference)

	for name, want := range map[string]struct {
		dtype safetensors.DType
		shape []int
	}{
		"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight": {safetensors.F32, []int{2, 5}},
		"base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight": {safetensors.F32, []int{3, 2}},
		`quoted "<name>" & ü`: {safetensors.F32, []int{4}},
		"half":                {safetensors.F16, []int{2, 3}},
		"brain":               {safetensors.BF16, []int{3, 3}},
		"scalar":              {safetensors.F32, []int{}},
		"empty":               {safetensors.F32, []int{0, 4}},
	} {
		tensor, ok := file.Tensor(name)
		if !ok || tensor.DType != want.dtype || !reflect.DeepEqual(tensor.Shape, want.shape) {
			t.Errorf("%s: %s %v, %t", name, tensor.DType, tensor.Shape, ok)
		}

		got, err := tensor.Float32s()
		if err != nil || !reflect.DeepEqual(got, numbers(tensor.Len())) {
			t.Errorf("%s = %v, %v", name, got, err)
		}
	}

	if len(file.Names()) != 7 || len(file.Tensors()) != 7 || file.Metadata()["format"] != "pt" {
		t.Errorf("names %q, metadata %q", file.Names(), file.Metadata())
	}

	if _, ok := file.Tensor("nothing"); ok {
		t.Error("a tensor that is not there")
	}
}

// Writing what was read gives the reference implementation's file, byte for byte, whatever the order.
func TestWriteReference(t *testing.T) {
	t.Parallel()

	file := open(t, reference)
	path := filepath.Join(t.TempDir(), "out.safetensors")

	tensors := file.Tensors()
	tensors[0], tensors[3] = tensors[3], tensors[0]

	if err := safetensors.Write(path, tensors, file.Metadata()); err != nil {
		t.Fatal(err)
	}

	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	want, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}

	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes differ from the reference's %d:\n%.700q\n%.700q", len(got), len(want), got, want)
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "out.safetensors")
	nan := float32(math.NaN())
	values := []float32{0, -1.5, 1e-40, float32(math.Inf(1)), 3.14159274, -0.1}

	err := safetensors.Write(path, []safetensors.Tensor{
		safetensors.NewF32("f32", []int{2, 3}, values),
		safetensors.NewBF16("bf16", []int{6}, values),
		safetensors.NewBF16("nan", nil, []float32{nan}),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}

	file := open(t, path)

	tensor, _ := file.Tensor("f32")
	if got, err := tensor.Float32s(); err != nil || !reflect.DeepEqual(got, values) {
		t.Errorf("F32 came back as %v, %v", got, err)
	}

	tensor, _ = file.Tensor("bf16")

	got, err := tensor.Float32s()
	if err != nil {
		t.Fatal(err)
	}

	for i, x := range values { // 8 bits of precision: relative error at most 2^-9, subnormals 2^-134
		if x != got[i] && math.Abs(float64(got[i]-x)) > math.Abs(float64(x))/512+math.Ldexp(1, -134) {
			t.Errorf("BF16 of %g came back as %g", x, got[i])
		}
	}

	tensor, _ = file.Tensor("nan")
	if got, err := tensor.Float32s(); err != nil || len(got) != 1 || !math.IsNaN(float64(got[0])) {
		t.Errorf("NaN came back as %v, %v", got, err)
	}

	if got := file.Metadata(); !reflect.DeepEqual(got, map[string]string{"format": "pt"}) {
		t.Errorf("metadata %q", got)
	}
}

// A failed write leaves the old file and nothing else.
func TestWriteRefuses(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	path := filepath.Join(dir, "adapter.safetensors")
	good := safetensors.NewF32("t", []int{1}, []float32{1})

	if err := safetensors.Write(path, []safetensors.Tensor{good}, nil); err != nil {
		t.Fatal(err)
	}

	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	for name, test := range map[string]struct {
		tensors []safetensors.Tensor
		want    error
	}{
		"name twice": {[]safetensors.Tensor{good, good}, safetensors.ErrFormat},
		"no name":    {[]safetensors.Tensor{safetensors.NewF32("", []int{1}, []float32{1})}, safetensors.ErrFormat},
		"metadata":   {[]safetensors.Tensor{safetensors.NewF32("__metadata__", []int{1}, []float32{1})}, safetensors.ErrFormat},
		"shape":      {[]safetensors.Tensor{safetensors.NewF32("t", []int{2}, []float32{1})}, safetensors.ErrFormat},
		"negative":   {[]safetensors.Tensor{safetensors.NewF32("t", []int{-1, -1}, []float32{1})}, safetensors.ErrFormat},
		"overflow":   {[]safetensors.Tensor{safetensors.NewF32("t", []int{1 << 40, 1 << 40}, nil)}, safetensors.ErrFormat},
		"type":       {[]safetensors.Tensor{{Name: "t", DType: "I64", Shape: []int{1}, Data: make([]byte, 8)}}, safetensors.ErrUnsupported},
	} {
		if err := safetensors.Write(path, test.tensors, nil); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}

	if err := safetensors.Write(filepath.Join(dir, "no", "where"), nil, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}

	// The path is a directory, so that the last step, the rename, fails.
	if err := safetensors.Write(dir, []safetensors.Tensor{good}, nil); err == nil {
		t.Error("a directory was replaced")
	}

	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed: %v", err)
	}

	for _, d := range []string{dir, filepath.Dir(dir)} {
		if left, err := filepath.Glob(filepath.Join(d, ".*.*")); err != nil || len(left) > 0 {
			t.Errorf("temporary files left: %q, %v", left, err)
		}
	}
}

func TestFloat32sRefuses(t *testing.T) {
	t.Parallel()

	integers := safetensors.Tensor{Name: "t", DType: "I64", Shape: []int{1}, Data: make([]byte, 8)}
	if _, err := integers.Float32s(); !errors.Is(err, safetensors.ErrUnsupported) || !strings.Contains(err.Error(), "I64") {
		t.Errorf("I64: %v", err)
	}
}
