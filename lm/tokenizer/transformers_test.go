package tokenizer_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/tokenizer"
)

// The class is the one that the folders' own settings name, also where there are no settings.
func TestClass(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		want string
		gguf map[string]any
	}{
		"llama2":   {"LlamaTokenizer", map[string]any{"tokenizer.ggml.model": "llama", "tokenizer.ggml.pre": "default"}},
		"mistral":  {"LlamaTokenizer", nil},
		"llama3_1": {"PreTrainedTokenizerFast", map[string]any{"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "llama-bpe"}},
		"qwen3":    {"Qwen2Tokenizer", map[string]any{"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "qwen2"}},
	} {
		content, err := os.ReadFile(filepath.Join(golden.VocabularyPath(t, name), "tokenizer.json"))
		if err != nil {
			t.Fatal(err)
		}

		alone, err := tokenizer.FromJSON(content)
		if err != nil {
			t.Fatal(err)
		}

		told, err := tokenizer.FromJSON(content, []byte(`{"bos_token": null}`), []byte(`{"tokenizer_class": "OtherTokenizer"}`))
		if err != nil {
			t.Fatal(err)
		}

		if got, named, said := open(t, name).Class(), alone.Class(), told.Class(); got != c.want || named != c.want || said != "OtherTokenizer" {
			t.Errorf("%s: %q, without settings %q, with others %q, want %q", name, got, named, said, c.want)
		}

		if c.gguf == nil {
			continue
		}

		if got := converted(t, name, c.gguf).Class(); got != c.want {
			t.Errorf("%s as GGUF: %q, want %q", name, got, c.want)
		}
	}

	if got := smollm(t).Class(); got != "GPT2Tokenizer" {
		t.Errorf("smollm2: %q", got)
	}
}
