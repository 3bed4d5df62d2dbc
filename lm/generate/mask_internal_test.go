package generate

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// texts is a tokenizer of fixed texts, without a canonical split.
type pieces [][]byte

func (t pieces) Size() int                       { return len(t) }
func (t pieces) Token(id int32) []byte           { return t[id] }
func (pieces) IsSpecial(int32) bool              { return false }
func (pieces) EncodeContinuation(string) []int32 { return nil }
func (pieces) EOS() (int32, bool)                { return 0, false }

func randomTexts(r *rand.Rand) pieces {
	var t pieces
	for range 400 {
		var b []byte
		for range r.IntN(6) {
			b = append(b, "abc\" \\n1\xc3\xa9"[r.IntN(10)])
		}
		t = append(t, b) // empty ones and equal ones included
	}
	for c := range 256 {
		t = append(t, []byte{byte(c)})
	}
	return t
}

func randomGrammar(t *testing.T, r *rand.Rand) *grammar.Grammar {
	t.Helper()
	parts := []grammar.Expr{
		grammar.Words("ab", "abc", "ca b", "c1"), grammar.Quoted(grammar.Unlimited), grammar.Digits(1, 3),
		grammar.Optional(grammar.Literal("é")), grammar.Repeat(grammar.Words("a", "bc"), 1, 3), grammar.Quoted(3),
	}
	r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	g, err := grammar.Compile(grammar.Choice(grammar.Sequence(parts[:3]...), grammar.Sequence(parts[3:]...)))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// The walk over the tree finds the tokens that trying each of them finds, in every
// state of a random path, and so does the search for tokens that reach over.
func TestMasksAgainstBruteForce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	compared, over := 0, 0
	for range 40 {
		tok := randomTexts(r)
		v, err := NewVocabulary(tok)
		if err != nil {
			t.Fatal(err)
		}
		m := newMasks(v, randomGrammar(t, r))
		lowest := map[string]int32{}
		for id, b := range tok {
			if _, ok := lowest[string(b)]; !ok {
				lowest[string(b)] = int32(id)
			}
		}
		s := m.automaton.Start()
		var text []byte
		for range 12 {
			ids := m.allowed(s)
			in := map[int32]bool{}
			for _, id := range ids {
				in[id] = true
			}
			if len(in) != len(ids) {
				t.Fatalf("%d tokens are allowed, %d different ones", len(ids), len(in))
			}
			for id, b := range tok {
				want := len(b) > 0 && lowest[string(b)] == int32(id) && m.automaton.Walk(s, b) != grammar.Dead
				if in[int32(id)] != want {
					t.Fatalf("after %q, token %q: allowed %v, want %v", text, b, in[int32(id)], want)
				}
				compared++
			}
			if got, want := m.open(text, 0, s), openByTrial(m, tok, text, s); got != want {
				t.Fatalf("after %q: open from %d, want %d", text, got, want)
			} else if got < len(text) {
				over++
			}
			if len(ids) == 0 {
				break
			}
			b := tok[ids[r.IntN(len(ids))]]
			text, s = append(text, b...), m.automaton.Walk(s, b)
		}
	}
	if compared < 100_000 || over < 20 {
		t.Fatalf("compared %d tokens and %d open ends: too few to tell", compared, over)
	}
}

func openByTrial(m *masks, tok pieces, text []byte, s grammar.State) int {
	for o := range text {
		for _, b := range tok {
			if n := len(text) - o; len(b) > n && string(b[:n]) == string(text[o:]) && m.automaton.Walk(s, b[n:]) != grammar.Dead {
				return o
			}
		}
	}
	return len(text)
}

func TestVocabularyWithoutText(t *testing.T) {
	t.Parallel()
	if _, err := NewVocabulary(pieces{nil, nil}); err == nil {
		t.Error("no error for a vocabulary without any text")
	}
}

// twins has every byte twice, as SentencePiece's vocabularies have letters, and
// splits text into the later ones.
type twins struct{ pieces }

func (twins) EncodeContinuation(text string) []int32 {
	var ids []int32
	for _, c := range []byte(text) {
		ids = append(ids, 256+int32(c))
	}
	return ids
}

// Of equal tokens that is chosen which the tokenizer writes.
func TestTwinTokens(t *testing.T) {
	t.Parallel()
	var tok twins
	for range 2 {
		for c := range 256 {
			tok.pieces = append(tok.pieces, []byte{byte(c)})
		}
	}
	v, err := NewVocabulary(tok)
	if err != nil {
		t.Fatal(err)
	}
	g, err := grammar.Compile(grammar.Words("a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	m := newMasks(v, g)
	if got := m.allowed(m.automaton.Start()); !slices.Equal(got, []int32{256 + 'a', 256 + 'b'}) || v.single['c'] != 256+'c' {
		t.Errorf("allowed %v, the single c is %d", got, v.single['c'])
	}
}
