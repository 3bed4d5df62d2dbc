package tests

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
)

// stage is how far the loop has come, by what is stored.
func (l *loop) stage() string {
	aliases, err := stored[contracts.Aliases](l, contracts.BucketAliases, string(contracts.RolePlanner))
	if err != nil {
		return "unknown"
	}
	if aliases == nil || aliases.Version == contracts.VersionStarter {
		return l.trainingStage(contracts.Version(1))
	}
	switch aliases.Verb {
	case contracts.AdapterVerbCanaried:
		a, err := stored[contracts.Adapter](l, contracts.BucketAdapters, string(contracts.RolePlanner)+"."+aliases.Version)
		if err == nil && a != nil && a.State == contracts.AdapterChallenger {
			return "experiment"
		}
		return "canary"
	case contracts.AdapterVerbPromoted:
		return "promotion"
	case contracts.AdapterVerbRolledBack:
		return "rollback"
	default:
		return "removal"
	}
}

// trainingStage is how far the job has come that makes a version.
func (l *loop) trainingStage(version string) string {
	last, err := l.last(contracts.StreamAdapters, contracts.SubjectAdapter(contracts.AdapterVerbPublished, contracts.RolePlanner, version))
	if err == nil && last != nil {
		return "canary"
	}
	var job *contracts.JobState
	err = l.each(contracts.BucketJobs, ">", func(_ string, body []byte) error { return json.Unmarshal(body, &job) })
	switch {
	case err != nil:
		return "unknown"
	case job == nil:
		return "ratings"
	default:
		return string(job.Phase)
	}
}

// last is the last message on a subject, nil when there is none.
func (l *loop) last(stream, subject string) (*jetstream.RawStreamMsg, error) {
	s, err := l.bus.JetStream().Stream(l.ctx, stream)
	if err != nil {
		return nil, err
	}
	m, err := s.GetLastMsgForSubject(l.ctx, subject)
	if isNone(err) {
		return nil, nil //nolint:nilnil // said above
	}
	return m, err
}

// watch waits until a key of a bucket has a value that is wanted.
func (l *loop) watch(bucket, pattern string, wanted func(key string, body []byte) bool) error {
	kv, err := l.bus.KV(l.ctx, bucket)
	if err != nil {
		return err
	}
	w, err := kv.Watch(l.ctx, pattern)
	if err != nil {
		return err
	}
	defer func() { _ = w.Stop() }()
	for {
		select {
		case <-l.ctx.Done():
			return fmt.Errorf("wait for %s of %s: %w", pattern, bucket, context.Cause(l.ctx))
		case entry := <-w.Updates():
			if entry != nil && wanted(entry.Key(), entry.Value()) {
				return nil
			}
		}
	}
}

// each visits the values of a bucket whose keys match a pattern.
func (l *loop) each(bucket, pattern string, visit func(key string, body []byte) error) error {
	kv, err := l.bus.KV(l.ctx, bucket)
	if err != nil {
		return err
	}
	w, err := kv.Watch(l.ctx, pattern, jetstream.IgnoreDeletes())
	if err != nil {
		return err
	}
	defer func() { _ = w.Stop() }()
	for {
		select {
		case <-l.ctx.Done():
			return context.Cause(l.ctx)
		case entry := <-w.Updates():
			if entry == nil {
				return nil
			}
			if err := visit(entry.Key(), entry.Value()); err != nil {
				return fmt.Errorf("%s of %s: %w", entry.Key(), bucket, err)
			}
		}
	}
}

// stored is the value of a key, nil when there is none.
func stored[T any](l *loop, bucket, key string) (value *T, err error) {
	kv, err := l.bus.KV(l.ctx, bucket)
	if err != nil {
		return nil, err
	}
	entry, err := kv.Get(l.ctx, key)
	if isNone(err) {
		return nil, nil //nolint:nilnil // said above
	}
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(entry.Value(), &value)
	return value, err
}

func isNone(err error) bool {
	return errors.Is(err, jetstream.ErrKeyNotFound) || errors.Is(err, jetstream.ErrMsgNotFound)
}
