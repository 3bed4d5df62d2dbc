package trainer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
)

// jobs is the bucket in which each job's state stands.
type jobs struct{ kv jetstream.KeyValue }

// create records a new job. isNew is false when it was on record already.
func (j jobs) create(ctx context.Context, job contracts.JobState) (isNew bool, err error) {
	body, err := json.Marshal(job)
	if err == nil {
		_, err = j.kv.Create(ctx, job.JobID, body)
	}
	if errors.Is(err, jetstream.ErrKeyExists) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("record the job %s: %w", job.JobID, err)
	}
	return true, nil
}

// put records where a job stands.
func (j jobs) put(ctx context.Context, job contracts.JobState) error {
	body, err := json.Marshal(job)
	if err == nil {
		_, err = j.kv.Put(ctx, job.JobID, body)
	}
	if err != nil {
		return fmt.Errorf("record the job %s: %w", job.JobID, err)
	}
	return nil
}

// list returns all jobs, the oldest first.
func (j jobs) list(ctx context.Context) ([]contracts.JobState, error) {
	keys, err := j.kv.ListKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the jobs: %w", err)
	}
	defer func() { _ = keys.Stop() }()
	var list []contracts.JobState
	for key := range keys.Keys() {
		entry, err := j.kv.Get(ctx, key)
		if err != nil {
			return nil, fmt.Errorf("read the job %s: %w", key, err)
		}
		var job contracts.JobState
		if err := json.Unmarshal(entry.Value(), &job); err != nil {
			return nil, fmt.Errorf("read the job %s: %w", key, err)
		}
		list = append(list, job)
	}
	slices.SortFunc(list, func(a, b contracts.JobState) int { return a.Created.Compare(b.Created) })
	return list, nil
}

// current is the running or the last job. It is safe for concurrent use.
type current struct {
	mu       sync.Mutex
	job      *contracts.JobState
	last     map[contracts.Role]contracts.JobState // each role's
	progress *contracts.TrainingProgress
	resting  string                  // why the running job rests, empty while it goes on
	cancel   context.CancelCauseFunc // of the running job
}

func (c *current) set(job *contracts.JobState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.job = job
	if job != nil {
		if c.last == nil {
			c.last = map[contracts.Role]contracts.JobState{}
		}
		c.last[job.For()] = *job
	}
	if job == nil || job.Phase.Ends() {
		c.progress, c.cancel, c.resting = nil, nil, ""
	}
}

// lastOf returns a copy of the running or the last job of a role, nil before the first.
func (c *current) lastOf(role contracts.Role) *contracts.JobState {
	c.mu.Lock()
	defer c.mu.Unlock()
	job, ok := c.last[role]
	if !ok {
		return nil
	}
	return &job
}

// get returns copies.
func (c *current) get() (job *contracts.JobState, progress *contracts.TrainingProgress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.job != nil {
		copied := *c.job
		job = &copied
	}
	if c.progress != nil {
		copied := *c.progress
		progress = &copied
	}
	return job, progress
}

// running returns the job that has not ended, nil if there is none.
func (c *current) running() *contracts.JobState {
	job, _ := c.get()
	if job == nil || job.Phase.Ends() {
		return nil
	}
	return job
}

// progressed adds what is new to what is known of the job's progress, and returns both.
func (c *current) progressed(p contracts.TrainingProgress) contracts.TrainingProgress {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.progress != nil {
		if p.HeldOutLoss == 0 {
			p.HeldOutLoss = c.progress.HeldOutLoss
		}
		if p.TokensPerSecond == 0 && p.Doing == c.progress.Doing {
			p.Loss, p.TokensPerSecond, p.LeftSeconds = c.progress.Loss, c.progress.TokensPerSecond, c.progress.LeftSeconds
		}
	}
	p.Rests = c.resting
	c.progress = &p
	return p
}

// rest notes why the running job rests; empty when it goes on.
func (c *current) rest(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resting = why
	if c.progress != nil {
		c.progress.Rests = why
	}
}

// rests is why the running job rests.
func (c *current) rests() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.resting
}

func (c *current) stopBy(cancel context.CancelCauseFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = cancel
}

// stop ends the running job; ok is false when none runs.
func (c *current) stop(cause error) (ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel == nil {
		return false
	}
	c.cancel(cause)
	return true
}
