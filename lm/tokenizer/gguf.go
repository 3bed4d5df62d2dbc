package tokenizer

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/grokputer/grokputer/lm/gguf"
)

// The metadata keys under which GGUF keeps a tokenizer.
//
//nolint:gosec // no credentials
const (
	keyModel    = "tokenizer.ggml.model"
	keySplit    = "tokenizer.ggml.pre"
	keyTokens   = "tokenizer.ggml.tokens"
	keyTypes    = "tokenizer.ggml.token_type"
	keyScores   = "tokenizer.ggml.scores"
	keyMerges   = "tokenizer.ggml.merges"
	keyBOS      = "tokenizer.ggml.bos_token_id"
	keyEOS      = "tokenizer.ggml.eos_token_id"
	keyAddBOS   = "tokenizer.ggml.add_bos_token"
	keyAddEOS   = "tokenizer.ggml.add_eos_token"
	keyAddSpace = "tokenizer.ggml.add_space_prefix"
)

// The token types that matter here (llama.cpp's llama_token_type).
const (
	typeUnknown     = 2
	typeControl     = 3
	typeUserDefined = 4
	typeUnused      = 5
)

// FromGGUF builds the tokenizer that the file's metadata describes: byte-level BPE
// (tokenizer.ggml.model "gpt2") with a known pre-tokenizer, or SentencePiece's BPE ("llama"). The file may be
// closed afterwards.
func FromGGUF(f *gguf.File) (*Tokenizer, error) {
	model, err := f.String(keyModel)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrVocabulary, err)
	}

	t, v := &Tokenizer{}, vocabulary{}

	switch model {
	case "gpt2":
		err = t.readByteLevel(f, &v)
	case "llama":
		err = t.readSentencePiece(f, &v)
	default:
		err = fmt.Errorf("%w: %s is %q, only byte-level BPE (\"gpt2\") and SentencePiece's (\"llama\") are implemented", ErrUnsupported, keyModel, model)
	}

	if err != nil {
		return nil, err
	}

	if err := t.build(v); err != nil {
		return nil, err
	}

	if t.bos, err = t.optionalID(f, keyBOS); err != nil {
		return nil, err
	}

	if t.eos, err = t.optionalID(f, keyEOS); err != nil {
		return nil, err
	}

	return t, nil
}

// readByteLevel reads a vocabulary in the byte alphabet with its merges.
func (t *Tokenizer) readByteLevel(f *gguf.File, v *vocabulary) error {
	name, err := f.String(keySplit)
	if err != nil {
		return fmt.Errorf("%w: which pre-tokenizer? %w", ErrUnsupported, err)
	}

	family, ok := families[name]
	if !ok {
		return fmt.Errorf("%w: pre-tokenizer %s = %q is not implemented", ErrUnsupported, keySplit, name)
	}

	t.form, v.whole = family.form, family.whole

	if err := t.readTokens(f, v, family.addBOS); err != nil {
		return err
	}

	merges, err := f.Strings(keyMerges)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrVocabulary, err)
	}

	v.rules = make([]rule, len(merges))

	for i, text := range merges {
		left, right, ok := strings.Cut(text, " ")
		if !ok {
			return fmt.Errorf("%w: merge %d, %q, is not of two tokens into a third", ErrVocabulary, i, text)
		}

		v.rules[i] = rule{left, right}
	}

	return nil
}

// readSentencePiece reads a vocabulary with scores. As llama.cpp does, a space is put before text at the
// beginning and after each control token unless the file says otherwise.
func (t *Tokenizer) readSentencePiece(f *gguf.File, v *vocabulary) error {
	if name, err := f.String(keySplit); err == nil && name != "default" {
		return fmt.Errorf("%w: pre-tokenizer %s = %q of a SentencePiece vocabulary", ErrUnsupported, keySplit, name)
	}

	space, err := optionalBool(f, keyAddSpace, true)
	if err != nil {
		return err
	}

	t.form = form{spaces: true, strip: space, transformers: transformersSentencePiece}
	if space {
		t.form.prefix = prefixAlways
	}

	if err := t.readTokens(f, v, true); err != nil {
		return err
	}

	scores, err := f.Floats(keyScores)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrVocabulary, err)
	}

	v.rules, err = rulesOf(*v, scores)

	return err
}

// readTokens reads the tokens and their types, and whether text gets a BOS and an EOS token.
func (t *Tokenizer) readTokens(f *gguf.File, v *vocabulary, addBOS bool) error {
	var err error

	if v.tokens, err = f.Strings(keyTokens); err != nil {
		return fmt.Errorf("%w: %w", ErrVocabulary, err)
	}

	types, err := f.Ints(keyTypes)
	if err != nil && !errors.Is(err, gguf.ErrMissing) {
		return fmt.Errorf("%w: %w", ErrVocabulary, err)
	}

	if len(types) != 0 && len(types) != len(v.tokens) || len(v.tokens) > math.MaxInt32 {
		return fmt.Errorf("%w: %d tokens and %d types", ErrVocabulary, len(v.tokens), len(types))
	}

	v.kinds = make([]kind, len(v.tokens))

	for i, kind := range types {
		switch kind {
		case typeUnknown, typeControl, typeUserDefined:
			v.kinds[i] = control
		case typeUnused:
			v.kinds[i] = filler
		}
	}

	if t.addsBOS, err = optionalBool(f, keyAddBOS, addBOS); err != nil {
		return err
	}

	t.addsEOS, err = optionalBool(f, keyAddEOS, false)

	return err
}

func (t *Tokenizer) optionalID(f *gguf.File, key string) (int32, error) {
	id, err := f.Uint(key)
	if errors.Is(err, gguf.ErrMissing) {
		return none, nil
	}

	if err != nil {
		return none, fmt.Errorf("%w: %w", ErrVocabulary, err)
	}

	if id >= uint64(len(t.tokens)) {
		return none, fmt.Errorf("%w: %s is %d, the vocabulary has %d tokens", ErrVocabulary, key, id, len(t.tokens))
	}

	return int32(id), nil
}

func optionalBool(f *gguf.File, key string, otherwise bool) (bool, error) {
	value, err := f.Bool(key)
	if errors.Is(err, gguf.ErrMissing) {
		return otherwise, nil
	}

	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrVocabulary, err)
	}

	return value, nil
}
