package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
)

// askTimeout is how long an actor elsewhere may take to say that it is there.
const askTimeout = 500 * time.Millisecond

// desktop is what a task needs: the bus and the objects of whoever serves the
// desktop, and the services themselves if this process had to start them.
type desktop struct {
	bus   *bus.Bus
	blobs *blob.Store
	state house.State
	own   *service // nil when another process serves
}

// desktop finds the services that are up, or starts them here.
func (c *call) desktop(ctx context.Context, w *work) (*desktop, error) {
	d, err := c.join(ctx, w)
	if !errors.Is(err, house.ErrNotUp) {
		return d, err
	}
	if err := w.allow(ctx, c); err != nil {
		return nil, err
	}
	if err := c.note("nothing is up yet: starting what is needed"); err != nil {
		return nil, err
	}
	s, err := start(ctx, c, w)
	if err != nil {
		return nil, err
	}
	return &desktop{bus: s.Bus(), blobs: s.Blobs(), state: s.State(), own: s}, nil
}

// errDeaf: what is up cannot do tasks.
var errDeaf = errors.New("a Grokputer is up, but nobody serves this desktop there")

// join connects to the services that are up: those of the data folder, or those
// that serve the desktop on the NATS server that is set. The error is
// house.ErrNotUp when there are none.
func (c *call) join(ctx context.Context, w *work) (*desktop, error) {
	state, keys, err := c.find()
	up := err == nil
	if !up && (c.shared.NATS.URL == "" || !errors.Is(err, house.ErrNotUp)) {
		return nil, err
	}
	b, err := bus.Connect(ctx, house.BusOptions(c.shared.nats(), state, keys))
	if err != nil {
		return nil, err
	}
	there, err := served(ctx, b, w.Desktop)
	switch {
	case err == nil && !there && up:
		err = fmt.Errorf("%w: %s (its own is called %s)", errDeaf, w.Desktop, state.Desktop)
	case err == nil && !there:
		err = house.ErrNotUp
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	store, err := blob.Open(ctx, house.BlobOptions(c.shared.s3(), state, keys))
	if err != nil {
		b.Close()
		return nil, err
	}
	return &desktop{bus: b, blobs: store, state: state}, nil
}

// served reports whether an actor serves the desktop on this bus.
func served(ctx context.Context, b *bus.Bus, name string) (bool, error) {
	subject, err := micro.ControlSubject(micro.PingVerb, "actor", "")
	if err != nil {
		return false, err
	}
	inbox := b.Conn().NewInbox()
	answers, err := b.Conn().SubscribeSync(inbox)
	if err != nil {
		return false, fmt.Errorf("look for an actor: %w", err)
	}
	defer func() { _ = answers.Unsubscribe() }() // at worst it lasts as long as the connection
	if err := b.Conn().PublishRequest(subject, inbox, nil); err != nil {
		return false, fmt.Errorf("look for an actor: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	for {
		answer, err := answers.NextMsgWithContext(ctx)
		switch {
		case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrNoResponders):
			return false, nil
		case err != nil:
			return false, fmt.Errorf("look for an actor: %w", err)
		}
		var ping micro.Ping
		if json.Unmarshal(answer.Data, &ping) == nil && ping.Metadata["desktop"] == name {
			return true, nil
		}
	}
}

// gone is closed when the services that this process started have ended.
func (d *desktop) gone() <-chan struct{} {
	if d.own == nil {
		return nil
	}
	return d.own.ended
}

func interrupted(ctx context.Context) bool { return ctx.Err() != nil }

// stay waits for Ctrl-C when the services are this process's own.
func (d *desktop) stay(ctx context.Context, c *call) error {
	if d.own == nil || interrupted(ctx) {
		return nil
	}
	if err := c.note("staying up, on the display %s; Ctrl-C ends everything", d.state.Display); err != nil {
		return err
	}
	d.own.wait(ctx)
	return nil
}

// close ends what this process started, and otherwise only its connections.
func (d *desktop) close(ctx context.Context) error {
	if d.own != nil {
		return d.own.stop(ctx)
	}
	d.blobs.Close()
	d.bus.Close()
	return nil
}
