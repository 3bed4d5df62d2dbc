package arena

import "unsafe"

// Memory is where chunks come from.
type Memory interface {
	Map(bytes int) (unsafe.Pointer, error)
	Unmap(data unsafe.Pointer)
}

// Arena hands out memory. While a run needs more than there is, chunks are added; afterwards they are replaced by one of
// the size that was needed, so that equal work maps no memory again.
type Arena struct {
	Layout

	memory Memory
	data   []unsafe.Pointer // of the chunks
}

// New returns an empty arena.
func New(memory Memory) Arena { return Arena{memory: memory} }

// Take returns room for so many bytes, with undefined content, or the memory's error, after which the arena is as before.
func (a *Arena) Take(size int) (unsafe.Pointer, error) {
	before := a.Layout

	offset := a.place(size)
	if len(a.chunks) > len(a.data) {
		data, err := a.memory.Map(a.chunks[a.current])
		if err != nil {
			a.Layout = before

			return nil, err
		}

		a.data = append(a.data, data)
	}

	return unsafe.Add(a.data[a.current], offset), nil
}

// Reset gives back everything at the end of a run.
func (a *Arena) Reset() {
	if a.Layout.Reset() {
		for _, data := range a.data {
			a.memory.Unmap(data)
		}

		a.data = a.data[:0]
	}
}
