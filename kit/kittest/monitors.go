package kittest

import (
	"fmt"
	"image"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
)

// Monitors divides the X screen of a connection into monitors, in the order of
// their numbers, until the test ends or the returned function is called.
func Monitors(tb testing.TB, x *xgb.Conn, bounds ...image.Rectangle) (undo func()) {
	tb.Helper()
	// randr.Init would write to tables that the process's other connections read.
	const extension = "RANDR"
	reply, err := xproto.QueryExtension(x, uint16(len(extension)), extension).Reply()
	if err != nil || !reply.Present {
		tb.Fatalf("the X server has no %s: %v", extension, err)
	}
	x.ExtLock.Lock()
	x.Extensions[extension] = reply.MajorOpcode
	x.ExtLock.Unlock()
	root := xproto.Setup(x).DefaultScreen(x).Root
	if _, err := randr.QueryVersion(x, 1, 5).Reply(); err != nil {
		tb.Fatal(err)
	}
	outputs, err := randr.GetScreenResources(x, root).Reply()
	if err != nil {
		tb.Fatal(err)
	}
	names := make([]xproto.Atom, len(bounds))
	for i, r := range bounds {
		name := fmt.Sprintf("test-%d", i)
		atom, err := xproto.InternAtom(x, false, uint16(len(name)), name).Reply()
		if err != nil {
			tb.Fatal(err)
		}
		names[i] = atom.Atom
		m := randr.MonitorInfo{
			Name: atom.Atom, Primary: i == 0,
			X: int16(r.Min.X), Y: int16(r.Min.Y), Width: uint16(r.Dx()), Height: uint16(r.Dy()),
			WidthInMillimeters: uint32(r.Dx() / 4), HeightInMillimeters: uint32(r.Dy() / 4),
		}
		if i == 0 { // the screen's own monitor would stay beside these otherwise
			m.Outputs, m.NOutput = outputs.Outputs, uint16(len(outputs.Outputs))
		}
		if err := randr.SetMonitorChecked(x, root, m).Check(); err != nil {
			tb.Fatal(err)
		}
	}
	done := false
	undo = func() {
		if done {
			return
		}
		done = true
		for _, name := range names {
			if err := randr.DeleteMonitorChecked(x, root, name).Check(); err != nil {
				tb.Error(err)
			}
		}
	}
	tb.Cleanup(undo)
	return undo
}
