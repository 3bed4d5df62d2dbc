package tokenizer

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
