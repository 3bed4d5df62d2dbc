// Package checkup looks whether what the agent needs is there, and says how to
// mend what is not.
package checkup

import (
	"context"
	"sync"
)

// State is what a probe found.
type State string

// The states. Only StateMissing of something essential keeps the agent from working.
const (
	StateOK      State = "ok"
	StateMissing State = "missing"
)

// Finding is the result of one probe.
type Finding struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	// Essential: the agent cannot work without it.
	Essential bool `json:"essential"`
	// Detail is what was found, or what exactly is not there.
	Detail string `json:"detail"`
	// Mend is what to do about it; empty when there is nothing to do.
	Mend string `json:"mend,omitempty"`
}

// Probe looks at one thing.
type Probe func(ctx context.Context) Finding

// Run runs all probes at once and returns their findings in the same order.
func Run(ctx context.Context, probes ...Probe) []Finding {
	findings := make([]Finding, len(probes))
	var wg sync.WaitGroup
	for i, probe := range probes {
		wg.Go(func() { findings[i] = probe(ctx) })
	}
	wg.Wait()
	return findings
}

// Works reports whether nothing essential is missing.
func Works(findings []Finding) bool {
	for _, f := range findings {
		if f.Essential && f.State == StateMissing {
			return false
		}
	}
	return true
}

// found is a Finding of something that is there.
func found(name, detail string) Finding {
	return Finding{Name: name, State: StateOK, Essential: true, Detail: detail}
}

// missing is a Finding of something essential that is not there.
func missing(name, detail, mend string) Finding {
	return Finding{Name: name, State: StateMissing, Essential: true, Detail: detail, Mend: mend}
}

// Optional is a probe for something that the agent works without.
func Optional(p Probe) Probe {
	return func(ctx context.Context) Finding { return optional(p(ctx)) }
}

// optional says of a finding that the agent works without it.
func optional(f Finding) Finding {
	f.Essential = false
	return f
}
