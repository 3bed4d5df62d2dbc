package bus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
)

// ErrHeld tells that someone else has the lease.
var ErrHeld = errors.New("held by another")

// errStale: the lease is ours, but at a later revision than we knew.
var errStale = errors.New("an earlier renewal was stored without our knowing")

// MinLease is the shortest time that a lease can have: the server counts in seconds.
const MinLease = time.Second

// leaseTries is how often within a lease's time to live AwaitLease looks.
const leaseTries = 10

// releasedFor is how long the marker of a released lease stays.
const releasedFor = time.Minute

// leaseHolder is the value of a lease's key.
type leaseHolder struct {
	Name  string    `json:"name"`
	ID    string    `json:"id"`
	Since time.Time `json:"since"`
}

// Lease is the right to work on something alone. It is kept alive until
// Release; a process that ends without one loses it when its time runs out.
type Lease struct {
	bus      *Bus
	kv       jetstream.KeyValue
	key      string
	ttl      time.Duration
	value    []byte
	revision uint64 // read and written by keep, and by Release after it ended
	lost     chan struct{}
	stop     context.CancelFunc
	kept     sync.WaitGroup
}

// Lease takes the lease of a key (letters, digits, and -_./= ) for ttl at a
// time and renews it three times within each. ErrHeld names the holder.
func (b *Bus) Lease(ctx context.Context, key string, ttl time.Duration) (*Lease, error) {
	if ttl < MinLease {
		return nil, fmt.Errorf("lease %s: %s is shorter than %s", key, ttl, MinLease)
	}
	kv, err := b.KV(ctx, contracts.BucketLeases)
	if err != nil {
		return nil, err
	}
	value, err := json.Marshal(leaseHolder{Name: b.name, ID: NewID(), Since: time.Now().UTC()})
	if err != nil {
		return nil, fmt.Errorf("lease %s: %w", key, err)
	}
	taken := time.Now()
	revision, err := kv.Create(ctx, key, value, jetstream.KeyTTL(ttl))
	if errors.Is(err, jetstream.ErrKeyExists) {
		return nil, fmt.Errorf("lease %s: %w%s", key, ErrHeld, holder(ctx, kv, key))
	}
	if err != nil {
		return nil, fmt.Errorf("lease %s: %w", key, err)
	}
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &Lease{
		bus: b, kv: kv, key: key, ttl: ttl, value: value, revision: revision,
		lost: make(chan struct{}), stop: stop,
	}
	l.kept.Go(func() { l.keep(keeping, taken) })
	return l, nil
}

// AwaitLease is Lease, and waits while someone else has it. After a crash of that one
// that is its ttl at most.
func (b *Bus) AwaitLease(ctx context.Context, key string, ttl time.Duration) (*Lease, error) {
	for said := false; ; said = true {
		lease, err := b.Lease(ctx, key, ttl)
		if err == nil {
			return lease, nil
		}
		if ctx.Err() == nil && !errors.Is(err, ErrHeld) {
			return nil, err
		}
		if !said {
			b.log.Info("waiting for a lease", "key", key, "err", err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(ttl / leaseTries):
		}
	}
}

// GiveBack releases the lease at the end of the work that it is for, although ctx may
// have ended. What cannot be released runs out by itself.
func (l *Lease) GiveBack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), apiTimeout)
	defer cancel()
	if err := l.Release(ctx); err != nil {
		l.bus.log.Warn("a lease stays for a while", "key", l.key, "err", err)
	}
}

// Lost is closed when the lease may belong to someone else: its work must end.
func (l *Lease) Lost() <-chan struct{} { return l.lost }

// Release gives the lease back. A lease that was lost is left to whoever has it.
func (l *Lease) Release(ctx context.Context) error {
	l.stop()
	l.kept.Wait()
	select {
	case <-l.lost:
		return nil
	default:
	}
	// The marker goes too, after a while: keys are many and never come back.
	err := l.kv.Purge(ctx, l.key, jetstream.LastRevision(l.revision), jetstream.PurgeTTL(releasedFor))
	if err != nil && !conflict(err) {
		return fmt.Errorf("release lease %s: %w", l.key, err)
	}
	return nil
}

// keep renews the lease until ctx ends, and says when it is lost: someone else
// wrote the key, or no renewal was confirmed in time. Our time runs from before
// a renewal was sent, the server's from when it was stored, so ours ends first.
func (l *Lease) keep(ctx context.Context, renewed time.Time) {
	ticker := time.NewTicker(l.ttl / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(renewed.Add(l.ttl))):
			l.lose(context.DeadlineExceeded)
			return
		case <-ticker.C:
		}
		began := time.Now()
		switch err := l.renew(ctx); {
		case err == nil:
			renewed = began
		case errors.Is(err, ErrHeld):
			l.lose(err)
			return
		}
	}
}

func (l *Lease) lose(err error) {
	l.bus.log.Warn("lease lost", "key", l.key, "err", err)
	close(l.lost)
}

// renew writes the key again with a fresh time to live. The key-value API can
// give one to a new key only, so this publishes to the bucket's subject.
func (l *Lease) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.ttl/3)
	defer cancel()
	msg := nats.NewMsg("$KV." + contracts.BucketLeases + "." + l.key)
	msg.Data = l.value
	ack, err := l.bus.js.PublishMsg(ctx, msg,
		jetstream.WithMsgTTL(l.ttl), jetstream.WithExpectLastSequencePerSubject(l.revision))
	if conflict(err) {
		return l.reread(ctx)
	}
	if err != nil {
		return err
	}
	l.revision = ack.Sequence
	return nil
}

// reread tells an earlier renewal of ours, whose answer was lost (errStale: the
// next one will do), from someone else's lease (ErrHeld).
func (l *Lease) reread(ctx context.Context) error {
	entry, err := l.kv.Get(ctx, l.key)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		return ErrHeld // it ran out: anyone may take it now
	case err != nil:
		return err
	case !bytes.Equal(entry.Value(), l.value):
		return ErrHeld
	}
	l.revision = entry.Revision()
	return errStale
}

// conflict reports whether a key was written since the revision that we know.
func conflict(err error) bool {
	if errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
		return true
	}
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// holder tells in words who has a lease, as far as that can be known.
func holder(ctx context.Context, kv jetstream.KeyValue, key string) string {
	entry, err := kv.Get(ctx, key)
	if err != nil {
		return ""
	}
	var h leaseHolder
	if err := json.Unmarshal(entry.Value(), &h); err != nil {
		return ""
	}
	return fmt.Sprintf(" (%s, since %s)", h.Name, h.Since.Format(time.RFC3339))
}
