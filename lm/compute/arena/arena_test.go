package arena_test

import (
	"errors"
	"testing"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/arena"
)

// heap is memory that may refuse.
type heap struct {
	chunks map[unsafe.Pointer][]byte
	most   int // bytes at once
	held   int
	mapped int // times
}

var errFull = errors.New("full")

func (h *heap) Map(bytes int) (unsafe.Pointer, error) {
	if h.held+bytes > h.most {
		return nil, errFull
	}
	chunk := make([]byte, bytes)
	data := unsafe.Pointer(unsafe.SliceData(chunk))
	h.chunks[data] = chunk
	h.held += bytes
	h.mapped++

	return data, nil
}

func (h *heap) Unmap(data unsafe.Pointer) {
	h.held -= len(h.chunks[data])
	delete(h.chunks, data)
}

func newHeap(most int) *heap { return &heap{chunks: map[unsafe.Pointer][]byte{}, most: most} }

func TestPiecesAreApart(t *testing.T) {
	t.Parallel()

	a := arena.New(newHeap(1 << 30))
	var pieces [][]byte
	for i, size := range []int{1, 64, 65, 5 << 20, 3, 4 << 20, 1 << 10} {
		data, err := a.Take(size)
		if err != nil {
			t.Fatal(err)
		}
		piece := unsafe.Slice((*byte)(data), size)
		for j := range piece {
			piece[j] = byte(i)
		}
		pieces = append(pieces, piece)
	}
	for i, piece := range pieces {
		for j, b := range piece {
			if b != byte(i) {
				t.Fatalf("byte %d of piece %d is %d: another piece lies there", j, i, b)
			}
		}
	}
}

func TestEqualRunsMapOnce(t *testing.T) {
	t.Parallel()

	h := newHeap(1 << 30)
	a := arena.New(h)
	for range 4 {
		for range 3 {
			if _, err := a.Take(3 << 20); err != nil {
				t.Fatal(err)
			}
		}
		a.Reset()
	}
	if h.mapped != 4 || len(h.chunks) != 1 { // three chunks in the first run, then one for all
		t.Errorf("mapped %d times, %d chunks left; want 4 and 1", h.mapped, len(h.chunks))
	}
}

func TestReleaseGivesBack(t *testing.T) {
	t.Parallel()

	a := arena.New(newHeap(1 << 30))
	mark := a.Mark()
	first, err := a.Take(100)
	if err != nil {
		t.Fatal(err)
	}
	a.Release(mark)
	again, err := a.Take(100)
	if err != nil || again != first {
		t.Errorf("Take after Release = %p, %v; want %p", again, err, first)
	}
}

func TestFullMemoryLosesNothing(t *testing.T) {
	t.Parallel()

	a := arena.New(newHeap(8 << 20))
	if _, err := a.Take(4 << 20); err != nil {
		t.Fatal(err)
	}
	before := a.Bytes()
	if _, err := a.Take(5 << 20); !errors.Is(err, errFull) {
		t.Fatalf("Take = %v, want the memory's error", err)
	}
	if a.Bytes() != before {
		t.Errorf("%d bytes of chunks after a refusal, %d before", a.Bytes(), before)
	}
	if _, err := a.Take(4 << 20); err != nil {
		t.Errorf("what fits is refused after what did not: %v", err)
	}
}
