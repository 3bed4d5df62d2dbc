package lm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/hf"
	"github.com/grokputer/grokputer/lm/model"
	"github.com/grokputer/grokputer/lm/tokenizer"
)

// folderDigest returns the sha256 of what sha256sum prints for the files that decide
// what a Hugging Face folder's model reads and computes, sorted by name.
func folderDigest(ctx context.Context, dir string) (string, error) {
	f, err := hf.Open(dir)
	if err != nil {
		return "", fmt.Errorf("lm: base model: %w", err)
	}
	names := append(f.Files(), "tokenizer.json", "tokenizer_config.json")
	if err := f.Close(); err != nil {
		return "", fmt.Errorf("lm: base model: %w", err)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		digest, err := fileDigest(ctx, filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // a tokenizer's settings can be left out
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s  %s\n", digest, name)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// readFolderText reads what a Hugging Face folder says about text.
func (e *Engine) readFolderText(dir string) error {
	var err error
	if e.tok, err = tokenizer.Open(dir); err != nil {
		return fmt.Errorf("tokenizer: %w", err)
	}
	source, err := folderTemplate(dir)
	if err != nil {
		return fmt.Errorf("chat template: %w", err)
	}
	var options chat.Options
	if id, ok := e.tok.BOS(); ok {
		options.BOS = string(e.tok.Token(id))
	}
	if id, ok := e.tok.EOS(); ok {
		options.EOS = string(e.tok.Token(id))
	}
	if e.template, err = chat.New(source, options); err != nil {
		return fmt.Errorf("chat template: %w", err)
	}
	e.name = filepath.Base(filepath.Clean(dir))
	return nil
}

// folderTemplate returns the chat template: a file of its own since transformers 4.51,
// a part of tokenizer_config.json before. Of several the one named "default" is taken.
func folderTemplate(dir string) (string, error) {
	source, err := os.ReadFile(filepath.Join(dir, "chat_template.jinja"))
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return string(source), err
	}
	content, err := os.ReadFile(filepath.Join(dir, "tokenizer_config.json"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	var config struct {
		Template json.RawMessage `json:"chat_template"`
	}
	if err == nil {
		err = json.Unmarshal(content, &config)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%w: tokenizer_config.json: %w", chat.ErrTemplate, err)
	}
	var one string
	if json.Unmarshal(config.Template, &one) == nil && one != "" {
		return one, nil
	}
	var several []struct {
		Name     string `json:"name"`
		Template string `json:"template"`
	}
	if json.Unmarshal(config.Template, &several) == nil {
		for _, t := range several {
			if t.Name == "default" {
				return t.Template, nil
			}
		}
	}
	return "", fmt.Errorf("%w: neither chat_template.jinja nor tokenizer_config.json has one; take a model made for chats", chat.ErrTemplate)
}

// architecture returns what GGUF files call a model's family: llama.cpp takes Mistral's
// models for Llama's.
func architecture(c model.Config) string {
	if c.Architecture == "mistral" {
		return "llama"
	}
	return c.Architecture
}
