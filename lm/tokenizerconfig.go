package lm

import (
	"encoding/json"
	"fmt"
)

// tokenizerConfig is the part of Hugging Face's tokenizer_config.json that says how
// a model is talked to.
type tokenizerConfig struct {
	Class        string `json:"tokenizer_class"`
	BOS          string `json:"bos_token,omitempty"`
	EOS          string `json:"eos_token,omitempty"`
	ChatTemplate string `json:"chat_template"`
	MaxLength    int    `json:"model_max_length"`
	AddPrefix    *bool  `json:"add_prefix_space,omitempty"` // of byte-level tokenizers
	AddBOS       *bool  `json:"add_bos_token,omitempty"`    // of SentencePiece's
	AddEOS       *bool  `json:"add_eos_token,omitempty"`
	CleanUp      bool   `json:"clean_up_tokenization_spaces"`
}

// TokenizerConfig is what transformers expects as tokenizer_config.json beside an
// adapter: the tokenizer's class, the control tokens, the chat template that it was trained with, and the
// model's context. The vocabulary itself comes with the base model.
func (e *Engine) TokenizerConfig() ([]byte, error) {
	c := tokenizerConfig{
		Class: e.tok.Class(), ChatTemplate: e.template.Source(), MaxLength: e.model.Config().Context,
	}
	if e.tok.SentencePiece() {
		c.AddBOS, c.AddEOS = new(e.tok.AddsBOS()), new(e.tok.AddsEOS())
	} else {
		c.AddPrefix = new(false)
	}
	if id, ok := e.tok.BOS(); ok {
		c.BOS = string(e.tok.Token(id))
	}
	if id, ok := e.tok.EOS(); ok {
		c.EOS = string(e.tok.Token(id))
	}
	body, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("lm: tokenizer config: %w", err)
	}
	return append(body, '\n'), nil
}
