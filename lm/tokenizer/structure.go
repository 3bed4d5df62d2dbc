package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
)

// structure is how a tokenizer.json treats text, apart from its model.
type structure struct {
	normalizer []component
	split      []component // the pre-tokenizer
	decoder    []component
}

func parseStructure(file map[string]json.RawMessage) (structure, error) {
	var (
		s   structure
		err error
	)

	if s.normalizer, err = parseComponents(file["normalizer"], "normalizer", "normalizers"); err != nil {
		return s, err
	}

	if s.split, err = parseComponents(file["pre_tokenizer"], "pre-tokenizer", "pretokenizers"); err != nil {
		return s, err
	}

	s.decoder, err = parseComponents(file["decoder"], "decoder", "decoders")

	return s, err
}

// form returns what the structure does to text. byteFallback is the model's.
func (s structure) form(byteFallback bool) (form, error) {
	if byteFallback {
		return s.sentencePiece()
	}

	return s.byteLevel()
}

// byteLevel is the form of GPT-2 and its successors.
func (s structure) byteLevel() (form, error) {
	var f form

	switch {
	case len(s.normalizer) == 0:
	case len(s.normalizer) == 1 && s.normalizer[0].Type == "NFC":
		f.nfc = true
	default:
		return f, unknown("normalizer", s.normalizer)
	}

	split := s.split
	if len(split) == 0 || split[len(split)-1].Type != "ByteLevel" || or(split[len(split)-1].AddPrefixSpace, true) {
		return f, unknown("pre-tokenizer", split)
	}

	expressions := or(split[len(split)-1].UseRegex, true)
	before := split[:len(split)-1]

	switch {
	case len(before) == 0 && expressions:
		f.split, f.transformers = splitGPT2, transformersGPT2
	case len(before) == 1 && expressions && before[0].Type == "Digits" && before[0].IndividualDigits:
		f.split, f.transformers = splitSmolLM, transformersGPT2
	case len(before) == 1 && !expressions && before[0].isolates(expressionGPT2):
		f.split, f.transformers = splitGPT2, transformersGPT2
	case len(before) == 1 && !expressions && before[0].isolates(expressionLlama3):
		f.split, f.transformers = splitLlama3, transformersLlama3
	case len(before) == 1 && !expressions && before[0].isolates(expressionQwen):
		f.split, f.transformers = splitQwen, transformersQwen
	default:
		return f, unknown("pre-tokenizer", split)
	}

	if len(s.decoder) != 1 || s.decoder[0].Type != "ByteLevel" {
		return f, unknown("decoder", s.decoder)
	}

	return f, nil
}

// sentencePiece is the form of Llama 2 and Mistral: spaces become "▁" in the normalizer, or in the
// pre-tokenizer Metaspace.
func (s structure) sentencePiece() (form, error) {
	f := form{spaces: true, transformers: transformersSentencePiece}

	switch n := s.normalizer; {
	case len(n) == 2 && n[0].Type == "Prepend" && n[0].Prepend == blank && n[1].replaces(" ", blank) && len(s.split) == 0:
		f.prefix = prefixAlways
	case len(n) == 1 && n[0].replaces(" ", blank) && len(s.split) == 0:
	case len(n) != 0:
		return f, unknown("normalizer", n)
	case len(s.split) == 1 && s.split[0].Type == "Metaspace" && s.split[0].Replacement == blank:
		if or(s.split[0].Split, true) {
			f.split = splitBlanks
		}

		switch scheme := s.split[0].PrependScheme; {
		case scheme == "never":
		case !or(s.split[0].AddPrefixSpace, true):
			return f, unknown("pre-tokenizer", s.split)
		case scheme == "first":
			f.prefix = prefixFirst
		case scheme == "always" || scheme == "":
			f.prefix = prefixSpaced
		default:
			return f, unknown("pre-tokenizer", s.split)
		}
	default:
		return f, unknown("pre-tokenizer", s.split)
	}

	d := s.decoder
	if len(d) < 3 || len(d) > 4 || !d[0].replaces(blank, " ") || d[1].Type != "ByteFallback" || d[2].Type != "Fuse" {
		return f, unknown("decoder", d)
	}

	if len(d) == 4 {
		if d[3].Type != "Strip" || d[3].Content != " " || d[3].Start != 1 || d[3].Stop != 0 {
			return f, unknown("decoder", d)
		}

		f.strip = true
	}

	return f, nil
}

// isolates tells whether the component splits by that regular expression.
func (c component) isolates(expression string) bool {
	return c.Type == "Split" && c.Pattern == pattern{Regex: expression} && c.Behavior == "Isolated" && !c.Invert
}

// replaces tells whether the component puts one string in the other's place.
func (c component) replaces(old, with string) bool {
	return c.Type == "Replace" && c.Pattern == pattern{String: old} && c.Content == with
}

// unknown says that components are of known types, but not in a known order or with known settings.
func unknown(what string, components []component) error {
	names := make([]string, len(components))

	for i, c := range components {
		names[i] = c.Type

		if c.Pattern != (pattern{}) {
			names[i] += fmt.Sprintf("(%q)", c.Pattern.Regex+c.Pattern.String)
		}
	}

	return fmt.Errorf("%w: %s [%s] with its settings is not implemented for such a vocabulary", ErrUnsupported, what, strings.Join(names, " "))
}
