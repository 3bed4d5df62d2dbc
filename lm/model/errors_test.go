package model_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()

	set := func(key string, value any) func(*ggufFile) {
		return func(f *ggufFile) { f.keys[key] = value }
	}
	unset := func(key string) func(*ggufFile) {
		return func(f *ggufFile) { delete(f.keys, key) }
	}
	tensor := func(name string, change func(*gguf.Tensor)) func(*ggufFile) {
		return func(f *ggufFile) {
			for i := range f.tensors {
				if f.tensors[i].Name == name {
					change(&f.tensors[i])
				}
			}
		}
	}

	for _, c := range []struct {
		name   string
		change func(*ggufFile)
		want   error
		says   string
	}{
		{"another architecture", set("general.architecture", "gpt2"), model.ErrUnsupported, `"gpt2"`},
		{"no architecture", unset("general.architecture"), gguf.ErrMissing, "general.architecture"},
		{"experts", set("llama.expert_count", uint32(8)), model.ErrUnsupported, "expert_count"},
		{"partly rotated heads", set("llama.rope.dimension_count", uint32(4)), model.ErrUnsupported, "dimension_count"},
		{"scaled rotation", set("llama.rope.scaling.type", "yarn"), model.ErrUnsupported, "yarn"},
		{"no layers", set("llama.block_count", uint32(0)), model.ErrMalformed, "block_count"},
		{"missing size", unset("llama.feed_forward_length"), gguf.ErrMissing, "feed_forward_length"},
		{"size of another type", set("llama.context_length", "long"), gguf.ErrKind, "context_length"},
		{"uneven groups", set("llama.attention.head_count_kv", uint32(3)), model.ErrMalformed, "impossible sizes"},
		{"more layers than tensors", set("llama.block_count", uint32(3)), model.ErrMalformed, "blk.2."},
		{"other widths", set("llama.feed_forward_length", uint32(32)), model.ErrMalformed, "ffn_gate"},
		{"no epsilon", set("llama.attention.layer_norm_rms_epsilon", float32(0)), model.ErrMalformed, "impossible sizes"},
		{
			"no embedding", tensor("token_embd.weight", func(t *gguf.Tensor) { t.Name = "other" }),
			model.ErrMalformed, "token_embd.weight",
		},
		{
			"a bias", tensor("output_norm.weight", func(t *gguf.Tensor) { t.Name = "blk.0.attn_q.bias" }),
			model.ErrMalformed, "output_norm.weight",
		},
		{
			"a bias more", func(f *ggufFile) {
				f.tensors = append(f.tensors, gguf.Tensor{Name: "blk.1.attn_q.bias", Shape: []int{1}, Data: make([]byte, 4)})
			}, model.ErrUnsupported, "blk.1.attn_q.bias",
		},
		{
			"quantisation without dequantiser", tensor("blk.0.ffn_down.weight", func(t *gguf.Tensor) {
				t.Type, t.Shape, t.Data = gguf.I32, []int{32, 64}, make([]byte, 32*64*4)
			}), gguf.ErrUnsupported, "blk.0.ffn_down.weight",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()

			file := newTiny(1).file
			file.keys = maps.Clone(file.keys)
			c.change(&file)

			m, err := model.Open(t.Context(), file.write(t), model.Options{})
			if err == nil {
				_ = m.Close()
			}

			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Open returned %v, want %v with %q", err, c.want, c.says)
			}
		})
	}
}

func TestOpenDamagedFile(t *testing.T) {
	t.Parallel()

	whole := newTiny(1).file.bytes()

	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"cut in the tensors", whole[:len(whole)-100], gguf.ErrTruncated},
		{"cut in the metadata", whole[:60], gguf.ErrTruncated},
		{"empty", nil, gguf.ErrTruncated},
		{"something else", slices.Repeat([]byte("text"), 100), gguf.ErrFormat},
	} {
		path := filepath.Join(t.TempDir(), "damaged.gguf")
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}

		if m, err := model.Open(t.Context(), path, model.Options{}); !errors.Is(err, c.want) {
			t.Errorf("%s: Open returned %v, %v, want %v", c.name, m, err, c.want)
		}
	}

	if _, err := model.Open(t.Context(), filepath.Join(t.TempDir(), "none"), model.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open of a missing file returned %v", err)
	}
}

func TestUnusableInput(t *testing.T) {
	t.Parallel()

	net := newTiny(1)
	m, other := net.open(t, model.Options{Context: 16}), net.open(t, model.Options{})
	logits := make([]float32, net.vocab)
	good := adapter(t, m, allModules(), 1)

	wide := good.Clone()
	wide.Layers[1][lora.Down].In++

	forward := func(c *model.Cache, a *lora.Adapter, tokens []int32, dst []float32) error {
		return m.Forward(t.Context(), c, a, tokens, dst)
	}
	gradients := func(b model.Batch, a, grad *lora.Adapter) error {
		_, _, err := m.Gradients(t.Context(), b, a, grad)

		return err
	}
	batch := func(change func(*model.Batch)) model.Batch {
		b := someBatch(net, 1)
		change(&b)

		return b
	}
	unchanged := func(*model.Batch) {}

	for _, c := range []struct {
		name string
		got  error
		want error
	}{
		{"no tokens", forward(m.NewCache(0), nil, nil, logits), model.ErrInput},
		{"token outside", forward(m.NewCache(0), nil, []int32{1, 96}, logits), model.ErrInput},
		{"negative token", forward(m.NewCache(0), nil, []int32{-1}, logits), model.ErrInput},
		{"short result", forward(m.NewCache(0), nil, []int32{1}, logits[1:]), model.ErrInput},
		{"no cache", forward(nil, nil, []int32{1}, logits), model.ErrInput},
		{"cache of another model", forward(other.NewCache(0), nil, []int32{1}, logits), model.ErrInput},
		{"full cache", forward(m.NewCache(4), nil, make([]int32, 5), logits), model.ErrFull},
		{"full context", forward(m.NewCache(100), nil, make([]int32, 17), logits), model.ErrFull},
		{"foreign adapter", forward(m.NewCache(0), wide, []int32{1}, logits), lora.ErrMismatch},
		{
			"falling rows", m.ForwardRows(t.Context(), m.NewCache(0), nil, []int32{1, 2}, []int{1, 0}, make([]float32, 2*net.vocab)),
			model.ErrInput,
		},
		{"no rows", m.ForwardRows(t.Context(), m.NewCache(0), nil, []int32{1, 2}, nil, nil), model.ErrInput},
		{"no adapter", gradients(someBatch(net, 1), nil, nil), model.ErrInput},
		{"gradient of fewer layers", gradients(someBatch(net, 1), good, &lora.Adapter{Layers: good.Layers[:1]}), model.ErrInput},
		{"foreign gradient", gradients(someBatch(net, 1), good, wide), lora.ErrMismatch},
		{"empty batch", gradients(model.Batch{}, good, good), model.ErrInput},
		{"batch without labels", gradients(batch(func(b *model.Batch) { b.Labels = nil }), good, good), model.ErrInput},
		{"label outside", gradients(batch(func(b *model.Batch) { b.Labels[3] = 96 }), good, good), model.ErrInput},
		{"late start", gradients(batch(func(b *model.Batch) { b.Starts[0] = 1 }), good, good), model.ErrInput},
		{"empty sequence", gradients(batch(func(b *model.Batch) { b.Starts[1] = 0 }), good, good), model.ErrInput},
		{"start after the end", gradients(batch(func(b *model.Batch) { b.Starts[2] = 30 }), good, good), model.ErrInput},
		{"long sequence", gradients(batch(func(b *model.Batch) { b.Starts = b.Starts[:1] }), good, good), model.ErrFull},
		{"nothing wrong", gradients(batch(unchanged), good, lora.ZerosLike(good)), nil},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

// Each layer asks the context, and a cancelled pass leaves the cache as it was.
func TestCancel(t *testing.T) {
	t.Parallel()

	net := newTiny(1)
	m := net.open(t, model.Options{BatchTokens: 4})
	a := adapter(t, m, allModules(), 1)
	grad := lora.ZerosLike(a)
	c := m.NewCache(0)
	logits := make([]float32, net.vocab)

	if err := m.Forward(t.Context(), c, nil, []int32{1, 2, 3}, logits); err != nil {
		t.Fatal(err)
	}

	for name, pass := range map[string]func(context.Context) error{
		"forward": func(ctx context.Context) error {
			err := m.Forward(ctx, c, nil, make([]int32, 10), logits)
			if err == nil {
				c.Truncate(3)
			}

			return err
		},
		"gradients": func(ctx context.Context) error {
			_, _, err := m.Gradients(ctx, someBatch(net, 1), a, grad)

			return err
		},
	} {
		asked := 0

		for ; ; asked++ {
			ctx := lmtest.NewCountdown(t.Context(), asked)

			err := pass(ctx)
			if err == nil {
				break
			}

			if !errors.Is(err, context.Canceled) || c.Len() != 3 {
				t.Fatalf("%s, cancelled after %d layers: %v, the cache holds %d tokens", name, asked, err, c.Len())
			}
		}

		// Three parts of two layers each, forward at least.
		if asked < 6 {
			t.Errorf("%s asked its context %d times", name, asked)
		}
	}
}

func TestClose(t *testing.T) {
	t.Parallel()

	net := newTiny(1)
	m := net.open(t, model.Options{})
	c := m.NewCache(0)
	logits := make([]float32, net.vocab)

	if err := m.Forward(t.Context(), c, nil, []int32{1}, logits); err != nil {
		t.Fatal(err)
	}

	if err := m.Close(); err != nil {
		t.Fatal(err)
	}

	if err := m.Forward(t.Context(), c, nil, []int32{1}, logits); !errors.Is(err, compute.ErrClosed) {
		t.Errorf("Forward after Close returned %v", err)
	}

	c.Close()

	if err := m.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}
