package model

import (
	"fmt"
	"runtime"

	"github.com/grokputer/grokputer/lm/compute"
)

// Cache holds the keys and values of one sequence, so that each pass computes new tokens only. It is
// used by one goroutine at a time. Its memory, 2·Layers·KVHeads·HeadDim·4 bytes a token of capacity, is
// taken at the first pass and given back by Close or when the Cache is garbage.
type Cache struct {
	model    *Model
	capacity int
	length   int
	memory   compute.Tensor // [layers·2·capacity, kv heads·head dim]
	cleanup  runtime.Cleanup
}

// NewCache returns an empty cache for at most capacity tokens; 0 or less, and anything above it, means
// the model's whole context.
func (m *Model) NewCache(capacity int) *Cache {
	if capacity < 1 || capacity > m.config.Context {
		capacity = m.config.Context
	}

	return &Cache{model: m, capacity: capacity}
}

// Len returns how many tokens the cache holds.
func (c *Cache) Len() int { return c.length }

// Capacity returns how many tokens the cache can hold.
func (c *Cache) Capacity() int { return c.capacity }

// Truncate forgets all tokens from position n on. What stays can be the prefix of another sequence, as
// long as the same adapter is used with it.
func (c *Cache) Truncate(n int) { c.length = max(0, min(n, c.length)) }

// Close empties the cache and gives its memory back. It can be used again.
func (c *Cache) Close() {
	c.length = 0

	if !c.memory.IsZero() {
		c.cleanup.Stop()
		c.model.backend.Free(c.memory)
		c.memory = compute.Tensor{}
	}
}

// reserve takes the memory and checks that n more tokens fit.
func (c *Cache) reserve(n int) error {
	if c.length+n > c.capacity {
		return fmt.Errorf("%w: %d tokens and %d new ones, room for %d", ErrFull, c.length, n, c.capacity)
	}

	if !c.memory.IsZero() {
		return nil
	}

	config := c.model.config

	memory, err := c.model.backend.Alloc(config.Layers*2*c.capacity, config.KVHeads*config.HeadDim)
	if err != nil {
		return fmt.Errorf("model: cache: %w", err)
	}

	c.memory = memory
	c.cleanup = runtime.AddCleanup(c, c.model.backend.Free, memory)

	return nil
}

// layer returns the keys and values of a layer, [capacity, kv heads·head dim] each.
func (c *Cache) layer(i int) (keys, values compute.Tensor) {
	first := 2 * i * c.capacity

	return c.memory.RowRange(first, first+c.capacity), c.memory.RowRange(first+c.capacity, first+2*c.capacity)
}
