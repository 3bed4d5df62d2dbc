package tokenizer

import (
	"encoding/json"
	"fmt"
)

// component is a normalizer, pre-tokenizer or decoder of a tokenizer.json: its type, and the members of all
// types that matter here.
type component struct {
	Type             string  `json:"type"`
	Prepend          string  `json:"prepend"`
	Pattern          pattern `json:"pattern"`
	Content          string  `json:"content"`
	Behavior         string  `json:"behavior"`
	Invert           bool    `json:"invert"`
	AddPrefixSpace   *bool   `json:"add_prefix_space"`
	UseRegex         *bool   `json:"use_regex"`
	IndividualDigits bool    `json:"individual_digits"`
	Replacement      string  `json:"replacement"`
	PrependScheme    string  `json:"prepend_scheme"`
	Split            *bool   `json:"split"`
	Start            int     `json:"start"`
	Stop             int     `json:"stop"`
}

// pattern is what Split and Replace look for.
type pattern struct {
	String string `json:"String"`
	Regex  string `json:"Regex"`
}

// members are the known types of components and the known members of each. trim_offsets changes no id.
var members = map[string][]string{
	"NFC":          nil,
	"Prepend":      {"prepend"},
	"Replace":      {"pattern", "content"},
	"Split":        {"pattern", "behavior", "invert"},
	"ByteLevel":    {"add_prefix_space", "trim_offsets", "use_regex"},
	"Digits":       {"individual_digits"},
	"Metaspace":    {"replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"},
	"ByteFallback": nil,
	"Fuse":         nil,
	"Strip":        {"content", "start", "stop"},
}

// parseComponents reads what a member of a tokenizer.json consists of: nothing, one component, or those of
// a Sequence, whose elements are listed under inside.
func parseComponents(raw json.RawMessage, what, inside string) ([]component, error) {
	if absent(raw) {
		return nil, nil
	}

	c, err := parseComponent(raw, what, inside)
	if err != nil || c.Type != "Sequence" {
		return []component{c}, err
	}

	var sequence map[string]json.RawMessage

	var elements []json.RawMessage

	if err := json.Unmarshal(raw, &sequence); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrVocabulary, what, err)
	}

	if err := json.Unmarshal(sequence[inside], &elements); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrVocabulary, what, err)
	}

	out := make([]component, len(elements))

	for i, element := range elements {
		if out[i], err = parseComponent(element, what, ""); err != nil {
			return nil, err
		}
	}

	return out, nil
}

// parseComponent reads one component. A Sequence is one where its member inside is given.
func parseComponent(raw json.RawMessage, what, inside string) (component, error) {
	var c component

	if err := json.Unmarshal(raw, &c); err != nil {
		return c, fmt.Errorf("%w: %s: %w", ErrVocabulary, what, err)
	}

	known, ok := members[c.Type]
	if c.Type == "Sequence" && inside != "" {
		known, ok = []string{inside}, true
	}

	if !ok {
		return c, fmt.Errorf("%w: %s %q is not implemented", ErrUnsupported, what, c.Type)
	}

	_, err := parts(raw, what+" "+c.Type, append([]string{"type"}, known...)...)

	return c, err
}

// or returns a setting, or its default.
func or(setting *bool, otherwise bool) bool {
	if setting == nil {
		return otherwise
	}

	return *setting
}
