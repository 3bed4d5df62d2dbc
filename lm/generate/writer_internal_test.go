package generate

import (
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// fixed is a tokenizer of given texts whose canonical split of any text is given too.
type fixed struct {
	pieces
	split map[string][]string
}

func (f fixed) EncodeContinuation(text string) []int32 {
	var ids []int32
	for _, part := range f.split[text] {
		ids = append(ids, int32(slices.IndexFunc(f.pieces, func(t []byte) bool { return string(t) == part })))
	}
	return ids
}

// Where the next choice is made, by the tokens that could reach over the forced end.
func TestSettled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tokens []string            // besides single letters
		split  map[string][]string // canonical
		texts  []string            // of the grammar
		take   string              // chosen first
		cut    int
	}{
		"nothing reaches over":       {nil, map[string][]string{"ab": {"a", "b"}}, []string{"abc", "abd"}, "", 2},
		"a whole token reaches over": {[]string{"bc"}, map[string][]string{"ab": {"a", "b"}}, []string{"abc", "abd"}, "", 1},
		"from within a token":        {[]string{"ab", "bc"}, map[string][]string{"ab": {"ab"}}, []string{"abc", "abd"}, "", 0},
		"what the grammar forbids":   {[]string{"be"}, map[string][]string{"ab": {"a", "b"}}, []string{"abc", "abd"}, "", 2},
		"not what was chosen":        {[]string{"ax", "xb", "xbc"}, map[string][]string{"": {}, "axb": {"ax", "b"}}, []string{"axbc", "axbd", "y"}, "ax", 3},
		"but the last of the forced": {[]string{"ax", "axb", "bxyc", "yc"}, map[string][]string{"": {}, "axbxy": {"axb", "x", "y"}}, []string{"axbxyc", "axbxyd", "y"}, "ax", 4},
	} {
		tok := fixed{split: c.split}
		for _, s := range append([]string{"a", "b", "c", "d", "e", "x", "y"}, c.tokens...) {
			tok.pieces = append(tok.pieces, []byte(s))
		}
		v, err := NewVocabulary(tok)
		if err != nil {
			t.Fatal(err)
		}
		g, err := grammar.Compile(grammar.Words(c.texts...))
		if err != nil {
			t.Fatal(err)
		}
		w, err := newWriter(newMasks(v, g))
		if err != nil {
			t.Fatal(err)
		}
		w.extend()
		if c.take != "" {
			w.take(int32(slices.IndexFunc(tok.pieces, func(t []byte) bool { return string(t) == c.take })))
			w.extend()
		}
		if w.cut != c.cut {
			t.Errorf("%s: after %q the choice is at %d, want %d", name, w.text, w.cut, c.cut)
		}
	}
}
