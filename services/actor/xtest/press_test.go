package xtest_test

import (
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// tap presses and releases the key with this symbol.
func tap(t *testing.T, conn *xgb.Conn, sym xproto.Keysym) {
	t.Helper()
	if err := xtest.Init(conn); err != nil {
		t.Fatal(err)
	}
	setup := xproto.Setup(conn)
	keys, err := xproto.GetKeyboardMapping(conn, setup.MinKeycode, byte(setup.MaxKeycode-setup.MinKeycode+1)).Reply()
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range keys.Keysyms {
		if s != sym {
			continue
		}
		code := byte(setup.MinKeycode) + byte(i/int(keys.KeysymsPerKeycode))
		for _, kind := range []byte{xproto.KeyPress, xproto.KeyRelease} {
			if err := xtest.FakeInputChecked(conn, kind, code, 0, setup.DefaultScreen(conn).Root, 0, 0, 0).Check(); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	t.Fatalf("no key has the symbol %#x", sym)
}
