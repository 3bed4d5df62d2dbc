package bus_test

import (
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
)

func TestMessageID(t *testing.T) {
	t.Parallel()
	with := bus.Message{Header: nats.Header{contracts.HeaderMsgID: {"x"}}, Stream: "TASKS", Sequence: 7}
	if id := with.ID(); id != "x" {
		t.Errorf("id is %q, want the header's", id)
	}
	plain := bus.Message{Stream: "TASKS", Sequence: 7}
	if id := plain.ID(); id != "TASKS-7" || !contracts.ValidToken(id) {
		t.Errorf("id is %q, want TASKS-7", id)
	}
}

// What `nats pub` sends has neither headers nor JSON, and is stored all the same.
func TestPlainMessageArrives(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	if err := b.Conn().Publish(contracts.SubjectTaskRequested(), []byte("open the editor")); err != nil {
		t.Fatal(err)
	}
	m := first(t, b, contracts.StreamTasks)
	if string(m.Data) != "open the editor" || len(m.Header) != 0 {
		t.Errorf("got %q with %v", m.Data, m.Header)
	}
}

func TestProvisionIsRepeatable(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	if err := b.Provision(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range contracts.Consumers() {
		if _, err := b.JetStream().Consumer(t.Context(), c.Stream, c.Durable); err != nil {
			t.Errorf("consumer %s: %v", c.Durable, err)
		}
	}
	for _, bucket := range contracts.Buckets() {
		if _, err := b.KV(t.Context(), bucket.Bucket); err != nil {
			t.Error(err)
		}
	}
	if _, err := b.KV(t.Context(), "nosuch"); err == nil {
		t.Error("a bucket that was never made opened")
	}
}
