package bus_test

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/busserver"
)

// restartable is a server that can go away and come back with its store and port.
type restartable struct {
	t      *testing.T
	opts   busserver.Options
	server *busserver.Server
}

func newRestartable(t *testing.T) *restartable {
	t.Helper()
	r := &restartable{t: t, opts: busserver.Options{
		StoreDir: t.TempDir(), Port: busserver.RandomPort, User: "u", Password: "p", SyncAlways: true,
	}}
	r.start()
	u, err := url.Parse(r.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	if r.opts.Port, err = strconv.Atoi(u.Port()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.stop)
	return r
}

func (r *restartable) start() {
	r.t.Helper()
	var err error
	if r.server, err = busserver.Start(context.Background(), r.opts); err != nil {
		r.t.Fatal(err)
	}
}

func (r *restartable) stop() {
	r.t.Helper()
	if err := r.server.Shutdown(); err != nil {
		r.t.Error(err)
	}
}

func (r *restartable) connect() *bus.Bus {
	r.t.Helper()
	b, err := bus.Connect(deadline(r.t), bus.Options{URL: r.server.URL(), User: "u", Password: "p"})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(b.Close)
	if err := b.Provision(deadline(r.t)); err != nil {
		r.t.Fatal(err)
	}
	return b
}

func TestPublishWaitsForTheServerToComeBack(t *testing.T) {
	t.Parallel()
	r := newRestartable(t)
	b := r.connect()
	const before, during = 20, 5
	for i := range before {
		publish(t, b, strconv.Itoa(i))
	}
	r.stop()
	published := make(chan error, during)
	for i := range during {
		go func() {
			published <- b.Publish(deadline(t), contracts.SubjectTaskCancel(),
				contracts.TaskCancel{TaskID: strconv.Itoa(before + i)})
		}()
	}
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := b.Publish(short, contracts.SubjectTaskCancel(), contracts.TaskCancel{}); err == nil {
		t.Fatal("publishing succeeded without a server")
	}
	r.start()
	for range during {
		if err := receive(t, published, "the publisher"); err != nil {
			t.Error(err)
		}
	}
	seen := map[string]int{}
	err := b.Watch(deadline(t), contracts.StreamTasks, nil, bus.FromStart(), func(m bus.Message) error {
		event, err := bus.Decode[contracts.TaskCancel](m)
		if err != nil {
			return err
		}
		if seen[event.TaskID]++; len(seen) == before+during {
			return bus.ErrStop
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("task %s is stored %d times", id, n)
		}
	}
}

func TestWorkGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	r := newRestartable(t)
	b := r.connect()
	c := consumer(5*time.Second, 5)
	handled := make(chan string, 10)
	inHandler, finish := make(chan struct{}), make(chan struct{})
	stop := work(t, b, c, 1, func(_ context.Context, m bus.Message) error {
		id := m.Header.Get(contracts.HeaderSubject)
		if id == "slow" {
			close(inHandler) // panics, and so fails, if it comes twice
			<-finish
		}
		handled <- id
		return nil
	})
	publish(t, b, "fast")
	receive(t, handled, "the first message")
	publish(t, b, "slow")
	receive(t, inHandler, "the slow handler")
	r.stop()
	close(finish) // it ends while the server is away: its acknowledgement waits
	receive(t, handled, "the slow message")
	r.start()
	publish(t, b, "after")
	if id := receive(t, handled, "a message after the restart"); id != "after" {
		t.Errorf("got %q after the restart: a finished message came again", id)
	}
	stop()
	if n := pending(t, b, c); n != 0 {
		t.Errorf("%d messages are not acknowledged", n)
	}
}

func TestWatchGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	r := newRestartable(t)
	b := r.connect()
	got := make(chan string, 10)
	watched := make(chan error, 1)
	go func() {
		watched <- b.Watch(deadline(t), contracts.StreamTasks, []string{contracts.SubjectTaskCancel()}, bus.FromStart(),
			func(m bus.Message) error {
				id := m.Header.Get(contracts.HeaderSubject)
				got <- id
				if id == "3" {
					return bus.ErrStop
				}
				return nil
			})
	}()
	publish(t, b, "1")
	if id := receive(t, got, "a message"); id != "1" {
		t.Errorf("got %q", id)
	}
	r.stop()
	r.start()
	for _, want := range []string{"2", "3"} {
		publish(t, b, want)
		if id := receive(t, got, "a message after the restart"); id != want {
			t.Errorf("got %q, want %q", id, want)
		}
	}
	if err := receive(t, watched, "the watch"); err != nil {
		t.Error(err)
	}
}

func TestConnectWaitsWhenToldTo(t *testing.T) {
	t.Parallel()
	r := newRestartable(t)
	r.stop()
	o := bus.Options{URL: fmt.Sprintf("nats://127.0.0.1:%d", r.opts.Port), User: "u", Password: "p"}
	if _, err := bus.Connect(deadline(t), o); err == nil {
		t.Fatal("connected without a server")
	}
	o.Wait = true
	connected := make(chan error, 1)
	go func() {
		b, err := bus.Connect(deadline(t), o)
		if err == nil {
			b.Close()
		}
		connected <- err
	}()
	r.start()
	if err := receive(t, connected, "the connection"); err != nil {
		t.Error(err)
	}
	o.Password = "wrong"
	if _, err := bus.Connect(deadline(t), o); err == nil {
		t.Error("a wrong password was let in")
	}
}
