package observer

import (
	"container/list"
	"crypto/sha256"
	"encoding/binary"
	"image"
	"sync"
)

// memory keeps what was read of the lines seen last, by the content of their
// pictures: most of a screen is the same as a moment ago. It is safe for
// concurrent use.
type memory struct {
	mu     sync.Mutex
	most   int
	byKey  map[[sha256.Size]byte]*list.Element
	recent *list.List // of remembered, the latest first
}

type remembered struct {
	key   [sha256.Size]byte
	words []Word
}

func newMemory(most int) *memory {
	return &memory{most: most, byKey: make(map[[sha256.Size]byte]*list.Element), recent: list.New()}
}

func (m *memory) get(key [sha256.Size]byte) ([]Word, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.byKey[key]
	if !ok {
		return nil, false
	}
	m.recent.MoveToFront(e)
	r, ok := e.Value.(remembered)
	return r.words, ok
}

func (m *memory) put(key [sha256.Size]byte, words []Word) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.byKey[key]; ok {
		m.recent.MoveToFront(e)
		return
	}
	m.byKey[key] = m.recent.PushFront(remembered{key, words})
	if m.recent.Len() > m.most {
		if r, ok := m.recent.Remove(m.recent.Back()).(remembered); ok {
			delete(m.byKey, r.key)
		}
	}
}

// keyOf is the content of a picture.
func keyOf(g *image.Gray) [sha256.Size]byte {
	h := sha256.New()
	var size [16]byte
	binary.LittleEndian.PutUint64(size[:8], uint64(g.Rect.Dx()))
	binary.LittleEndian.PutUint64(size[8:], uint64(g.Rect.Dy()))
	h.Write(size[:])
	for y := range g.Rect.Dy() {
		h.Write(g.Pix[y*g.Stride:][:g.Rect.Dx()])
	}
	var key [sha256.Size]byte
	h.Sum(key[:0])
	return key
}
