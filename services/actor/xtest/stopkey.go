package xtest

import (
	"context"
	"strings"
	"time"

	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/services/actor"
)

const (
	// DefaultHold is how long the stop key is held: longer than anybody taps it,
	// and shorter than anybody is willing to wait.
	DefaultHold = 400 * time.Millisecond
	// glance is the time between two looks at the keyboard.
	glance = 20 * time.Millisecond
	// again is the time between two attempts to reach a display that is away.
	again = time.Second
)

// StopKey looks at the display's keyboard for keys that are held, over a
// connection of its own: no window and no grab can keep that from it. The hands
// press and release within one write, so what is held for long is a person's.
type StopKey struct {
	options Options
	keys    []string
	hold    time.Duration
}

var _ actor.StopKey = (*StopKey)(nil)

// NewStopKey returns the watch for a combination of keys, as actor.ParseKeys gives it.
func NewStopKey(o Options, keys []string, hold time.Duration) *StopKey {
	return &StopKey{options: o.withDefaults(), keys: keys, hold: hold}
}

// String implements actor.StopKey.
func (k *StopKey) String() string { return strings.Join(k.keys, "+") }

// Watch implements actor.StopKey. A display that is away is waited for.
func (k *StopKey) Watch(ctx context.Context, held func()) {
	for ctx.Err() == nil {
		k.watch(ctx, held)
		_ = wait(ctx, again) // it ends with ctx, which is looked at next
	}
}

// watch looks until ctx ends or the display goes away. It writes no ledger: that
// the server has none yet is for the hands to find.
func (k *StopKey) watch(ctx context.Context, held func()) {
	d, err := dial(ctx, k.options)
	if err != nil {
		return
	}
	defer d.close()
	d.keys = &keyboard{conn: d.conn, root: d.root, noted: d.atoms.lent}
	if err := d.keys.read(0); err != nil {
		return
	}
	var since time.Time
	told := false
	for {
		down, err := d.held(k.keys)
		if err != nil {
			return
		}
		switch {
		case !down:
			since, told = time.Time{}, false
		case since.IsZero():
			since = time.Now()
		case !told && time.Since(since) >= k.hold:
			told = true
			held()
		}
		if wait(ctx, glance) != nil {
			return
		}
	}
}

// held reports whether all of these keys are down.
func (d *display) held(keys []string) (bool, error) {
	defer d.patiently()()
	pressed, err := xproto.QueryKeymap(d.conn).Reply()
	if err != nil {
		return false, d.lost(err)
	}
	for _, key := range keys {
		down := false
		for _, code := range d.keys.all(key) {
			down = down || pressed.Keys[code/8]&(1<<(code%8)) != 0
		}
		if !down {
			return false, nil
		}
	}
	return len(keys) > 0, nil
}
