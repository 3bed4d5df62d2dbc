package contracts_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
)

func TestStreamsShareNoSubject(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, s := range contracts.Streams() {
		for _, subject := range s.Subjects {
			root, _, _ := strings.Cut(subject, ".")
			if other, taken := seen[root]; taken {
				t.Errorf("%s and %s both hold %s", other, s.Name, subject)
			}
			seen[root] = s.Name
		}
		if s.Storage != jetstream.FileStorage || s.Description == "" {
			t.Errorf("%s is not on disk, or not described", s.Name)
		}
	}
}

// What was acknowledged must be on disk: only what can be asked for again may
// be acknowledged before.
func TestOnlyObservationsPersistAsynchronously(t *testing.T) {
	t.Parallel()
	for _, s := range contracts.Streams() {
		async := s.PersistMode == jetstream.AsyncPersistMode
		if async != (s.Name == contracts.StreamObservations) {
			t.Errorf("%s persists asynchronously: %t", s.Name, async)
		}
	}
}

func TestWhatIsKeptForEverCannotBeDeleted(t *testing.T) {
	t.Parallel()
	for _, s := range contracts.Streams() {
		forEver := s.Name == contracts.StreamFeedback || s.Name == contracts.StreamAdapters
		kept := forEver || s.Name == contracts.StreamAudit // which ages, and loses nothing before
		if forEver != (s.MaxAge == 0) || kept != s.DenyDelete || kept != s.DenyPurge {
			t.Errorf("%s: kept %v, deletion denied %t, purge denied %t", s.Name, s.MaxAge, s.DenyDelete, s.DenyPurge)
		}
	}
}

func TestConsumersReadSubjectsOfTheirStreams(t *testing.T) {
	t.Parallel()
	streams := map[string][]string{}
	for _, s := range contracts.Streams() {
		streams[s.Name] = s.Subjects
	}
	durables := map[string]bool{}
	for _, c := range contracts.Consumers() {
		if durables[c.Durable] || !contracts.ValidToken(c.Durable) {
			t.Errorf("durable %q is taken or no token", c.Durable)
		}
		durables[c.Durable] = true
		if c.AckWait <= 0 || c.MaxDeliver < 1 || len(c.Filter) == 0 {
			t.Errorf("consumer %+v lacks a limit", c)
		}
		for _, filter := range c.Filter {
			held := slices.ContainsFunc(streams[c.Stream], func(p string) bool { return contracts.MatchSubject(p, filter) })
			if !held {
				t.Errorf("%s reads %s, which %s does not hold", c.Durable, filter, c.Stream)
			}
		}
	}
}

func TestBucketsHaveValidNames(t *testing.T) {
	t.Parallel()
	valid := regexp.MustCompile(`^[a-zA-Z0-9_-]+$`) // the rule of nats.go
	seen := map[string]bool{}
	for _, b := range contracts.Buckets() {
		if seen[b.Bucket] || !valid.MatchString(b.Bucket) || b.Storage != jetstream.FileStorage {
			t.Errorf("bucket %+v", b)
		}
		seen[b.Bucket] = true
	}
}

func TestEveryEventHasItsOwnKindAndSubject(t *testing.T) {
	t.Parallel()
	kinds := map[string]bool{}
	for _, e := range contracts.Events() {
		if kinds[e.Kind] || e.Body == nil {
			t.Errorf("event %+v: the kind is taken, or there is no body", e)
		}
		kinds[e.Kind] = true
		if got := contracts.KindOf(strings.ReplaceAll(e.Subject, "*", "x")); got != e.Kind {
			t.Errorf("%s carries %s, want %s: another event has the subject", e.Subject, got, e.Kind)
		}
	}
}
