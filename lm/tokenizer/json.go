package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// The files of a Hugging Face folder that say what a tokenizer is.
//
//nolint:gosec // no credentials
const (
	fileTokenizer = "tokenizer.json"
	fileConfig    = "tokenizer_config.json"
	fileSpecial   = "special_tokens_map.json"
)

// Open reads the tokenizer of a Hugging Face folder: tokenizer.json, and tokenizer_config.json and
// special_tokens_map.json where there are such.
func Open(dir string) (*Tokenizer, error) {
	data, err := os.ReadFile(filepath.Join(dir, fileTokenizer))
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}

	var settings [][]byte

	for _, name := range []string{fileConfig, fileSpecial} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}

		if err != nil {
			return nil, fmt.Errorf("tokenizer: %w", err)
		}

		settings = append(settings, content)
	}

	t, err := FromJSON(data, settings...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}

	return t, nil
}

// FromJSON builds the tokenizer that the content of a tokenizer.json describes: byte-level BPE with a known
// pre-tokenizer, or SentencePiece's BPE with byte fallback. Its parts are recognised by what they say; one
// that is not known is refused with ErrUnsupported and its name. What says how batches are cut and filled
// (truncation, padding) is not looked at.
//
// Settings are the contents of tokenizer_config.json and special_tokens_map.json, which name the BOS and EOS
// tokens and tell whether text gets them; of several the first that says it counts. Without any, only
// tokens that tokenizer.json itself puts around text are known as such. Settings that change ids
// (add_prefix_space, legacy) are not looked at: tokenizer.json has them built in, and Hugging Face's
// tokenizers does not read them either. (transformers 5 makes Llama's pre-tokenizer anew from them, so that
// its ids differ for text that begins with a space or follows a control token.)
func FromJSON(data []byte, settings ...[]byte) (*Tokenizer, error) {
	file, err := parts(data, "tokenizer.json",
		"version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model")
	if err != nil {
		return nil, err
	}

	t := &Tokenizer{bos: none, eos: none}

	model, err := parseModel(file["model"])
	if err != nil {
		return nil, err
	}

	structure, err := parseStructure(file)
	if err != nil {
		return nil, err
	}

	if t.form, err = structure.form(model.ByteFallback); err != nil {
		return nil, err
	}

	v, err := model.vocabulary(file["added_tokens"], len(structure.normalizer) != 0)
	if err != nil {
		return nil, err
	}

	if err := t.build(v); err != nil {
		return nil, err
	}

	if model.Unknown != "" && slices.Contains(t.bytes[:], none) {
		return nil, fmt.Errorf("%w: an unknown token, %q, for bytes that the vocabulary lacks", ErrUnsupported, model.Unknown)
	}

	frame, err := parseFrame(file["post_processor"])
	if err != nil {
		return nil, err
	}

	if err := t.frame(frame, settings); err != nil {
		return nil, err
	}

	return t, nil
}

// parts splits a JSON object into its members, and refuses one that is not among the known.
func parts(raw json.RawMessage, what string, known ...string) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrVocabulary, what, err)
	}

	allowed := make(map[string]bool, len(known))
	for _, name := range known {
		allowed[name] = true
	}

	for name := range members {
		if !allowed[name] {
			return nil, fmt.Errorf("%w: %s has %q, which is not implemented", ErrUnsupported, what, name)
		}
	}

	return members, nil
}

// absent tells whether a member of a JSON object is missing or null.
func absent(raw json.RawMessage) bool {
	return len(raw) == 0 || string(raw) == "null"
}
