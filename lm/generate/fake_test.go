package generate_test

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/lora"
)

// words is a tokenizer whose canonical split takes the longest known text at each
// place. Ids: 256 bytes, then the words, then the end of the turn and a token that
// is no text.
type words struct {
	texts  [][]byte
	strict bool // Encode makes U+FFFD of what is not UTF-8
}

func newWords(list ...string) *words {
	w := &words{}
	for c := range 256 {
		w.texts = append(w.texts, []byte{byte(c)})
	}
	for _, s := range list {
		w.texts = append(w.texts, []byte(s))
	}
	return w
}

func (w *words) Size() int               { return len(w.texts) + 2 }
func (w *words) EOS() (int32, bool)      { return w.end(), true }
func (w *words) end() int32              { return int32(len(w.texts)) }
func (w *words) IsSpecial(id int32) bool { return id >= w.end() }

func (w *words) EncodeContinuation(text string) []int32 { return w.Encode(text) }

func (w *words) Token(id int32) []byte {
	if int(id) < len(w.texts) {
		return w.texts[id]
	}
	return []byte("<|special|>")
}

func (w *words) Encode(text string) []int32 {
	var ids []int32
	if w.strict {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	for text != "" {
		best := int32(text[0])
		for id, t := range w.texts {
			if strings.HasPrefix(text, string(t)) && len(t) > len(w.texts[best]) {
				best = int32(id)
			}
		}
		ids = append(ids, best)
		text = text[len(w.texts[best]):]
	}
	return ids
}

func (w *words) text(ids []int32) string {
	var b strings.Builder
	for _, id := range ids {
		b.Write(w.Token(id))
	}
	return b.String()
}

// decoder is a model whose logits are a function of the tokens in its cache.
type decoder struct {
	logits   func(tokens []int32, dst []float32)
	cache    []int32
	capacity int
	size     int   // of the vocabulary
	passes   []int // tokens computed by each forward pass
	adapters []*lora.Adapter
	fail     error
}

func (d *decoder) Capacity() int  { return d.capacity }
func (d *decoder) Truncate(n int) { d.cache = d.cache[:n] }

func (d *decoder) Forward(_ context.Context, a *lora.Adapter, tokens []int32, dst []float32) error {
	if d.fail != nil {
		return d.fail
	}
	d.cache = append(d.cache, tokens...)
	d.passes = append(d.passes, len(tokens))
	d.adapters = append(d.adapters, a)
	clear(dst)
	d.logits(d.cache, dst)
	return nil
}

func (d *decoder) Score(_ context.Context, a *lora.Adapter, tokens []int32, completions [][]int32, dst [][]float64) error {
	if d.fail != nil {
		return d.fail
	}
	d.cache = append(d.cache, tokens...)
	d.passes = append(d.passes, len(tokens))
	d.adapters = append(d.adapters, a)
	for i, c := range completions {
		said := slices.Clone(d.cache)
		for j, id := range c {
			logits := make([]float32, d.size)
			d.logits(said, logits)
			sum := 0.0
			for _, l := range logits {
				sum += math.Exp(float64(l))
			}
			dst[i][j] = float64(logits[id]) - math.Log(sum)
			said = append(said, id)
		}
	}
	return nil
}

// wants is a model that has one completion in mind, tokenised canonically, and
// then the end of the turn. It answers only to canonical text: what it says after
// other tokens is noise.
func wants(w *words, prompt []int32, text string) func([]int32, []float32) {
	plan := append(w.Encode(text), w.end())
	return func(tokens []int32, dst []float32) {
		said := tokens[len(prompt):]
		if len(said) < len(plan) && slices.Equal(said, plan[:len(said)]) {
			dst[plan[len(said)]] = 10
			return
		}
		noise(tokens, dst)
	}
}

// noise is a model with logits in [-8, 8) drawn from a hash of what it has read.
func noise(tokens []int32, dst []float32) {
	h := fnv.New64a()
	for _, t := range tokens {
		_, _ = h.Write(binary.LittleEndian.AppendUint32(nil, uint32(t)))
	}
	x := h.Sum64() | 1
	for i := range dst {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		dst[i] = float32(x>>40)/(1<<20) - 8
	}
}

func compile(t *testing.T, e grammar.Expr) *grammar.Grammar {
	t.Helper()
	g, err := grammar.Compile(e)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func session(t *testing.T, w *words, d *decoder) *generate.Session {
	t.Helper()
	v, err := generate.NewVocabulary(w)
	if err != nil {
		t.Fatal(err)
	}
	if d.capacity == 0 {
		d.capacity = 1 << 12
	}
	d.size = w.Size()
	s, err := generate.NewSession(d, v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
