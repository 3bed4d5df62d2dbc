package bus_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
)

func TestGather(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	gather := func(ctx context.Context) ([]*nats.Msg, error) {
		return b.Gather(ctx, contracts.SubjectControlStop(), contracts.ControlStop{Reason: "r"}, time.Minute, 100*time.Millisecond)
	}
	if _, err := gather(deadline(t)); !errors.Is(err, bus.ErrNoAnswer) {
		t.Errorf("a request that nobody hears: %v, want ErrNoAnswer", err)
	}
	for _, answer := range []string{"one", "two"} {
		subscription, err := b.Conn().Subscribe(contracts.SubjectControlStop(), func(m *nats.Msg) {
			if string(m.Data) != `{"reason":"r"}` || m.Header.Get(contracts.HeaderType) != "control.stop" {
				t.Errorf("the request is %s with %v", m.Data, m.Header)
			}
			if err := m.Respond([]byte(answer)); err != nil {
				t.Error(err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = subscription.Unsubscribe() })
	}
	if err := b.Conn().Flush(); err != nil {
		t.Fatal(err)
	}
	answers, err := gather(deadline(t))
	if err != nil || len(answers) != 2 {
		t.Errorf("%d answers, %v; want 2", len(answers), err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := gather(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}
