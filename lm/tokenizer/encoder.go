package tokenizer

import (
	"strings"
	"unicode/utf8"
	"unsafe"
)

// encoder collects the ids of one call, and has its scratch space.
type encoder struct {
	tokenizer *Tokenizer
	ids       []int32
	pending   []byte // data since the last control token
	begun     bool   // something came before the pending data: what is said of a text's start is over
	continues bool   // the pending data goes on after text that was encoded before
	symbols   []symbol
	queue     queue
}

// symbol is a token of the word at hand, in a doubly linked list by index.
type symbol struct {
	id         int32
	prev, next int32 // none at the ends
	merged     bool  // into the symbol before it
}

func newEncoder(t *Tokenizer, pieces []Piece) *encoder {
	size := 0
	for _, piece := range pieces {
		size += len(piece.Text)
	}

	const bytesPerToken = 3 // a low guess for English

	return &encoder{
		tokenizer: t,
		ids:       make([]int32, 0, size/bytesPerToken+1),
		pending:   make([]byte, 0, size),
	}
}

// data adds text without control tokens.
func (e *encoder) data(text string) {
	e.pending = append(e.pending, text...)
}

// control adds a control token.
func (e *encoder) control(id int32) {
	e.flush()
	e.ids = append(e.ids, id)
	e.begun, e.continues = true, false
}

// finish returns all ids.
func (e *encoder) finish() []int32 {
	e.flush()

	return e.ids
}

// flush appends the ids of the pending data.
func (e *encoder) flush() {
	if len(e.pending) == 0 {
		return
	}

	form := e.tokenizer.form
	text := unsafe.String(unsafe.SliceData(e.pending), len(e.pending)) //nolint:gosec // not kept, and pending does not change before the end

	if form.nfc {
		text = nfc(text)
	}

	if !e.continues && form.prefix.applies(text, e.begun) {
		text = " " + text
	}

	e.begun = true

	for text != "" {
		n := form.split(text)
		e.word(text[:n])
		text = text[n:]
	}

	e.pending = e.pending[:0]
}

// word appends the ids of one word: starting from its bytes or characters, the pair of lowest rank, and of
// equal ones the leftmost, is merged until no pair can be (Sennrich et al. 2016, arXiv:1508.07909). A queue
// of candidates keeps that at O(n log n), which matters for scripts without spaces.
func (e *encoder) word(word string) {
	t := e.tokenizer

	if t.words != nil {
		if id, ok := t.words[t.form.spell(word)]; ok {
			e.ids = append(e.ids, id)

			return
		}
	}

	e.symbols = e.symbols[:0]
	e.queue = e.queue[:0]

	if t.form.spaces {
		e.characters(word)
	} else {
		for i := range len(word) {
			e.symbol(t.bytes[word[i]])
		}
	}

	for i := range e.symbols {
		e.offer(int32(i))
	}

	for len(e.queue) > 0 {
		e.merge(e.queue.pop())
	}

	for i := range e.symbols {
		if !e.symbols[i].merged {
			e.ids = append(e.ids, e.symbols[i].id)
		}
	}
}

// characters adds the symbols of a SentencePiece word: a token for each character, and for one without
// a token those of its bytes.
func (e *encoder) characters(word string) {
	for i := 0; i < len(word); {
		char, width := utf8.DecodeRuneInString(word[i:])
		broken := char == utf8.RuneError && width == 1

		if id, ok := e.tokenizer.chars[char]; ok && !broken {
			e.symbol(id)
		} else {
			for j := range width {
				e.symbol(e.tokenizer.bytes[word[i+j]])
			}
		}

		i += width
	}
}

// symbol adds a symbol to the word; none vanishes, as in Hugging Face's BPE when it has no token for
// unknown bytes.
func (e *encoder) symbol(id int32) {
	if id == none {
		return
	}

	n := int32(len(e.symbols))
	if n > 0 {
		e.symbols[n-1].next = n
	}

	e.symbols = append(e.symbols, symbol{id: id, prev: n - 1, next: none})
}

// offer queues the pair that begins at left, if it can be merged.
func (e *encoder) offer(left int32) {
	s := e.symbols[left]
	if s.next == none {
		return
	}

	if m, ok := e.tokenizer.merges[pair{s.id, e.symbols[s.next].id}]; ok {
		e.queue.push(candidate{rank: m.rank, left: left, id: m.id})
	}
}

// merge carries a candidate out, unless an earlier merge took one of its symbols.
func (e *encoder) merge(c candidate) {
	left := &e.symbols[c.left]
	if left.merged || left.next == none {
		return
	}

	right := &e.symbols[left.next]
	if m, ok := e.tokenizer.merges[pair{left.id, right.id}]; !ok || m.rank != c.rank {
		return
	}

	left.id = c.id
	right.merged = true
	left.next = right.next

	if left.next != none {
		e.symbols[left.next].prev = c.left
	}

	e.offer(c.left)

	if left.prev != none {
		e.offer(left.prev)
	}
}

// spell returns a word as the tokens write it: in SentencePiece's vocabularies "▁" is a space.
func (f form) spell(word string) string {
	if !f.spaces {
		return word
	}

	return strings.ReplaceAll(word, blank, " ")
}
