package lmtest

import (
	"runtime/metrics"
	"testing"
)

// Bounded fails a fuzz test when f allocates more than a small multiple of the bytes
// that it was given: counts in a file must not decide how much memory it takes. Other
// goroutines' allocations count too, so it is for fuzz tests, which run alone.
func Bounded(tb testing.TB, size int, f func()) {
	tb.Helper()
	const fixed, factor = 8 << 20, 64 // the runtime counts some of what was allocated before
	before := allocated()
	f()
	if n := allocated() - before; n > uint64(fixed+factor*size) {
		tb.Errorf("%d bytes of input made it allocate %d bytes", size, n)
	}
}

func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
