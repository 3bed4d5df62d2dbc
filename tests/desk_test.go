package tests

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/cmd/grokputer/readback"
	"github.com/grokputer/grokputer/kit/kittest"
)

// The WM_CLASS names of the programs that the tests read back.
const (
	editor     = "mousepad"
	calculator = "galculator"
)

// desk is a screen, as those use it who judge what happened there.
type desk struct {
	t         *testing.T
	display   string
	authority string
}

// desk is the screen that the running program works on.
func (h home) desk() desk {
	h.t.Helper()
	s := h.state()
	return desk{t: h.t, display: s.Display, authority: s.XAuthority}
}

// withScreen starts a screen that is the user's: it outlives the program, which
// has to be allowed to use it.
func (h home) withScreen() home {
	h.t.Helper()
	s := kittest.Screen(h.t)
	// Without the user's session bus each program would start one of its own,
	// which stays.
	h.env = append(s.Env(), "DBUS_SESSION_BUS_ADDRESS=disabled:")
	h.args = append(h.args, "--display", s.Display(), "--yes")
	return h
}

// environment lets one at a time read back: which cookie it shows to the screen
// stands in the environment of this process.
var environment sync.Mutex

// use calls f while the environment names the screen.
func (d desk) use(f func() error) {
	d.t.Helper()
	environment.Lock()
	defer environment.Unlock()
	if err := errors.Join(os.Setenv("XAUTHORITY", d.authority), f()); err != nil {
		d.t.Fatal(err)
	}
}

// text is what stands in the editor.
func (d desk) text() (text string) {
	d.t.Helper()
	d.use(func() (err error) {
		text, err = readback.Text(d.t.Context(), d.display, editor)
		return err
	})
	return text
}

// shown is what the calculator shows, "" when none is open.
func (d desk) shown() (number string) {
	d.t.Helper()
	d.use(func() (err error) {
		number, err = readback.Copied(d.t.Context(), d.display, calculator)
		if errors.Is(err, readback.ErrNoWindow) {
			return nil
		}
		return err
	})
	return number
}

// clear ends every program on the screen.
func (d desk) clear() {
	d.t.Helper()
	d.use(func() error { return readback.CloseAll(d.t.Context(), d.display) })
}

// show starts a program on the screen that is none of the agent's. It ends with
// the test.
func (d desk) show(h home, name string, args ...string) {
	d.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = h.dir
	for _, kv := range h.environment() {
		if !strings.HasPrefix(kv, "DISPLAY=") && !strings.HasPrefix(kv, "XAUTHORITY=") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "DISPLAY="+d.display, "XAUTHORITY="+d.authority, "DBUS_SESSION_BUS_ADDRESS=disabled:")
	if err := cmd.Start(); err != nil {
		cancel()
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed, or its screen went away
	})
}

// released fails the test if a key or a button of the screen is held.
func (d desk) released() {
	d.t.Helper()
	d.use(func() error {
		conn, err := xgb.NewConnDisplay(d.display)
		if err != nil {
			return err
		}
		defer conn.Close()
		keys, err := xproto.QueryKeymap(conn).Reply()
		if err != nil {
			return err
		}
		pointer, err := xproto.QueryPointer(conn, xproto.Setup(conn).DefaultScreen(conn).Root).Reply()
		if err != nil {
			return err
		}
		const buttons = xproto.KeyButMaskButton1 | xproto.KeyButMaskButton2 | xproto.KeyButMaskButton3
		for i, b := range keys.Keys {
			if b != 0 {
				d.t.Errorf("keys from code %d on are held: %08b", 8*i, b)
			}
		}
		if pointer.Mask&buttons != 0 {
			d.t.Errorf("buttons are held: %016b", pointer.Mask)
		}
		return nil
	})
}
