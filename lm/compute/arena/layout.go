// Package arena hands out scratch memory of a device in stack order, for backends.
package arena

const (
	chunkBytes = 1 << 22 // the least that is mapped at once
	chunkShift = 48      // a mark is chunk<<chunkShift + offset
)

// Alignment of every piece, in bytes: a cache line, and what vector loads on graphics cards need.
const Alignment = 64

// Layout says where in an arena each piece goes. The zero value is an empty one.
type Layout struct {
	chunks  []int // their sizes
	current int   // chunk in use
	used    int   // bytes of it
	peak    int   // most bytes in use at once, over all chunks
}

// place returns the offset of so many bytes in the chunk that is then current, which is a new one if needed.
func (l *Layout) place(size int) int {
	size = (size + Alignment - 1) / Alignment * Alignment

	for len(l.chunks) == 0 || l.used+size > l.chunks[l.current] {
		if l.current+1 < len(l.chunks) {
			l.current++
			l.used = 0

			continue
		}

		want := max(size, chunkBytes)
		if len(l.chunks) == 0 {
			want = max(want, l.peak)
		}

		l.chunks = append(l.chunks, want)
		l.current, l.used = len(l.chunks)-1, 0
	}

	offset := l.used
	l.used += size
	l.peak = max(l.peak, l.total())

	return offset
}

func (l *Layout) total() int {
	total := l.used
	for _, size := range l.chunks[:l.current] {
		total += size
	}

	return total
}

// Take counts a piece of so many bytes.
func (l *Layout) Take(size int) { l.place(size) }

// Bytes returns the size of all chunks.
func (l *Layout) Bytes() int {
	total := 0
	for _, size := range l.chunks {
		total += size
	}

	return total
}

// Mark notes how much is in use.
func (l *Layout) Mark() int { return l.current<<chunkShift + l.used }

// Release gives back all that was taken since the mark.
func (l *Layout) Release(mark int) {
	l.current, l.used = mark>>chunkShift, mark&(1<<chunkShift-1)
}

// Reset gives back everything, and reports whether the chunks are to be replaced by one of the size that was needed.
func (l *Layout) Reset() bool {
	l.current, l.used = 0, 0

	several := len(l.chunks) > 1
	if several {
		l.chunks = l.chunks[:0]
	}

	return several
}
