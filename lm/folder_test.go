package lm_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/hf"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// folder writes the model of a GGUF file as a Hugging Face folder, with so many rows of
// the embedding that no token has.
func folder(tb testing.TB, path string, unused int) string {
	tb.Helper()
	f, err := gguf.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	size := func(key string) int {
		n, err := f.Uint("llama." + key)
		if err != nil {
			tb.Fatal(err)
		}
		return int(n)
	}
	tokens, merges := texts(tb, f, "tokenizer.ggml.tokens"), texts(tb, f, "tokenizer.ggml.merges")
	head := size("embedding_length") / size("attention.head_count")
	names := strings.NewReplacer("token_embd", "model.embed_tokens", "output_norm", "model.norm", "blk.", "model.layers.",
		"attn_norm", "input_layernorm", "ffn_norm", "post_attention_layernorm", "attn_output", "self_attn.o_proj",
		"attn_", "self_attn.", "ffn_", "mlp.", "q.weight", "q_proj.weight", "k.weight", "k_proj.weight", "v.weight", "v_proj.weight",
		"gate.", "gate_proj.", "up.", "up_proj.", "down.", "down_proj.")
	var tensors []safetensors.Tensor
	for _, t := range f.Tensors() {
		name, shape, data := names.Replace(t.Name), slices.Clone(t.Shape), slices.Clone(t.Data)
		if strings.Contains(t.Name, "attn_q") || strings.Contains(t.Name, "attn_k") {
			for row := range t.Rows() { // as Hugging Face orders them
				p, j := row%head/(head/2), row%(head/2)
				from, _ := t.Row(row - row%head + 2*j + p)
				copy(data[row*t.RowBytes():], from)
			}
		}
		if t.Name == "token_embd.weight" {
			shape[0] += unused
			data = append(data, make([]byte, unused*t.RowBytes())...)
		}
		tensors = append(tensors, safetensors.Tensor{Name: name, DType: safetensors.F32, Shape: shape, Data: data})
	}
	dir := filepath.Join(tb.TempDir(), "tiny")
	if err := errors.Join(os.Mkdir(dir, 0o700), safetensors.Write(filepath.Join(dir, "model.safetensors"), tensors, nil)); err != nil {
		tb.Fatal(err)
	}
	template, err := f.String("tokenizer.chat_template")
	if err != nil {
		tb.Fatal(err)
	}
	type object = map[string]any
	vocab, added := object{}, []object{}
	for id, token := range tokens {
		if strings.HasPrefix(token, "<|im_") {
			added = append(added, object{
				"id": id, "content": token, "special": true, "normalized": false, "lstrip": false, "rstrip": false, "single_word": false,
			})
			continue
		}
		vocab[token] = id
	}
	level := object{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}
	for name, content := range map[string]object{
		"config.json": {
			"model_type": "llama", "hidden_size": size("embedding_length"), "intermediate_size": size("feed_forward_length"),
			"num_hidden_layers": size("block_count"), "num_attention_heads": size("attention.head_count"),
			"num_key_value_heads": size("attention.head_count_kv"), "max_position_embeddings": size("context_length"),
			"rms_norm_eps": 1e-5, "vocab_size": len(tokens) + unused, "tie_word_embeddings": true,
		},
		"tokenizer.json": {
			"version": "1.0", "added_tokens": added, "normalizer": nil, "post_processor": nil, "decoder": level,
			"pre_tokenizer": object{
				"type": "Sequence", "pretokenizers": []object{{"type": "Digits", "individual_digits": true}, level},
			},
			"model": object{"type": "BPE", "vocab": vocab, "merges": merges},
		},
		"tokenizer_config.json": {"eos_token": "<|im_end|>", "chat_template": template},
	} {
		put(tb, dir, name, content)
	}
	return dir
}

func texts(tb testing.TB, f *gguf.File, key string) []string {
	tb.Helper()
	out, err := f.Strings(key)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func put(tb testing.TB, dir, name string, content any) {
	tb.Helper()
	body, err := json.Marshal(content)
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
		tb.Fatal(err)
	}
}

func answer(t *testing.T, e *lm.Engine) string {
	t.Helper()
	res, err := e.Generate(t.Context(), user("a ok"), lm.GenerateOptions{MaxTokens: 12})
	if err != nil {
		t.Fatal(err)
	}
	return res.Text
}

// A model says the same from a folder as from a GGUF file.
func TestFolder(t *testing.T) {
	t.Parallel()
	path := tiny(t, 48)
	file := open(t, path, lm.Options{Precision: compute.Float32})
	data := lessons(t, file)
	want, err := file.Evaluate(t.Context(), nil, data.Train)
	if err != nil {
		t.Fatal(err)
	}
	said := answer(t, file)
	for _, unused := range []int{0, 5} {
		dir := folder(t, path, unused)
		e := open(t, dir, lm.Options{Precision: compute.Float32})
		if got := answer(t, e); got != said {
			t.Errorf("with %d unused rows the folder says %q, the file %q", unused, got, said)
		}
		got, err := e.Evaluate(t.Context(), nil, lessons(t, e).Train)
		if err != nil {
			t.Fatal(err)
		}
		if !(math.Abs(got-want) < 1e-4) { // unused rows get next to no probability here
			t.Errorf("with %d unused rows the folder's loss is %g, the file's %g", unused, got, want)
		}
		if info := e.Info(); info.Name != "tiny" || len(info.SHA256) != 64 {
			t.Errorf("info %+v", info)
		}
		again, err := lm.Open(t.Context(), dir, lm.Options{SHA256: e.Info().SHA256})
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
		if _, err := lm.Open(t.Context(), dir, lm.Options{SHA256: file.Info().SHA256}); !errors.Is(err, lm.ErrDigest) {
			t.Errorf("another digest: %v", err)
		}
	}
}

func TestFolderWithoutWords(t *testing.T) {
	t.Parallel()
	path := tiny(t, 48)
	for name, c := range map[string]struct {
		change func(dir string)
		want   error
	}{
		"no configuration": {func(dir string) { _ = os.Remove(filepath.Join(dir, "config.json")) }, os.ErrNotExist},
		"bad index":        {func(dir string) { put(t, dir, "model.safetensors.index.json", "x") }, hf.ErrFormat},
		"no tokenizer":     {func(dir string) { _ = os.Remove(filepath.Join(dir, "tokenizer.json")) }, os.ErrNotExist},
		"no template":      {func(dir string) { put(t, dir, "tokenizer_config.json", map[string]any{"chat_template": nil}) }, chat.ErrTemplate},
		"bad settings":     {func(dir string) { put(t, dir, "tokenizer_config.json", map[string]any{"chat_template": 3}) }, chat.ErrTemplate},
		"several templates": {func(dir string) {
			put(t, dir, "tokenizer_config.json", map[string]any{"eos_token": "<|im_end|>", "chat_template": []map[string]string{
				{"name": "tool_use", "template": "{{ x("}, {"name": "default", "template": "{{ messages[0].content }}"},
			}})
		}, nil},
		"a template of its own": {func(dir string) {
			_ = os.WriteFile(filepath.Join(dir, "chat_template.jinja"), []byte("{{ x("), 0o600)
		}, chat.ErrTemplate},
	} {
		dir := folder(t, path, 0)
		c.change(dir)
		e, err := lm.Open(t.Context(), dir, lm.Options{})
		if err == nil {
			_ = e.Close()
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
