package lora

import "sync/atomic"

// frozen counts the adapters that were frozen: their ids.
var frozen atomic.Uint64 //nolint:gochecknoglobals // ids are unique in the process

// Freeze promises that the adapter's elements, ranks and scales never change again, and returns the adapter.
// Models keep copies of a frozen adapter in forms of their own for as long as it is in use, so that requests with it
// cost less. It must not be called while the adapter is in use.
func (a *Adapter) Freeze() *Adapter {
	if a != nil && a.id == 0 {
		a.id = frozen.Add(1)
	}
	return a
}

// Frozen returns a number that no other frozen adapter of this process has, or 0 for an adapter that may change.
func (a *Adapter) Frozen() uint64 {
	if a == nil {
		return 0
	}
	return a.id
}
