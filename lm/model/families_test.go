package model_test

import (
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/model"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// familyCases is testdata/families.json.gz; golden/decoders.py makes it and says what it holds.
type familyCases struct {
	Kinds  map[string]weightKind `json:"kinds"`
	Tokens []int32               `json:"tokens"`
	Cases  []familyCase          `json:"cases"`
}

type weightKind struct {
	Type    string      `json:"type"`
	Bytes   int         `json:"bytes"`   // of a block
	Weights int         `json:"weights"` // in a block
	Words   [][3]uint16 `json:"words"`   // where in a block, which bits are random, which are set
}

type familyCase struct {
	Name     string                        `json:"name"`
	Config   json.RawMessage               `json:"config"`
	Metadata map[string][2]json.RawMessage `json:"metadata"` // type and value; nil if llama.cpp has no such model
	Divisors []float32                     `json:"divisors"`
	Tensors  []familyTensor                `json:"tensors"`
}

type familyTensor struct {
	Folder   string `json:"folder"`
	GGUF     string `json:"gguf"`
	Kind     string `json:"kind"`
	Shape    []int  `json:"shape"`
	Permuted int    `json:"permuted"` // heads whose rows llama.cpp's converter reorders
}

func readFamilies(tb testing.TB) (familyCases, []float32) {
	tb.Helper()

	packed, err := os.Open("testdata/families.json.gz")
	if err != nil {
		tb.Fatal(err)
	}
	defer packed.Close()

	var cases familyCases

	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		tb.Fatal(err)
	}

	if err := json.NewDecoder(unpacked).Decode(&cases); err != nil {
		tb.Fatal(err)
	}

	content, err := os.ReadFile("testdata/families.f32")
	if err != nil {
		tb.Fatal(err)
	}

	logits := make([]float32, len(content)/4)
	for i := range logits {
		logits[i] = math.Float32frombits(binary.LittleEndian.Uint32(content[4*i:]))
	}

	return cases, logits
}

// raw is golden/decoders.py's function of that name: the bytes of a tensor.
func (k weightKind) raw(matrix, elements int) []byte {
	data := make([]byte, elements/k.Weights*k.Bytes)

	for i := range data {
		x := uint32(i) + uint32(matrix)<<24
		x = (x ^ x>>16) * 0x85EBCA6B
		x = (x ^ x>>13) * 0xC2B2AE35
		data[i] = byte(x ^ x>>16)
	}

	for block := range slices.Chunk(data, k.Bytes) {
		for _, w := range k.Words {
			word := block[w[0]:]
			binary.LittleEndian.PutUint16(word, binary.LittleEndian.Uint16(word)&w[1]|w[2])
		}
	}

	return data
}

// file writes the case's GGUF file and returns its path.
func (c familyCase) file(tb testing.TB, kinds map[string]weightKind) string {
	tb.Helper()

	return c.changed(tb, kinds, func(t gguf.Tensor) gguf.Tensor { return t })
}

// changed writes the file with other tensors.
func (c familyCase) changed(tb testing.TB, kinds map[string]weightKind, change func(gguf.Tensor) gguf.Tensor) string {
	tb.Helper()

	var w gguf.Writer

	for key, typed := range c.Metadata {
		var value any

		switch string(typed[0]) {
		case `"STRING"`:
			value = new(string)
		case `"UINT32"`:
			value = new(uint32)
		case `"FLOAT32"`:
			value = new(float32)
		default:
			tb.Fatalf("%s has the type %s", key, typed[0])
		}

		if err := json.Unmarshal(typed[1], value); err != nil {
			tb.Fatal(err)
		}

		set(tb, &w, key, value)
	}

	for number, t := range c.Tensors {
		kind := kinds[t.Kind]
		tensor := change(gguf.Tensor{
			Name: t.GGUF, Type: typeNamed(tb, kind.Type), Shape: t.Shape, Data: kind.raw(number, elements(t.Shape)),
		})

		if t.Permuted > 0 {
			tensor.Data = permuted(tensor.Data, t.Shape[0], t.Permuted)
		}

		if err := w.Add(tensor); err != nil {
			tb.Fatal(err)
		}
	}

	if len(c.Divisors) > 0 {
		plain := safetensors.NewF32("", nil, c.Divisors)
		if err := w.Add(gguf.Tensor{Name: "rope_freqs.weight", Shape: []int{len(c.Divisors)}, Data: plain.Data}); err != nil {
			tb.Fatal(err)
		}
	}

	path := filepath.Join(tb.TempDir(), "model.gguf")

	out, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer out.Close()

	if _, err := w.WriteTo(out); err != nil {
		tb.Fatal(err)
	}

	return path
}

func set(tb testing.TB, w *gguf.Writer, key string, value any) {
	tb.Helper()

	switch v := value.(type) {
	case *string:
		value = *v
	case *uint32:
		value = *v
	case *float32:
		value = *v
	}

	if err := w.Set(key, value); err != nil {
		tb.Fatal(err)
	}
}

func typeNamed(tb testing.TB, name string) gguf.Type {
	tb.Helper()

	for t := range gguf.BF16 + 1 {
		if t.String() == name {
			return t
		}
	}

	tb.Fatalf("no tensor type %s", name)

	return 0
}

func elements(shape []int) int {
	n := 1
	for _, size := range shape {
		n *= size
	}

	return n
}

// folder writes the case as Hugging Face's libraries do, in so many files.
func (c familyCase) folder(tb testing.TB, kinds map[string]weightKind, files int) string {
	tb.Helper()

	dir := tb.TempDir()
	parts := make([][]safetensors.Tensor, files)
	names := make([]string, files)
	places := map[string]string{}

	for i := range names {
		names[i] = "model.safetensors"
		if files > 1 {
			names[i] = fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, files)
		}
	}

	for number, t := range c.Tensors {
		kind := kinds[t.Kind]
		parts[number%files] = append(parts[number%files], safetensors.Tensor{
			Name: t.Folder, DType: safetensors.DType(kind.Type), Shape: t.Shape, Data: kind.raw(number, elements(t.Shape)),
		})
		places[t.Folder] = names[number%files]
	}

	for i, name := range names {
		if err := safetensors.Write(filepath.Join(dir, name), parts[i], nil); err != nil {
			tb.Fatal(err)
		}
	}

	write := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			tb.Fatal(err)
		}
	}

	write("config.json", c.Config)

	if files > 1 {
		index, err := json.Marshal(map[string]any{"weight_map": places})
		if err != nil {
			tb.Fatal(err)
		}

		write("model.safetensors.index.json", index)
	}

	return dir
}

// Every family and every block format against transformers, from GGUF files and from folders.
func TestFamilies(t *testing.T) {
	t.Parallel()

	cases, logits := readFamilies(t)

	for i, c := range cases.Cases {
		n := len(logits) / len(cases.Cases)
		want := logits[i*n : (i+1)*n]

		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()

			if c.Metadata != nil {
				compareFamily(t, c.file(t, cases.Kinds), cases.Tokens, want)
			}

			packed := func(t familyTensor) bool { return cases.Kinds[t.Kind].Weights > 1 }
			if slices.ContainsFunc(c.Tensors, packed) {
				return // folders hold plain numbers
			}

			compareFamily(t, c.folder(t, cases.Kinds, 1), cases.Tokens, want)
			compareFamily(t, c.folder(t, cases.Kinds, 3), cases.Tokens, want)
		})
	}
}

// compareFamily compares the logits after each token, all computed at once, and a few at a time.
func compareFamily(t *testing.T, path string, tokens []int32, want []float32) {
	t.Helper()

	m, err := model.Open(t.Context(), path, model.Options{Precision: compute.Float32})
	if err != nil {
		t.Fatal(err)
	}

	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()

	vocabulary := m.Config().Vocab
	got := make([]float32, len(tokens)*vocabulary)

	if len(got) != len(want) {
		t.Fatalf("%d logits stored, the model has %d", len(want), len(got))
	}

	worst := 0.0

	for _, step := range []int{len(tokens), 1, 7} {
		c := m.NewCache(len(tokens))

		for at := 0; at < len(tokens); at += step {
			end := min(at+step, len(tokens))
			if err := m.ForwardRows(t.Context(), c, nil, tokens[at:end], indexes(end-at), got[at*vocabulary:end*vocabulary]); err != nil {
				t.Fatal(err)
			}
		}

		apart := 0.0
		for i := range want {
			apart = max(apart, math.Abs(float64(got[i]-want[i])))
		}

		if !(apart <= 1e-4) {
			t.Errorf("%s, %d tokens at a time: logits are %g apart, at most 1e-4 allowed", filepath.Base(path), step, apart)
		}

		worst = max(worst, apart)
	}

	t.Logf("%s: logits at most %.2g apart", filepath.Base(path), worst)
}
