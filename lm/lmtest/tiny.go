// Package lmtest makes models that are small enough for tests of what stands on
// the engine.
package lmtest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/gguf"
)

// chatTemplate is ChatML, as SmolLM2 has it.
const chatTemplate = `{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`

// tinyTokens are all bytes in GPT-2's alphabet, a few merged tokens, and two
// control tokens.
func tinyTokens() (tokens []string, types []int32, merges []string) {
	next := rune(256)
	for c := range rune(256) {
		if c >= '!' && c <= '~' || c >= '¡' && c <= '¬' || c >= '®' && c <= 'ÿ' {
			tokens = append(tokens, string(c))
		} else {
			tokens = append(tokens, string(next))
			next++
		}
	}
	for _, m := range [][2]string{{"c", "l"}, {"i", "c"}, {"cl", "ic"}, {"clic", "k"}, {"Ġ", `"`}, {"l", "o"}, {"o", "k"}} {
		tokens = append(tokens, m[0]+m[1])
		merges = append(merges, m[0]+" "+m[1])
	}
	for range tokens {
		types = append(types, 1)
	}
	return append(tokens, "<|im_start|>", "<|im_end|>"), append(types, 3, 3), merges
}

// TinyModel writes a GGUF file of a random model with two layers of that
// feed-forward width, in float32, and returns its path. Its tokenizer knows every
// byte. Equal widths give equal files.
func TinyModel(tb testing.TB, feedForward int) string {
	tb.Helper()
	const hidden, heads, kvHeads, layers = 32, 4, 2, 2
	tokens, types, merges := tinyTokens()
	var w gguf.Writer
	metadata := map[string]any{
		"general.architecture":                   "llama",
		"general.name":                           "tiny",
		"llama.block_count":                      uint32(layers),
		"llama.embedding_length":                 uint32(hidden),
		"llama.feed_forward_length":              uint32(feedForward),
		"llama.attention.head_count":             uint32(heads),
		"llama.attention.head_count_kv":          uint32(kvHeads),
		"llama.context_length":                   uint32(512),
		"llama.attention.layer_norm_rms_epsilon": float32(1e-5),
		"llama.rope.freq_base":                   float32(10000),
		"tokenizer.ggml.model":                   "gpt2",
		"tokenizer.ggml.pre":                     "smollm",
		"tokenizer.ggml.tokens":                  tokens,
		"tokenizer.ggml.token_type":              types,
		"tokenizer.ggml.merges":                  merges,
		"tokenizer.ggml.eos_token_id":            uint32(len(tokens) - 1),
		"tokenizer.chat_template":                chatTemplate,
	}
	for _, key := range slices.Sorted(maps.Keys(metadata)) { // equal files
		if err := w.Set(key, metadata[key]); err != nil {
			tb.Fatal(err)
		}
	}
	rng := rand.New(rand.NewPCG(1, uint64(feedForward)))
	add := func(name string, scale float64, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		var data []byte
		for range n {
			x := float32(scale * rng.NormFloat64())
			if scale == 0 {
				x = 1 // the gain of a norm
			}
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
		}
		if err := w.Add(gguf.Tensor{Name: name, Type: gguf.F32, Shape: shape, Data: data}); err != nil {
			tb.Fatal(err)
		}
	}
	add("token_embd.weight", 1, len(tokens), hidden)
	add("output_norm.weight", 0, hidden)
	for i := range layers {
		at := func(part string) string { return fmt.Sprintf("blk.%d.%s.weight", i, part) }
		add(at("attn_norm"), 0, hidden)
		add(at("ffn_norm"), 0, hidden)
		add(at("attn_q"), 0.2, hidden, hidden)
		add(at("attn_k"), 0.2, hidden/heads*kvHeads, hidden)
		add(at("attn_v"), 0.2, hidden/heads*kvHeads, hidden)
		add(at("attn_output"), 0.2, hidden, hidden)
		add(at("ffn_gate"), 0.2, feedForward, hidden)
		add(at("ffn_up"), 0.2, feedForward, hidden)
		add(at("ffn_down"), 0.2, hidden, feedForward)
	}
	path := filepath.Join(tb.TempDir(), "tiny.gguf")
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.WriteTo(f); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return path
}
