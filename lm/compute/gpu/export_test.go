package gpu

// Held returns the bytes of the card that the backend has, without those of weights.
func (b *Backend) Held() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()

	total := -b.stored
	for _, bytes := range b.blocks {
		total += int64(bytes)
	}

	return total
}
