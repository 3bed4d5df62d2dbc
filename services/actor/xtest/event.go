package xtest

import (
	"slices"

	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"github.com/grokputer/grokputer/services/actor"
)

// The functions here make requests for input events. They are sent at once, or
// together at the end of a burst.

func (d *display) fake(kind, detail byte, p actor.Point) {
	xtest.FakeInput(d.conn, kind, detail, xproto.TimeCurrentTime, d.root, int16(p.X), int16(p.Y), 0)
}

func (d *display) motion(p actor.Point) { d.fake(xproto.MotionNotify, 0, p) }

func (d *display) button(button byte, down bool) {
	kind := byte(xproto.ButtonRelease)
	if down {
		kind = xproto.ButtonPress
	}
	d.fake(kind, button, actor.Point{})
}

func (d *display) key(code xproto.Keycode, down bool) {
	kind := byte(xproto.KeyRelease)
	if down {
		kind = xproto.KeyPress
	}
	d.fake(kind, byte(code), actor.Point{})
}

// tap presses and releases a key, with shift where it takes that.
func (d *display) tap(p press, shift xproto.Keycode) {
	if p.shift {
		d.key(shift, true)
	}
	d.key(p.code, true)
	d.key(p.code, false)
	if p.shift {
		d.key(shift, false)
	}
}

// chord presses keys in order and releases them in reverse.
func (d *display) chord(codes []xproto.Keycode) {
	for _, code := range codes {
		d.key(code, true)
	}
	for _, code := range slices.Backward(codes) {
		d.key(code, false)
	}
}

// release lets go of every key and button that the server holds for pressed.
func (d *display) release() error {
	defer d.patiently()()
	pressed, err := xproto.QueryKeymap(d.conn).Reply()
	if err != nil {
		return d.lost(err)
	}
	for i, bits := range pressed.Keys {
		for bit := range 8 {
			if bits&(1<<bit) != 0 {
				d.key(xproto.Keycode(8*i+bit), false)
			}
		}
	}
	pointer, err := xproto.QueryPointer(d.conn, d.root).Reply()
	if err != nil {
		return d.lost(err)
	}
	for button := byte(1); button <= 5; button++ {
		if pointer.Mask&(xproto.KeyButMaskButton1<<(button-1)) != 0 {
			d.button(button, false)
		}
	}
	return d.sync()
}
