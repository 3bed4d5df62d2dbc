package job

import (
	"context"
	"sync"
	"time"
)

// gate has a training rest while it is closed. It is safe for concurrent use.
type gate struct {
	mu     sync.Mutex
	opened chan struct{} // closed while the gate is open
}

// newGate returns an open one.
func newGate() *gate {
	g := &gate{opened: make(chan struct{})}
	close(g.opened)
	return g
}

// set opens or closes the gate.
func (g *gate) set(open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.opened:
		if !open {
			g.opened = make(chan struct{})
		}
	default:
		if open {
			close(g.opened)
		}
	}
}

// wait returns when the gate is open or ctx has ended, and how long that took.
func (g *gate) wait(ctx context.Context) time.Duration {
	g.mu.Lock()
	opened := g.opened
	g.mu.Unlock()
	began := time.Now()
	select {
	case <-opened:
	case <-ctx.Done():
	}
	return time.Since(began)
}
