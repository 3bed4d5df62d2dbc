package kittest

import (
	"testing"
	"time"
)

// Await waits for a condition of another process, which cannot signal it. The test
// ends when it does not come within 30 seconds.
func Await(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	const most = 30 * time.Second
	deadline := time.After(most)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			tb.Fatalf("%s: not within %s", what, most)
		case <-tick.C:
		}
	}
}
