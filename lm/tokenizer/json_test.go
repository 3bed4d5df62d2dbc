package tokenizer_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/tokenizer"
)

// object is a JSON object of a test's file.
type object = map[string]any

func list(items ...any) []any { return items }

const llama3 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

func split(expression string) object {
	return object{"type": "Split", "pattern": object{"Regex": expression}, "behavior": "Isolated", "invert": false}
}

func sequence(member string, elements ...any) object {
	return object{"type": "Sequence", member: elements}
}

func added(id int, content string) object {
	return object{"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}
}

// byteLevel is a small tokenizer.json as Llama 3 has it.
func byteLevel() object {
	level := object{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}

	return object{
		"version": "1.0", "truncation": nil, "padding": nil,
		"added_tokens":   list(added(8, "<s>"), added(9, "</s>")),
		"normalizer":     nil,
		"pre_tokenizer":  sequence("pretokenizers", split(llama3), level),
		"post_processor": sequence("processors", level, template("<s>", 8)),
		"decoder":        level,
		"model": object{
			"type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil, "end_of_word_suffix": nil,
			"fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
			"vocab":  object{"a": 0, "b": 1, "c": 2, "Ġ": 3, "ab": 4, "bc": 5, "abc": 6, "Ġab": 7},
			"merges": list("b c", list("a", "b"), "a bc"),
		},
	}
}

func template(name string, id int) object {
	return object{
		"type":           "TemplateProcessing",
		"single":         list(object{"SpecialToken": object{"id": name, "type_id": 0}}, object{"Sequence": object{"id": "A", "type_id": 0}}),
		"pair":           list(),
		"special_tokens": object{name: object{"id": name, "ids": list(id), "tokens": list(name)}},
	}
}

// sentencePiece is a small tokenizer.json as Llama 2 has it.
func sentencePiece() object {
	vocab := object{"<unk>": 0, "<s>": 1, "</s>": 2}
	for b := range 256 {
		vocab[fmt.Sprintf("<0x%02X>", b)] = 3 + b
	}

	for _, token := range []string{"▁", "a", "b", "é", "ab", "▁ab", "▁▁"} {
		vocab[token] = len(vocab)
	}

	replace := func(from, to string) object {
		return object{"type": "Replace", "pattern": object{"String": from}, "content": to}
	}

	return object{
		"version": "1.0", "truncation": nil, "padding": nil,
		"added_tokens":   list(added(0, "<unk>"), added(1, "<s>"), added(2, "</s>")),
		"normalizer":     sequence("normalizers", object{"type": "Prepend", "prepend": "▁"}, replace(" ", "▁")),
		"pre_tokenizer":  nil,
		"post_processor": template("<s>", 1),
		"decoder": sequence("decoders", replace("▁", " "), object{"type": "ByteFallback"}, object{"type": "Fuse"},
			object{"type": "Strip", "content": " ", "start": 1, "stop": 0}),
		"model": object{
			"type": "BPE", "dropout": nil, "unk_token": "<unk>", "continuing_subword_prefix": nil, "end_of_word_suffix": nil,
			"fuse_unk": true, "byte_fallback": true,
			"vocab": vocab, "merges": list("a b", "▁ ab", "▁ ▁"),
		},
	}
}

// with returns file with another value at a path such as "model.vocab"; nil takes the member away.
func with(file object, path string, value any) object {
	names := strings.Split(path, ".")
	at := file

	for _, name := range names[:len(names)-1] {
		at, _ = at[name].(object)
	}

	if last := names[len(names)-1]; value == nil {
		delete(at, last)
	} else {
		at[last] = value
	}

	return file
}

func TestFromJSON(t *testing.T) {
	t.Parallel()

	whole := with(byteLevel(), "model.ignore_merges", true)
	spaced := with(with(sentencePiece(), "normalizer", nil), "pre_tokenizer", object{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"})

	for _, test := range []struct {
		file       object
		text, want string
	}{
		{byteLevel(), "abc", "abc"},
		{byteLevel(), " ab", " ·ab"},
		{byteLevel(), "<s>ab", "<s>·ab"},
		{whole, " ab", " ab"}, // no merge makes it
		{whole, "a b", "a· ·b"},
		{with(byteLevel(), "model.type", nil), "abc", "abc"},
		{sentencePiece(), "ab", " ab"},
		{sentencePiece(), " ab", " · ab"},
		{sentencePiece(), "<s>ab</s>", "<s>· ab·</s>"},
		{sentencePiece(), "é\xe9\u00e8", " ·é·\xe9·\xc3·\xa8"},
		{spaced, "ab a  ab<s>ab", " ab· ·a· · ab·<s>·ab"}, // split unless it says otherwise
	} {
		tok, err := tokenizer.FromJSON(marshal(t, test.file))
		if err != nil {
			t.Fatal(err)
		}

		ids := tok.EncodeControl(test.text)
		if got := spell(tok, ids); got != test.want {
			t.Errorf("%q = %q, want %q", test.text, got, test.want)
		}
	}
}

// Each known pre-tokenizer and normalizer is told by what a tokenizer.json says.
func TestStructures(t *testing.T) {
	t.Parallel()

	const gpt2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

	expressions := object{"type": "ByteLevel", "add_prefix_space": false}
	plain := object{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}
	qwen := strings.Replace(llama3, "{1,3}", "", 1)

	for _, test := range []struct {
		name            string
		split           object
		normalizer      any
		numbers, spaces string
		accent          string
	}{
		{"GPT-2", expressions, nil, "1111", " · 1", "e·\xcc·\x81"},
		{"GPT-2 by its expression", sequence("pretokenizers", split(gpt2), plain), nil, "1111", " · 1", "e·\xcc·\x81"},
		{"SmolLM", sequence("pretokenizers", object{"type": "Digits", "individual_digits": true}, expressions), nil, "1·1·1·1", "  ·1", "e·\xcc·\x81"},
		{"Llama 3", sequence("pretokenizers", split(llama3), plain), nil, "111·1", " · ·1", "e·\xcc·\x81"},
		{"Qwen", sequence("pretokenizers", split(qwen), plain), object{"type": "NFC"}, "1·1·1·1", " · ·1", "\xc3·\xa9"},
	} {
		file := byteLevel()
		file["added_tokens"], file["post_processor"] = nil, nil
		file["pre_tokenizer"], file["normalizer"] = test.split, test.normalizer
		with(file, "model.vocab", object{"1": 0, "11": 1, "111": 2, "1111": 3, "Ġ": 4, "ĠĠ": 5, "Ġ1": 6, "e": 7, "Ì": 8, "ģ": 9, "Ã": 10, "©": 11})
		with(file, "model.merges", list("11 11", "1 1", "11 1", list("Ġ", "Ġ"), "Ġ 1"))

		tok, err := tokenizer.FromJSON(marshal(t, file))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)

			continue
		}

		for text, want := range map[string]string{"1111": test.numbers, "  1": test.spaces, "e\u0301": test.accent} {
			if got := spell(tok, tok.Encode(text)); got != want {
				t.Errorf("%s: %q = %q, want %q", test.name, text, got, want)
			}
		}
	}
}

func TestFromJSONRefuses(t *testing.T) {
	t.Parallel()

	tests := []struct {
		file  object
		path  string
		value any
		want  error
		says  string
	}{
		{byteLevel(), "surprise", 1, tokenizer.ErrUnsupported, `"surprise"`},
		{byteLevel(), "model", nil, tokenizer.ErrVocabulary, "model"},
		{byteLevel(), "model.type", "Unigram", tokenizer.ErrUnsupported, `"Unigram"`},
		{byteLevel(), "model.novelty", 1, tokenizer.ErrUnsupported, `"novelty"`},
		{byteLevel(), "model.dropout", 0.1, tokenizer.ErrUnsupported, "dropout 0.1"},
		{byteLevel(), "model.end_of_word_suffix", "</w>", tokenizer.ErrUnsupported, "</w>"},
		{byteLevel(), "model.unk_token", "<s>", tokenizer.ErrUnsupported, "unknown token"},
		{byteLevel(), "model.byte_fallback", true, tokenizer.ErrUnsupported, "pre-tokenizer [Split"},
		{byteLevel(), "model.vocab", object{"a": 0, "b": 0}, tokenizer.ErrVocabulary, "the id 0"},
		{byteLevel(), "model.vocab", object{"a": -1}, tokenizer.ErrVocabulary, "the id -1"},
		{byteLevel(), "model.vocab", object{"a": 1 << 30}, tokenizer.ErrVocabulary, "the id 1073741824"},
		{byteLevel(), "model.vocab", object{"a": 1 << 40}, tokenizer.ErrVocabulary, "vocab"},
		{byteLevel(), "model.vocab", list("a"), tokenizer.ErrVocabulary, "vocab"},
		{byteLevel(), "model.vocab", object{"a": 0, "b": 1}, tokenizer.ErrVocabulary, "merge 0"},
		{byteLevel(), "model.vocab", object{"": 0}, tokenizer.ErrVocabulary, "empty"},
		{byteLevel(), "model.merges", list("ab"), tokenizer.ErrVocabulary, "ab"},
		{byteLevel(), "model.merges", list(list("a", "b", "c")), tokenizer.ErrVocabulary, "two"},
		{byteLevel(), "model.merges", list("a b", "a b"), tokenizer.ErrVocabulary, "twice"},
		{byteLevel(), "added_tokens", list(added(0, "x")), tokenizer.ErrVocabulary, `"x"`},
		{byteLevel(), "added_tokens", list(added(9, "a")), tokenizer.ErrVocabulary, `"a"`},
		{byteLevel(), "added_tokens", list(added(6, "abc")), tokenizer.ErrVocabulary, "forge"},
		{byteLevel(), "added_tokens", list(added(1<<30, "x")), tokenizer.ErrVocabulary, `"x"`},
		{byteLevel(), "added_tokens", list(with(added(8, "<s>"), "rstrip", true)), tokenizer.ErrUnsupported, "rstrip"},
		{byteLevel(), "normalizer", object{"type": "NFKC"}, tokenizer.ErrUnsupported, `"NFKC"`},
		{byteLevel(), "normalizer", object{"type": "Prepend", "prepend": "▁"}, tokenizer.ErrUnsupported, "[Prepend]"},
		{byteLevel(), "normalizer", sequence("normalizers", sequence("normalizers")), tokenizer.ErrUnsupported, `"Sequence"`},
		{byteLevel(), "pre_tokenizer", nil, tokenizer.ErrUnsupported, "pre-tokenizer"},
		{byteLevel(), "pre_tokenizer", object{"type": "ByteLevel"}, tokenizer.ErrUnsupported, "[ByteLevel]"}, // a space first
		{byteLevel(), "pre_tokenizer", object{"type": "ByteLevel", "hurry": 1}, tokenizer.ErrUnsupported, `"hurry"`},
		{
			byteLevel(), "pre_tokenizer", sequence("pretokenizers", split(`\d+`), object{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}),
			tokenizer.ErrUnsupported, `\\d+`,
		},
		{byteLevel(), "decoder", nil, tokenizer.ErrUnsupported, "decoder"},
		{byteLevel(), "decoder", object{"type": "WordPiece"}, tokenizer.ErrUnsupported, `"WordPiece"`},
		{byteLevel(), "post_processor", object{"type": "BertProcessing"}, tokenizer.ErrUnsupported, `"BertProcessing"`},
		{byteLevel(), "post_processor", template("<s>", 0), tokenizer.ErrVocabulary, "no control token"},
		{byteLevel(), "post_processor", sequence("processors", template("<s>", 8), template("</s>", 9)), tokenizer.ErrUnsupported, "2 tokens"},
		{byteLevel(), "post_processor", object{"type": "TemplateProcessing", "single": list()}, tokenizer.ErrUnsupported, "0 texts"},
		{byteLevel(), "post_processor", object{"type": "TemplateProcessing", "single": list(object{})}, tokenizer.ErrVocabulary, "neither"},
		{sentencePiece(), "normalizer", object{"type": "Lowercase"}, tokenizer.ErrUnsupported, `"Lowercase"`},
		{sentencePiece(), "normalizer", object{"type": "NFC"}, tokenizer.ErrUnsupported, "[NFC]"},
		{sentencePiece(), "normalizer", nil, tokenizer.ErrUnsupported, "pre-tokenizer"},
		{sentencePiece(), "pre_tokenizer", object{"type": "Metaspace", "replacement": "▁"}, tokenizer.ErrUnsupported, "normalizer"},
		{with(sentencePiece(), "normalizer", nil), "pre_tokenizer", object{"type": "Metaspace", "replacement": "_"}, tokenizer.ErrUnsupported, "Metaspace"},
		{
			with(sentencePiece(), "normalizer", nil), "pre_tokenizer",
			object{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "sometimes"}, tokenizer.ErrUnsupported, "Metaspace",
		},
		{
			with(sentencePiece(), "normalizer", nil), "pre_tokenizer",
			object{"type": "Metaspace", "replacement": "▁", "add_prefix_space": false, "prepend_scheme": "first"}, tokenizer.ErrUnsupported, "Metaspace",
		},
		{sentencePiece(), "decoder", object{"type": "ByteLevel"}, tokenizer.ErrUnsupported, "decoder [ByteLevel]"},
		{sentencePiece(), "added_tokens", list(with(added(1, "<s>"), "normalized", true)), tokenizer.ErrUnsupported, "normalized"},
		{sentencePiece(), "added_tokens", list(added(3, "<0x00>")), tokenizer.ErrUnsupported, "0x00"},
		{sentencePiece(), "model.vocab.▁", nil, tokenizer.ErrVocabulary, "▁"},
		{sentencePiece(), "model.vocab.<0x7F>", nil, tokenizer.ErrUnsupported, "0x7F"},
	}

	for i, test := range tests {
		_, err := tokenizer.FromJSON(marshal(t, with(test.file, test.path, test.value)))
		if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%d, %s = %v: %v; want %v that says %q", i, test.path, test.value, err, test.want, test.says)
		}
	}

	for _, text := range []string{"", "{", "[]", "null", `{"model": null}`} {
		if _, err := tokenizer.FromJSON([]byte(text)); !errors.Is(err, tokenizer.ErrVocabulary) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Settings name the tokens around a text; the first that says something counts.
func TestSettings(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		settings         []string
		bos, eos         string
		addsBOS, addsEOS bool
		err              error
	}{
		"none":              {nil, "<s>", "", true, false, nil},
		"silent":            {[]string{`{}`}, "<s>", "", true, false, nil},
		"names":             {[]string{`{"bos_token": "</s>", "eos_token": {"content": "<s>"}}`}, "</s>", "<s>", true, false, nil},
		"without BOS":       {[]string{`{"add_bos_token": false, "eos_token": "</s>"}`}, "<s>", "</s>", false, false, nil},
		"with EOS":          {[]string{`{"add_eos_token": true, "eos_token": "</s>"}`}, "<s>", "</s>", true, true, nil},
		"null":              {[]string{`{"bos_token": null, "add_bos_token": null}`}, "<s>", "", true, false, nil},
		"the second names":  {[]string{`{"add_eos_token": true}`, `{"eos_token": "</s>", "add_eos_token": false}`}, "<s>", "</s>", true, true, nil},
		"EOS without name":  {[]string{`{"add_eos_token": true}`}, "<s>", "", true, false, nil},
		"no control token":  {[]string{`{"bos_token": "abc"}`}, "", "", false, false, tokenizer.ErrVocabulary},
		"a name of no kind": {[]string{`{"bos_token": 3}`}, "", "", false, false, tokenizer.ErrVocabulary},
		"no JSON":           {[]string{`{`}, "", "", false, false, tokenizer.ErrVocabulary},
	} {
		settings := make([][]byte, len(test.settings))
		for i, s := range test.settings {
			settings[i] = []byte(s)
		}

		tok, err := tokenizer.FromJSON(marshal(t, byteLevel()), settings...)
		if !errors.Is(err, test.err) {
			t.Errorf("%s: %v", name, err)
		}

		if err != nil {
			continue
		}

		bos, _ := tok.BOS()
		eos, _ := tok.EOS()

		if string(tok.Token(bos)) != test.bos || string(tok.Token(eos)) != test.eos || tok.AddsBOS() != test.addsBOS || tok.AddsEOS() != test.addsEOS {
			t.Errorf("%s: BOS %q %t, EOS %q %t", name, tok.Token(bos), tok.AddsBOS(), tok.Token(eos), tok.AddsEOS())
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()

	write := func(name string, content any) {
		if err := os.WriteFile(filepath.Join(dir, name), marshal(t, content), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	if _, err := tokenizer.Open(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of an empty folder: %v", err)
	}

	write("tokenizer.json", byteLevel())
	write("special_tokens_map.json", object{"eos_token": object{"content": "</s>", "lstrip": false}})

	tok, err := tokenizer.Open(dir)
	if err != nil {
		t.Fatal(err)
	}

	if eos, ok := tok.EOS(); !ok || eos != 9 {
		t.Errorf("EOS %d %t", eos, ok)
	}

	write("tokenizer_config.json", json.RawMessage(`{"eos_token": "<s>", "add_bos_token": false}`))

	if tok, err = tokenizer.Open(dir); err != nil {
		t.Fatal(err)
	}

	if eos, ok := tok.EOS(); !ok || eos != 8 || tok.AddsBOS() {
		t.Errorf("EOS %d %t, adds BOS %t", eos, ok, tok.AddsBOS())
	}
}

// The published files say who stands at a text's ends.
func TestEnds(t *testing.T) {
	t.Parallel()

	for name, want := range map[string]string{
		"llama2":   "<s> true </s> false 32000",
		"llama3_1": "<|begin_of_text|> true <|eot_id|> false 128256",
		"qwen3":    " false <|im_end|> false 151669",
		"mistral":  "<s> true </s> false 32000",
	} {
		tok := open(t, name)
		bos, _ := tok.BOS()
		eos, _ := tok.EOS()

		if got := fmt.Sprintf("%s %t %s %t %d", tok.Token(bos), tok.AddsBOS(), tok.Token(eos), tok.AddsEOS(), tok.Size()); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
