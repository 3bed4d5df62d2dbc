package learning

import (
	"fmt"
	"syscall"
	"time"
)

// Cost is what something took.
type Cost struct {
	// Seconds are those of the clock, and CPU those of the processors: of this program and of
	// those it started that have ended.
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
}

// Plus is the sum.
func (c Cost) Plus(d Cost) Cost { return Cost{Seconds: c.Seconds + d.Seconds, CPU: c.CPU + d.CPU} }

// Meter measures costs.
type Meter struct {
	at  time.Time
	cpu time.Duration
}

// NewMeter returns a meter that has begun.
func NewMeter() (*Meter, error) {
	m := &Meter{}
	_, err := m.Take()
	return m, err
}

// Take returns the cost since the last time.
func (m *Meter) Take() (Cost, error) {
	now := time.Now()
	var used time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			return Cost{}, fmt.Errorf("measure the processors: %w", err)
		}
		used += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	c := Cost{Seconds: now.Sub(m.at).Seconds(), CPU: (used - m.cpu).Seconds()}
	m.at, m.cpu = now, used
	return c, nil
}
