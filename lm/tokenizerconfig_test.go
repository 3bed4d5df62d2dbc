package lm_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lmtest"
)

func TestTokenizerConfig(t *testing.T) {
	t.Parallel()
	engine, err := lm.Open(t.Context(), lmtest.TinyModel(t, 48), lm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	body, err := engine.TokenizerConfig()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	template, _ := got["chat_template"].(string)
	if got["tokenizer_class"] != "GPT2Tokenizer" || got["add_prefix_space"] != false || got["eos_token"] != "<|im_end|>" || got["model_max_length"] != 512.0 || !strings.Contains(template, "<|im_start|>") {
		t.Errorf("%s", body)
	}
}
