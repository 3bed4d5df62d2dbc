package job

import (
	"context"
	"sync"
	"time"
)

// pause has a training rest while it is on. It is safe for concurrent use.
type pause struct {
	mu     sync.Mutex
	opened chan struct{} // closed while the training may go on
}

// newPause returns one that is off.
func newPause() *pause {
	p := &pause{opened: make(chan struct{})}
	close(p.opened)
	return p
}

// set turns it on or off.
func (p *pause) set(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.opened:
		if on {
			p.opened = make(chan struct{})
		}
	default:
		if !on {
			close(p.opened)
		}
	}
}

// wait returns when the training may go on or ctx has ended, and how long that took.
func (p *pause) wait(ctx context.Context) time.Duration {
	p.mu.Lock()
	opened := p.opened
	p.mu.Unlock()
	began := time.Now()
	select {
	case <-opened:
	case <-ctx.Done():
	}
	return time.Since(began)
}
