package model_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tiny is a small random decoder: its GGUF file and the same weights for the reference.
type tiny struct {
	window int // 0: none

	layers, hidden, feedForward, heads, kvHeads, headDim, vocab, context int
	base, epsilon                                                        float64

	// matrices are in Hugging Face's layout under GGUF's names.
	matrices map[string]matrix
	file     ggufFile
}

type matrix struct {
	rows, cols int
	v          []float64
}

func newTiny(seed uint64) *tiny { return newTinyOf(seed, "llama", 0) }

// newTinyOf returns one of another architecture, or with a sliding window.
func newTinyOf(seed uint64, architecture string, window int) *tiny {
	return newTinyWith(seed, architecture, window, 2)
}

func newTinyWith(seed uint64, architecture string, window, layers int) *tiny {
	t := &tiny{
		window: window,
		layers: layers, hidden: 32, feedForward: 64, heads: 4, kvHeads: 2, headDim: 8, vocab: 96, context: 48,
		base: 10000, epsilon: 1e-5, matrices: map[string]matrix{},
	}
	random := rand.New(rand.NewPCG(seed, 0))
	query, kv := t.heads*t.headDim, t.kvHeads*t.headDim

	t.file.keys = map[string]any{"general.architecture": architecture}
	for key, value := range map[string]any{
		"block_count":                      uint32(t.layers),
		"context_length":                   uint32(t.context),
		"embedding_length":                 uint32(t.hidden),
		"feed_forward_length":              uint32(t.feedForward),
		"attention.head_count":             uint32(t.heads),
		"attention.head_count_kv":          uint32(t.kvHeads),
		"attention.sliding_window":         uint32(t.window),
		"rope.freq_base":                   float32(t.base),
		"attention.layer_norm_rms_epsilon": float32(t.epsilon),
	} {
		t.file.keys[architecture+"."+key] = value
	}

	permutedHeads, permutedKeys := t.heads, t.kvHeads
	if architecture != "llama" {
		permutedHeads, permutedKeys = 0, 0
	}

	t.add(random, "token_embd.weight", gguf.Q8_0, t.vocab, t.hidden, 0, 0)
	t.add(random, "output.weight", gguf.F32, t.vocab, t.hidden, 0, 0)
	t.add(random, "output_norm.weight", gguf.F32, 1, t.hidden, 1, 0)

	for i := range t.layers {
		name := func(part string) string { return fmt.Sprintf("blk.%d.%s.weight", i, part) }
		t.add(random, name("attn_norm"), gguf.F32, 1, t.hidden, 1, 0)
		t.add(random, name("attn_q"), gguf.Q8_0, query, t.hidden, 0, permutedHeads)
		t.add(random, name("attn_k"), gguf.F32, kv, t.hidden, 0, permutedKeys)
		t.add(random, name("attn_v"), gguf.F32, kv, t.hidden, 0, 0)
		t.add(random, name("attn_output"), gguf.F32, t.hidden, query, 0, 0)
		t.add(random, name("ffn_norm"), gguf.F32, 1, t.hidden, 1, 0)
		t.add(random, name("ffn_gate"), gguf.Q8_0, t.feedForward, t.hidden, 0, 0)
		t.add(random, name("ffn_up"), gguf.Q8_0, t.feedForward, t.hidden, 0, 0)
		t.add(random, name("ffn_down"), gguf.F32, t.hidden, t.feedForward, 0, 0)

		switch architecture {
		case "qwen2":
			t.add(random, fmt.Sprintf("blk.%d.attn_q.bias", i), gguf.F32, 1, query, 0, 0)
			t.add(random, fmt.Sprintf("blk.%d.attn_k.bias", i), gguf.F32, 1, kv, 0, 0)
			t.add(random, fmt.Sprintf("blk.%d.attn_v.bias", i), gguf.F32, 1, kv, 0, 0)
		case "qwen3":
			t.add(random, name("attn_q_norm"), gguf.F32, 1, t.headDim, 1, 0)
			t.add(random, name("attn_k_norm"), gguf.F32, 1, t.headDim, 1, 0)
		}
	}

	return t
}

// add draws a matrix around mean and stores it; with permuted heads the file gets the row order that
// llama.cpp's converter makes of Hugging Face's.
func (t *tiny) add(random *rand.Rand, name string, kind gguf.Type, rows, cols int, mean float64, permutedHeads int) {
	m := matrix{rows, cols, make([]float64, rows*cols)}
	stored := make([]byte, 0, 4*rows*cols)

	for i := range rows {
		stored = append(stored, encodeRow(random, kind, m.v[i*cols:(i+1)*cols], mean)...)
	}

	if permutedHeads > 0 {
		stored = permuted(stored, rows, permutedHeads)
	}

	t.matrices[name] = m

	shape := []int{rows, cols}
	if rows == 1 {
		shape = []int{cols}
	}

	t.file.tensors = append(t.file.tensors, gguf.Tensor{Name: name, Type: kind, Shape: shape, Data: stored})
}

// encodeRow draws the values of a row and returns it as stored.
func encodeRow(random *rand.Rand, kind gguf.Type, values []float64, mean float64) []byte {
	var row []byte

	if kind == gguf.F32 {
		for i := range values {
			x := float32(mean + random.NormFloat64()*0.25)
			values[i] = float64(x)
			row = binary.LittleEndian.AppendUint32(row, math.Float32bits(x))
		}

		return row
	}

	const half, scale = 0x1800, 1.0 / 512 // 2^-9 in half precision

	for i := range values {
		if i%32 == 0 {
			row = binary.LittleEndian.AppendUint16(row, half)
		}

		q := int8(random.IntN(255) - 127)
		values[i] = scale * float64(q)
		row = append(row, byte(q))
	}

	return row
}

// permuted is convert_hf_to_gguf.py's permute: reshape(heads, 2, dim/2, in), swap axes 1 and 2.
func permuted(stored []byte, rows, heads int) []byte {
	size, dim := len(stored)/rows, rows/heads
	out := make([]byte, len(stored))

	for h := range heads {
		for p := range 2 {
			for j := range dim / 2 {
				from, to := h*dim+p*dim/2+j, h*dim+2*j+p
				copy(out[to*size:(to+1)*size], stored[from*size:(from+1)*size])
			}
		}
	}

	return out
}

// ggufFile is a GGUF file in the making.
type ggufFile struct {
	keys    map[string]any
	tensors []gguf.Tensor
}

func (f ggufFile) bytes() []byte {
	var head, data bytes.Buffer

	put := func(values ...any) {
		for _, v := range values {
			if s, ok := v.(string); ok {
				_ = binary.Write(&head, binary.LittleEndian, uint64(len(s)))
				head.WriteString(s)

				continue
			}

			_ = binary.Write(&head, binary.LittleEndian, v)
		}
	}

	head.WriteString("GGUF")
	put(uint32(3), uint64(len(f.tensors)), uint64(len(f.keys)))

	for key, value := range f.keys {
		switch value.(type) {
		case uint32:
			put(key, uint32(4), value)
		case float32:
			put(key, uint32(6), value)
		case string:
			put(key, uint32(8), value)
		default:
			panic(fmt.Sprintf("no such kind: %T", value))
		}
	}

	for _, t := range f.tensors {
		put(t.Name, uint32(len(t.Shape)))

		for i := range t.Shape {
			put(uint64(t.Shape[len(t.Shape)-1-i]))
		}

		put(uint32(t.Type), uint64(data.Len()))
		data.Write(t.Data)
		data.Write(make([]byte, -data.Len()&31))
	}

	head.Write(make([]byte, -head.Len()&31))

	return append(head.Bytes(), data.Bytes()...)
}

// write stores the file and returns its path.
func (f ggufFile) write(tb testing.TB) string {
	tb.Helper()

	path := filepath.Join(tb.TempDir(), "tiny.gguf")
	if err := os.WriteFile(path, f.bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}

	return path
}

// open opens the model in float32: what is compared here is exact.
func (t *tiny) open(tb testing.TB, options model.Options) *model.Model {
	tb.Helper()

	options.Precision = compute.Float32
	if options.Backend == nil {
		options.Backend = device(tb)
	}

	return t.openAs(tb, options)
}

func (t *tiny) openAs(tb testing.TB, options model.Options) *model.Model {
	tb.Helper()

	m, err := model.Open(tb.Context(), t.file.write(tb), options)
	if err != nil {
		tb.Fatal(err)
	}

	tb.Cleanup(func() {
		if err := m.Close(); err != nil {
			tb.Error(err)
		}
	})

	return m
}

// adapter returns a random adapter of rank 3 whose B is not zero.
func adapter(tb testing.TB, m *model.Model, config lora.Config, seed uint64) *lora.Adapter {
	tb.Helper()

	a, err := lora.New(config, m.Config().Dims(), seed)
	if err != nil {
		tb.Fatal(err)
	}

	random := rand.New(rand.NewPCG(seed, 1))
	for i := range a.Layers {
		for _, pair := range a.Layers[i] {
			if pair != nil {
				for j := range pair.B {
					pair.B[j] = float32(random.NormFloat64() * 0.3)
				}
			}
		}
	}

	return a
}

func allModules() lora.Config {
	return lora.Config{Rank: 3, Alpha: 6, Targets: lora.AllModules()}
}

// tokens draws n tokens.
func (t *tiny) tokens(random *rand.Rand, n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(random.IntN(t.vocab))
	}

	return out
}
