package cpu

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/arena"
)

// shelf holds what lives equally long side by side, so that small matrices share huge pages: without them every fourth
// KiB needs an entry of its own in the processor's table of pages.
type shelf struct {
	mappings []unsafe.Pointer
	next     unsafe.Pointer
	left     int // bytes from next on
}

// take returns zeroed room for so many bytes.
func (s *shelf) take(b *Backend, size int) (unsafe.Pointer, error) {
	size = roundUp(size, arena.Alignment)

	if size > s.left {
		room := max(size, shelfBytes)

		data, err := b.mapBytes(room)
		if err != nil {
			return nil, err
		}

		s.mappings, s.next, s.left = append(s.mappings, data), data, room
	}

	data := s.next
	s.next, s.left = unsafe.Add(s.next, size), s.left-size

	return data, nil
}

// shelfBytes is the least that a shelf maps at once. What of it is not used takes no memory.
const shelfBytes = 1 << 24
