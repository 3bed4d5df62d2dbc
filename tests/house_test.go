package tests

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/credentials"
	"github.com/grokputer/grokputer/services/actor"
)

// state is what the running program says of itself in up.json.
type state struct {
	NATS       string `json:"nats"`
	S3         string `json:"s3"`
	Bucket     string `json:"bucket"`
	HTTP       string `json:"http"`
	Display    string `json:"display"`
	XAuthority string `json:"xauthority"`
}

func (h home) state() state {
	h.t.Helper()
	return readJSON[state](h.t, filepath.Join(h.data(), "up.json"))
}

// account is how the nats client gets in.
type account struct {
	URL      string `json:"url"`
	User     string `json:"user"`
	Password string `json:"password"`
}

// account is what the nats client's context file holds.
func (h home) account() account {
	h.t.Helper()
	return readJSON[account](h.t, filepath.Join(h.dir, "config", "nats", "context", credentials.ContextName+".json"))
}

// connect connects as the nats client does.
func (h home) connect() *nats.Conn {
	h.t.Helper()
	a := h.account()
	nc, err := nats.Connect(a.URL, nats.UserInfo(a.User, a.Password))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(nc.Close)
	return nc
}

// bus connects to read what is stored.
func (h home) bus() *bus.Bus {
	h.t.Helper()
	a := h.account()
	b, err := bus.Connect(h.t.Context(), bus.Options{URL: a.URL, User: a.User, Password: a.Password, Name: h.t.Name()})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(b.Close)
	return b
}

// session reads a session's log.
func (h home) session(id string) actor.Session {
	h.t.Helper()
	return readJSON[actor.Session](h.t, filepath.Join(actor.LogDir(h.data()), id, actor.SessionFile))
}

// ended waits for the end of a task and returns all its events, in order.
func ended(t *testing.T, b *bus.Bus, id string) []bus.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var events []bus.Message
	err := b.Watch(ctx, contracts.StreamTasks, []string{contracts.SubjectTaskAll(id)}, bus.FromStart(), func(m bus.Message) error {
		events = append(events, m)
		if verb(m.Subject).Ends() {
			return bus.ErrStop
		}
		return nil
	})
	if err != nil {
		t.Fatalf("waiting for the end of the task %s after %d events: %v", id, len(events), err)
	}
	return events
}

// verb is the verb of a task's subject, "" for other subjects.
func verb(subject string) contracts.Verb {
	verb, _, _ := contracts.ParseTaskSubject(subject)
	return verb
}

func readJSON[T any](t *testing.T, path string) T {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return decode[T](t, body)
}

func decode[T any](t *testing.T, body []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return v
}

// journal waits for an entry of the journal that ok takes.
func journal(t *testing.T, nc *nats.Conn, ok func(contracts.JournalEntry) bool) contracts.JournalEntry {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stream, err := nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	bucket, err := stream.KeyValue(contracts.BucketJournal)
	if err != nil {
		t.Fatal(err)
	}
	watcher, err := bucket.WatchAll(nats.Context(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Stop()
	for {
		select {
		case update, open := <-watcher.Updates():
			if !open {
				t.Fatal("the journal ended before the entry that was waited for")
			}
			var entry contracts.JournalEntry
			if update != nil && json.Unmarshal(update.Value(), &entry) == nil && ok(entry) {
				return entry
			}
		case <-ctx.Done():
			t.Fatal("the journal did not have the entry that was waited for")
		}
	}
}
