package model

import (
	"context"
	"fmt"
	"runtime"

	"github.com/grokputer/grokputer/lm/compute"
)

// Cache holds the keys and values of one sequence, so that each pass computes new tokens only. It is
// used by one goroutine at a time. Its memory, 2·Layers·KVHeads·HeadDim elements (of 2 or, in float32, 4 bytes) a token
// of capacity, is taken at the first pass and given back by Close or when the Cache is garbage.
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

// CopyFrom makes the cache hold the first n tokens of another one of the same model, so that sequences with
// a common beginning (and the same adapter) compute it once. It costs a copy of 2·Layers·n rows. After
// ErrInput or ErrFull the cache is as before, after another error it is empty.
func (c *Cache) CopyFrom(ctx context.Context, src *Cache, n int) error {
	switch {
	case src == nil || src.model != c.model:
		return fmt.Errorf("%w: a cache is copied from one of another model", ErrInput)
	case n < 0 || n > src.length:
		return fmt.Errorf("%w: %d tokens are to be copied of %d", ErrInput, n, src.length)
	case n > c.capacity:
		return fmt.Errorf("%w: %d tokens are to be copied, room for %d", ErrFull, n, c.capacity)
	case src == c || n == 0:
		c.length = n

		return nil
	}

	c.length = 0

	err := c.model.run(ctx, func(o compute.Ops) error {
		if err := c.allocate(); err != nil {
			return err
		}

		for i := range c.model.config.Layers {
			keys, values := c.layer(i)
			theirKeys, theirValues := src.layer(i)
			o.Copy(keys.RowRange(0, n), theirKeys.RowRange(0, n))
			o.Copy(values.RowRange(0, n), theirValues.RowRange(0, n))
		}

		return o.Err()
	})
	if err == nil {
		c.length = n
	}

	return err
}

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

	return c.allocate()
}

// allocate takes the memory unless it is there.
func (c *Cache) allocate() error {
	if !c.memory.IsZero() {
		return nil
	}

	config := c.model.config

	memory, err := c.model.backend.AllocActivation(config.Layers*2*c.capacity, config.KVHeads*config.HeadDim)
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

// remember appends new keys and values of a layer after the tokens that the cache holds, and returns all of
// that layer's. They count once length is raised.
func (c *Cache) remember(o compute.Ops, layer int, k, v compute.Tensor) (keys, values compute.Tensor) {
	keys, values = c.layer(layer)
	from, to := c.length, c.length+k.Rows
	o.Copy(keys.RowRange(from, to), k)
	o.Copy(values.RowRange(from, to), v)

	return keys, values
}
