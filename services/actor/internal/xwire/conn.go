// Package xwire is the connection to an X server below xgb: it brings the
// display's cookie, which xgb looks for in the environment only, and sends
// several requests in one write.
package xwire

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
)

// Conn is a connection for xgb.NewConnNet. It replaces the first message that
// xgb sends, which has no cookie, by one that has.
type Conn struct {
	net.Conn
	setup []byte // replaces the first message; nil afterwards

	mu      sync.Mutex
	holding bool
	held    []byte
}

// Dial connects to a display such as :7, :7.0 or host:7. authority is the file
// with its cookie; $XAUTHORITY, else ~/.Xauthority, when empty.
func Dial(ctx context.Context, display, authority string) (*Conn, error) {
	host, number, ok := strings.Cut(display, ":")
	number, _, _ = strings.Cut(number, ".")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 0 {
		return nil, fmt.Errorf("%q is not a display such as :0", display)
	}
	network, address := "unix", "/tmp/.X11-unix/X"+number
	if host != "" && host != "unix" {
		network, address = "tcp", net.JoinHostPort(host, strconv.Itoa(6000+n))
	}
	key, err := cookie(authority, number)
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("connect to the display %s: %w", display, err)
	}
	return &Conn{Conn: conn, setup: setupRequest(key)}, nil
}

// setupRequest is the first message of a connection (X protocol, section 8):
// byte order, protocol 11.0, and the authorization.
func setupRequest(key []byte) []byte {
	name := cookieName
	if key == nil {
		name = ""
	}
	buf := []byte{'l', 0}
	for _, v := range []int{11, 0, len(name), len(key), 0} {
		buf = binary.LittleEndian.AppendUint16(buf, uint16(v))
	}
	for _, part := range [][]byte{[]byte(name), key} {
		buf = append(buf, part...)
		for len(buf)%4 != 0 {
			buf = append(buf, 0)
		}
	}
	return buf
}

// Write sends p, or keeps it while requests are held.
func (w *Conn) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.setup != nil {
		setup := w.setup
		w.setup = nil
		if _, err := w.Conn.Write(setup); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	if w.holding {
		w.held = append(w.held, p...)
		return len(p), nil
	}
	return w.Conn.Write(p)
}

// Burst sends the requests that f makes in one write.
func (w *Conn) Burst(f func()) error {
	w.mu.Lock()
	w.holding = true
	w.mu.Unlock()
	f()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holding = false
	held := w.held
	w.held = w.held[:0]
	_, err := w.Conn.Write(held)
	return err
}
