package grammar

// Bytes is a set of bytes.
type Bytes [4]uint64

// Add puts c into the set.
func (b *Bytes) Add(c byte) { b[c>>6] |= 1 << (c & 63) }

// Has reports whether c is in the set.
func (b *Bytes) Has(c byte) bool { return b[c>>6]&(1<<(c&63)) != 0 }

// Join puts all of other into the set.
func (b *Bytes) Join(other *Bytes) {
	for i, w := range other {
		b[i] |= w
	}
}

// Within reports whether all of b is in other.
func (b *Bytes) Within(other *Bytes) bool {
	return b[0]&^other[0]|b[1]&^other[1]|b[2]&^other[2]|b[3]&^other[3] == 0
}
