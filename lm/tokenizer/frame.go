package tokenizer

import (
	"encoding/json"
	"fmt"
)

// frame is what stands around a text: the tokens that the post-processor adds.
type frame struct{ before, after []int32 }

// parseFrame reads a post-processor: ByteLevel, which only moves offsets, and TemplateProcessing.
func parseFrame(raw json.RawMessage) (frame, error) {
	var f frame

	if absent(raw) {
		return f, nil
	}

	processors := []json.RawMessage{raw}

	var sequence struct {
		Type       string            `json:"type"`
		Processors []json.RawMessage `json:"processors"`
	}

	if err := json.Unmarshal(raw, &sequence); err != nil {
		return f, fmt.Errorf("%w: post-processor: %w", ErrVocabulary, err)
	}

	if sequence.Type == "Sequence" {
		processors = sequence.Processors
	}

	for _, processor := range processors {
		if err := f.add(processor); err != nil {
			return f, err
		}
	}

	return f, nil
}

// template is the post-processor TemplateProcessing.
type template struct {
	Type   string `json:"type"`
	Single []struct {
		SpecialToken *struct {
			ID string `json:"id"`
		} `json:"SpecialToken"`
		Sequence *struct {
			ID string `json:"id"`
		} `json:"Sequence"`
	} `json:"single"`
	SpecialTokens map[string]struct {
		IDs []int32 `json:"ids"`
	} `json:"special_tokens"`
}

// add takes one post-processor into account.
func (f *frame) add(raw json.RawMessage) error {
	var t template

	if err := json.Unmarshal(raw, &t); err != nil {
		return fmt.Errorf("%w: post-processor: %w", ErrVocabulary, err)
	}

	switch t.Type {
	case "ByteLevel":
		return nil
	case "TemplateProcessing":
	default:
		return fmt.Errorf("%w: post-processor %q is not implemented", ErrUnsupported, t.Type)
	}

	texts := 0

	for _, part := range t.Single {
		switch {
		case part.Sequence != nil && part.SpecialToken == nil:
			texts++
		case part.SpecialToken == nil:
			return fmt.Errorf("%w: a post-processor's template with neither text nor token", ErrVocabulary)
		case texts == 0:
			f.before = append(f.before, t.SpecialTokens[part.SpecialToken.ID].IDs...)
		default:
			f.after = append(f.after, t.SpecialTokens[part.SpecialToken.ID].IDs...)
		}
	}

	if texts != 1 || len(f.before) > 1 || len(f.after) > 1 {
		return fmt.Errorf("%w: a post-processor that puts %d tokens before %d texts and %d after", ErrUnsupported, len(f.before), texts, len(f.after))
	}

	return nil
}
