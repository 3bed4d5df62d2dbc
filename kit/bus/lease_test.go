package bus_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
)

func TestLeaseIsHeldByOne(t *testing.T) {
	t.Parallel()
	s := kittest.NATSServer(t)
	one := kittest.Connect(t, s, bus.Options{Name: "one"})
	two := kittest.Connect(t, s, bus.Options{Name: "two"})
	lease, err := one.Lease(t.Context(), "desktop.main", bus.MinLease)
	if err != nil {
		t.Fatal(err)
	}
	_, err = two.Lease(t.Context(), "desktop.main", bus.MinLease)
	if !errors.Is(err, bus.ErrHeld) || !strings.Contains(err.Error(), "(one, since ") {
		t.Errorf("%v, want ErrHeld with the holder's name", err)
	}
	other, err := two.Lease(t.Context(), "desktop.other", bus.MinLease)
	if err != nil {
		t.Fatalf("another key is held too: %v", err)
	}
	if err := errors.Join(lease.Release(t.Context()), other.Release(t.Context())); err != nil {
		t.Fatal(err)
	}
	lease, err = two.Lease(t.Context(), "desktop.main", bus.MinLease)
	if err != nil {
		t.Fatalf("a released lease is still held: %v", err)
	}
	if err := lease.Release(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestLeaseOutlivesItsTimeWhileKept(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	lease, err := b.Lease(t.Context(), "job", bus.MinLease)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-lease.Lost():
		t.Fatal("lost while it was kept")
	case <-time.After(5 * bus.MinLease / 2):
	}
	if _, err := b.Lease(t.Context(), "job", bus.MinLease); !errors.Is(err, bus.ErrHeld) {
		t.Errorf("%v, want ErrHeld", err)
	}
	if err := lease.Release(t.Context()); err != nil {
		t.Error(err)
	}
}

// A holder that ends without a word, as by kill -9, keeps no one waiting for long.
func TestLeaseOfAHolderThatEndedRunsOut(t *testing.T) {
	t.Parallel()
	s := kittest.NATSServer(t)
	dead := kittest.Connect(t, s, bus.Options{Name: "dead"})
	lease, err := dead.Lease(t.Context(), "job", bus.MinLease)
	if err != nil {
		t.Fatal(err)
	}
	kv, err := dead.KV(t.Context(), contracts.BucketLeases)
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()
	receive(t, lease.Lost(), "the holder to notice")

	heir := kittest.Connect(t, s, bus.Options{Name: "heir"})
	if kv, err = heir.KV(t.Context(), kv.Bucket()); err != nil {
		t.Fatal(err)
	}
	watch, err := kv.Watch(t.Context(), "job")
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Stop()
	for e := range watch.Updates() {
		if e != nil && e.Operation().String() != "KeyValuePutOp" {
			break // the server ended the key
		}
		if e == nil { // all that is there was told
			if _, err := kv.Get(t.Context(), "job"); err != nil {
				break
			}
		}
	}
	next, err := heir.Lease(t.Context(), "job", bus.MinLease)
	if err != nil {
		t.Fatal(err)
	}
	if err := next.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if err := lease.Release(t.Context()); err != nil {
		t.Errorf("releasing a lost lease: %v", err)
	}
}

func TestLeaseTakenByAnotherIsLost(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	lease, err := b.Lease(t.Context(), "job", bus.MinLease)
	if err != nil {
		t.Fatal(err)
	}
	kv, err := b.KV(t.Context(), contracts.BucketLeases)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.PutString(t.Context(), "job", "mine now"); err != nil {
		t.Fatal(err)
	}
	receive(t, lease.Lost(), "the loss")
	if err := lease.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if e, err := kv.Get(t.Context(), "job"); err != nil || string(e.Value()) != "mine now" {
		t.Errorf("the new holder's key is %v, %v: a lost lease took it away", e, err)
	}
}

func TestLeaseTooShortIsRefused(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	if _, err := b.Lease(t.Context(), "job", time.Millisecond); err == nil {
		t.Error("no error")
	}
}
