package generate

// heap yields candidates from the most probable on, as many as are asked for: all
// are never sorted. After n calls of next the n taken ones stand at the slice's end,
// the first one last, and before them the heap of the rest.
type heap []candidate

// fill makes a heap of all candidates.
func (h *heap) fill(ids []int32, logits []float32) {
	*h = (*h)[:0]
	for i, l := range logits {
		*h = append(*h, candidate{ids[i], l})
	}
	for i := len(*h)/2 - 1; i >= 0; i-- {
		h.sink(i, len(*h))
	}
}

// next takes the most probable of the rest; taken is how many there are before.
func (h *heap) next(taken int) {
	end := len(*h) - 1 - taken
	(*h)[0], (*h)[end] = (*h)[end], (*h)[0]
	h.sink(0, end)
}

// taken returns the one that the call next(i) took.
func (h *heap) taken(i int) candidate { return (*h)[len(*h)-1-i] }

// all returns the first n that were taken, the most probable last.
func (h *heap) all(n int) []candidate { return (*h)[len(*h)-n:] }

// sink restores the order below i among the first n.
func (h *heap) sink(i, n int) {
	x := *h
	for {
		child := 2*i + 1
		if child >= n {
			return
		}
		if child+1 < n && x[child+1].before(x[child]) {
			child++
		}
		if !x[child].before(x[i]) {
			return
		}
		x[i], x[child] = x[child], x[i]
		i = child
	}
}
