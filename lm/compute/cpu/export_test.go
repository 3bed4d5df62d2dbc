package cpu

// Mapped returns the bytes of all memory that the backend has mapped, without what waits to be used for weights.
func (b *Backend) Mapped() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()

	total := 0
	for _, size := range b.blocks {
		total += size
	}

	return int64(total - b.forms.left)
}
