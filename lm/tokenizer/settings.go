package tokenizer

import (
	"encoding/json"
	"fmt"
)

// settings is the part of tokenizer_config.json and special_tokens_map.json that matters here.
type settings struct {
	BOS    named  `json:"bos_token"`
	EOS    named  `json:"eos_token"`
	AddBOS *bool  `json:"add_bos_token"`
	AddEOS *bool  `json:"add_eos_token"`
	Class  string `json:"tokenizer_class"`
}

// named is a token by its name, which is written as a string or as an object.
type named string

// UnmarshalJSON reads "<s>" and {"content": "<s>"}.
func (n *named) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var token struct {
			Content string `json:"content"`
		}

		err := json.Unmarshal(data, &token)
		*n = named(token.Content)

		return err
	}

	return json.Unmarshal(data, (*string)(n))
}

// frame fills BOS and EOS, and whether they are put around text, from the post-processor and from the
// settings, which come first.
func (t *Tokenizer) frame(f frame, files [][]byte) error {
	var s settings

	for _, content := range files {
		var next settings
		if err := json.Unmarshal(content, &next); err != nil {
			return fmt.Errorf("%w: settings: %w", ErrVocabulary, err)
		}

		s = s.or(next)
	}

	var err error

	if t.bos, err = t.end(s.BOS, f.before); err != nil {
		return err
	}

	if t.eos, err = t.end(s.EOS, f.after); err != nil {
		return err
	}

	if s.Class != "" {
		t.form.transformers = s.Class
	}

	t.addsBOS = or(s.AddBOS, len(f.before) != 0)
	t.addsEOS = or(s.AddEOS, len(f.after) != 0)

	return nil
}

// or returns s, and of what it does not say, what next says.
func (s settings) or(next settings) settings {
	if s.BOS == "" {
		s.BOS = next.BOS
	}

	if s.EOS == "" {
		s.EOS = next.EOS
	}

	if s.AddBOS == nil {
		s.AddBOS = next.AddBOS
	}

	if s.AddEOS == nil {
		s.AddEOS = next.AddEOS
	}

	if s.Class == "" {
		s.Class = next.Class
	}

	return s
}

// end returns the id of the token that stands at one end of a text: the named one, or else the frame's.
func (t *Tokenizer) end(name named, frame []int32) (int32, error) {
	if name != "" {
		id, ok := t.Special(string(name))
		if !ok {
			return none, fmt.Errorf("%w: the settings name %q, which is no control token", ErrVocabulary, name)
		}

		return id, nil
	}

	if len(frame) == 0 {
		return none, nil
	}

	if !t.IsSpecial(frame[0]) {
		return none, fmt.Errorf("%w: the post-processor adds %d, which is no control token", ErrVocabulary, frame[0])
	}

	return frame[0], nil
}
