package tokenizer

// pair is two neighbouring tokens.
type pair struct{ left, right int32 }

// merge is what a pair becomes, and how early: the lowest rank is merged first.
type merge struct{ rank, id int32 }

// encoder collects the ids of one call, and has its scratch space.
type encoder struct {
	tokenizer *Tokenizer
	ids       []int32
	pending   []byte // data since the last control token
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
}

// finish returns all ids.
func (e *encoder) finish() []int32 {
	e.flush()

	return e.ids
}

// flush appends the ids of the pending data.
func (e *encoder) flush() {
	text := string(e.pending)
	e.pending = e.pending[:0]

	for text != "" {
		n := e.tokenizer.split(text)
		e.word(text[:n])
		text = text[n:]
	}
}

// word appends the ids of one word: starting from its bytes, the pair of lowest rank, and of equal ones
// the leftmost, is merged until no pair can be (Sennrich et al. 2016, arXiv:1508.07909). A queue of
// candidates keeps that at O(n log n), which matters for scripts without spaces.
func (e *encoder) word(word string) {
	e.symbols = e.symbols[:0]
	e.queue = e.queue[:0]

	for i := range len(word) {
		id := e.tokenizer.bytes[word[i]]
		if id == none {
			continue // as Hugging Face's BPE does when it has no token for unknown bytes
		}

		n := int32(len(e.symbols))
		if n > 0 {
			e.symbols[n-1].next = n
		}

		e.symbols = append(e.symbols, symbol{id: id, prev: n - 1, next: none})
		if n > 0 {
			e.offer(n - 1)
		}
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

// candidate is a pair that can be merged: the index of its left symbol, its rank and its result.
type candidate struct{ rank, left, id int32 }

// before orders candidates by rank and then from left to right.
func (c candidate) before(other candidate) bool {
	return c.rank < other.rank || c.rank == other.rank && c.left < other.left
}

// queue is a binary heap, the first candidate at index 0.
type queue []candidate

func (q *queue) push(c candidate) {
	heap := append(*q, c)
	i := len(heap) - 1

	for i > 0 {
		parent := (i - 1) / 2
		if !heap[i].before(heap[parent]) {
			break
		}

		heap[i], heap[parent] = heap[parent], heap[i]
		i = parent
	}

	*q = heap
}

func (q *queue) pop() candidate {
	heap := *q
	first, last := heap[0], len(heap)-1
	heap[0] = heap[last]
	heap = heap[:last]

	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}

		if child+1 < last && heap[child+1].before(heap[child]) {
			child++
		}

		if !heap[child].before(heap[i]) {
			break
		}

		heap[i], heap[child] = heap[child], heap[i]
		i = child
	}

	*q = heap

	return first
}
