package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
)

// model is the member "model" of a tokenizer.json, if it is BPE.
type model struct {
	Dropout        float64          `json:"dropout"`
	Unknown        string           `json:"unk_token"`
	ContinuePrefix string           `json:"continuing_subword_prefix"`
	EndSuffix      string           `json:"end_of_word_suffix"`
	ByteFallback   bool             `json:"byte_fallback"`
	IgnoreMerges   bool             `json:"ignore_merges"`
	Vocab          map[string]int32 `json:"vocab"`
	Merges         []rule           `json:"merges"`
}

func parseModel(raw json.RawMessage) (model, error) {
	var (
		m     model
		named struct {
			Type string `json:"type"`
		}
	)

	if absent(raw) {
		return m, fmt.Errorf("%w: there is no model", ErrVocabulary)
	}

	if err := json.Unmarshal(raw, &named); err != nil {
		return m, fmt.Errorf("%w: the model: %w", ErrVocabulary, err)
	}

	if named.Type != "BPE" && named.Type != "" { // GPT-2's file does not name it
		return m, fmt.Errorf("%w: the model is %q, only BPE is implemented", ErrUnsupported, named.Type)
	}

	if _, err := parts(raw, "the model", "type", "dropout", "unk_token", "continuing_subword_prefix",
		"end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges"); err != nil {
		return m, err
	}

	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("%w: the model: %w", ErrVocabulary, err)
	}

	if m.Dropout != 0 || m.ContinuePrefix != "" || m.EndSuffix != "" {
		return m, fmt.Errorf("%w: the model has dropout %v, continuing_subword_prefix %q and end_of_word_suffix %q; these are not implemented",
			ErrUnsupported, m.Dropout, m.ContinuePrefix, m.EndSuffix)
	}

	return m, nil
}

// UnmarshalJSON reads a merge in both ways that it is written: "a b" and ["a", "b"].
func (r *rule) UnmarshalJSON(data []byte) error {
	var both []string

	if len(data) > 0 && data[0] == '"' {
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}

		both = strings.SplitN(text, " ", 2)
	} else if err := json.Unmarshal(data, &both); err != nil {
		return err
	}

	if len(both) != 2 {
		return fmt.Errorf("merge %q is not of two tokens", both)
	}

	*r = rule{both[0], both[1]}

	return nil
}

// addedToken is an element of the member "added_tokens" of a tokenizer.json.
type addedToken struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
}

// vocabulary joins the model's tokens and the added ones. All the latter are control tokens: whether
// they are "special" only tells Hugging Face's decoder what to leave out.
func (m model) vocabulary(raw json.RawMessage, normalizes bool) (vocabulary, error) {
	var added []addedToken

	if !absent(raw) {
		if err := json.Unmarshal(raw, &added); err != nil {
			return vocabulary{}, fmt.Errorf("%w: added_tokens: %w", ErrVocabulary, err)
		}
	}

	// Ids may have gaps, but only so many that they do not make a small file take much memory.
	limit := int32(min(2*(len(m.Vocab)+len(added))+1024, 1<<30))
	last := int32(-1)

	for text, id := range m.Vocab {
		if id < 0 || id >= limit {
			return vocabulary{}, fmt.Errorf("%w: token %q has the id %d", ErrVocabulary, text, id)
		}

		last = max(last, id)
	}

	for _, a := range added {
		if a.ID < 0 || a.ID >= limit {
			return vocabulary{}, fmt.Errorf("%w: token %q has the id %d", ErrVocabulary, a.Content, a.ID)
		}

		last = max(last, a.ID)
	}

	v := vocabulary{tokens: make([]string, last+1), kinds: make([]kind, last+1), rules: m.Merges, whole: m.IgnoreMerges}
	for i := range v.kinds {
		v.kinds[i] = filler
	}

	for text, id := range m.Vocab {
		if v.kinds[id] != filler {
			return v, fmt.Errorf("%w: tokens %q and %q have the id %d", ErrVocabulary, v.tokens[id], text, id)
		}

		v.tokens[id], v.kinds[id] = text, normal
	}

	for _, a := range added {
		if a.SingleWord || a.LStrip || a.RStrip || a.Normalized && normalizes {
			return v, fmt.Errorf("%w: added token %q with single_word, lstrip, rstrip or, beside a normalizer, normalized", ErrUnsupported, a.Content)
		}

		if id, ok := m.Vocab[a.Content]; ok && id != a.ID || !ok && v.kinds[a.ID] != filler {
			return v, fmt.Errorf("%w: added token %q has the id %d, which the model contradicts", ErrVocabulary, a.Content, a.ID)
		}

		v.tokens[a.ID], v.kinds[a.ID] = a.Content, control
	}

	return v, nil
}
