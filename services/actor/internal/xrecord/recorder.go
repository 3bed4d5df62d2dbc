// Package xrecord hears every input event of a display, for tests: whoever sent
// it and whichever window it went to. It is a client of the RECORD extension
// (X Record Extension Protocol 1.13) that knows nothing of what sends the input.
package xrecord

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"github.com/grokputer/grokputer/services/actor/internal/xwire"
)

// Event is one input event in the server's order.
type Event struct {
	Kind   byte   // xproto.KeyPress to xproto.MotionNotify
	Detail byte   // the key or the button
	X, Y   int    // of the pointer
	Time   uint32 // the server's clock in milliseconds
}

// Mark returns the number of a mark, 0 for any other event.
func (e Event) Mark() int {
	if e.Kind == xproto.MotionNotify && e.Y == 0 {
		return e.X
	}
	return 0
}

// Recorder hears the events of one display.
type Recorder struct {
	data  *xwire.Conn // what is recorded comes here
	input *xgb.Conn   // for marks
	ended chan struct{}

	mu     sync.Mutex
	events []Event
	more   chan struct{} // closed, and replaced, when an event came
}

// Start hears every event from now on, until the test ends.
func Start(tb testing.TB, display, authority string) *Recorder {
	tb.Helper()
	wire, err := xwire.Dial(tb.Context(), display, authority)
	if err != nil {
		tb.Fatal(err)
	}
	r := &Recorder{ended: make(chan struct{}), more: make(chan struct{})}
	if r.input, err = xgb.NewConnNet(wire); err == nil {
		err = xtest.Init(r.input)
	}
	if err != nil {
		tb.Fatal(err)
	}
	if r.data, err = xwire.Dial(tb.Context(), display, authority); err != nil {
		tb.Fatal(err)
	}
	if err := enable(r.data); err != nil {
		tb.Fatal(err)
	}
	go r.read()
	tb.Cleanup(func() {
		r.input.Close()
		_ = r.data.Close()
		<-r.ended
	})
	return r
}

// enable connects and has the server begin to record.
func enable(conn io.ReadWriter) error {
	if _, err := conn.Write([]byte{0}); err != nil { // xwire sends the first message of a connection in its place
		return err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(conn, head); err != nil {
		return err
	}
	setup := make([]byte, 4*int(binary.LittleEndian.Uint16(head[6:])))
	if _, err := io.ReadFull(conn, setup); err != nil {
		return err
	}
	if head[0] != 1 {
		return fmt.Errorf("the display does not let us in: %q", setup)
	}
	context := binary.LittleEndian.Uint32(setup[4:]) // the first id that is ours
	const name = "RECORD"
	query := append([]byte{98, 0, 4, 0, byte(len(name)), 0, 0, 0}, name+"\x00\x00"...)
	if _, err := conn.Write(query); err != nil {
		return err
	}
	answer := make([]byte, 32)
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if answer[0] != 1 || answer[8] != 1 {
		return errors.New("the display lacks the RECORD extension")
	}
	major := answer[9]
	const allClients = 3
	create := []byte{major, 1, 12, 0}
	create = binary.LittleEndian.AppendUint32(create, context)
	create = append(create, 0, 0, 0, 0) // no header before each element
	create = binary.LittleEndian.AppendUint32(create, 1)
	create = binary.LittleEndian.AppendUint32(create, 1)
	create = binary.LittleEndian.AppendUint32(create, allClients)
	var what [24]byte
	what[18], what[19] = xproto.KeyPress, xproto.MotionNotify // device events
	create = append(create, what[:]...)
	begin := binary.LittleEndian.AppendUint32([]byte{major, 5, 2, 0}, context)
	if _, err := conn.Write(append(create, begin...)); err != nil {
		return err
	}
	// The first answer says that it has begun.
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	const startOfData = 4
	if answer[0] != 1 || answer[1] != startOfData {
		return fmt.Errorf("the display does not record: it answers % x", answer)
	}
	return nil
}

// read keeps what is recorded until the connection ends.
func (r *Recorder) read() {
	defer close(r.ended)
	head := make([]byte, 32)
	for {
		if _, err := io.ReadFull(r.data, head); err != nil {
			return
		}
		if head[0] != 1 { // no reply, but what every client is told of, such as another keyboard
			continue
		}
		body := make([]byte, 4*int(binary.LittleEndian.Uint32(head[4:])))
		if _, err := io.ReadFull(r.data, body); err != nil {
			return
		}
		for ; len(body) >= 32; body = body[32:] {
			r.add(Event{
				Kind: body[0] & 0x7f, Detail: body[1], Time: binary.LittleEndian.Uint32(body[4:]),
				X: int(int16(binary.LittleEndian.Uint16(body[20:]))), Y: int(int16(binary.LittleEndian.Uint16(body[22:]))),
			})
		}
	}
}

func (r *Recorder) add(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	close(r.more)
	r.more = make(chan struct{})
}

// Await returns the events so far as soon as ok says that they are enough.
func (r *Recorder) Await(tb testing.TB, what string, ok func([]Event) bool) []Event {
	tb.Helper()
	for {
		r.mu.Lock()
		events, more := slices.Clip(r.events), r.more
		r.mu.Unlock()
		if ok(events) {
			return events
		}
		select {
		case <-more:
		case <-r.ended:
			tb.Fatalf("the display went away before %s", what)
		case <-tb.Context().Done():
			tb.Fatalf("the test ended before %s", what)
		}
	}
}

// Mark puts an event of its own among the others: what comes before it in the
// server's order was sent before. Each number, from 1, is good for one mark.
func (r *Recorder) Mark(tb testing.TB, n int) {
	tb.Helper()
	root := xproto.Setup(r.input).DefaultScreen(r.input).Root
	if err := xtest.FakeInputChecked(r.input, xproto.MotionNotify, 0, xproto.TimeCurrentTime, root, int16(n), 0, 0).Check(); err != nil {
		tb.Fatal(err)
	}
}

// AwaitMark returns all events once a mark has come.
func (r *Recorder) AwaitMark(tb testing.TB, n int) []Event {
	tb.Helper()
	return r.Await(tb, fmt.Sprintf("mark %d", n), func(events []Event) bool {
		for _, e := range events {
			if e.Mark() == n {
				return true
			}
		}
		return false
	})
}
