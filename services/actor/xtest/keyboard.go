package xtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
)

// rebindAfter is how long a key that was borrowed for a character keeps it at
// least: a program looks the character up when it handles the event, which may
// be later than the event.
const rebindAfter = 500 * time.Millisecond

// keyboard knows which key, with or without shift, gives which symbol, and
// borrows keys that have none for characters that no key gives.
type keyboard struct {
	conn  *xgb.Conn
	first xproto.Keycode
	width int // symbols per key
	syms  []xproto.Keysym
	spare []loan // least recently used first
}

// loan is a key without a symbol of its own.
type loan struct {
	code xproto.Keycode
	sym  xproto.Keysym // 0: not lent
	used time.Time
}

// press is a key and whether shift is held with it.
type press struct {
	code  xproto.Keycode
	shift bool
}

func readKeyboard(conn *xgb.Conn) (*keyboard, error) {
	setup := xproto.Setup(conn)
	count := setup.MaxKeycode - setup.MinKeycode + 1
	mapping, err := xproto.GetKeyboardMapping(conn, setup.MinKeycode, byte(count)).Reply()
	if err != nil {
		return nil, fmt.Errorf("read the keyboard: %w", err)
	}
	modifiers, err := xproto.GetModifierMapping(conn).Reply()
	if err != nil {
		return nil, fmt.Errorf("read the keyboard's modifiers: %w", err)
	}
	k := &keyboard{
		conn: conn, first: setup.MinKeycode, width: int(mapping.KeysymsPerKeycode), syms: mapping.Keysyms,
	}
	if k.width == 0 {
		return nil, fmt.Errorf("the keyboard has no symbols")
	}
	for i := range len(k.syms) / k.width {
		code := k.first + xproto.Keycode(i)
		if !slices.ContainsFunc(k.row(code), notZero) && !slices.Contains(modifiers.Keycodes, code) {
			k.spare = append(k.spare, loan{code: code})
		}
	}
	return k, nil
}

func notZero(s xproto.Keysym) bool { return s != 0 }

// row returns a key's symbols.
func (k *keyboard) row(code xproto.Keycode) []xproto.Keysym {
	i := int(code-k.first) * k.width
	return k.syms[i : i+k.width]
}

// find returns the key that gives a symbol in the first group: its first column
// alone, its second with shift (X protocol, section 5).
func (k *keyboard) find(sym xproto.Keysym) (press, bool) {
	for column := range min(2, k.width) {
		for i := column; i < len(k.syms); i += k.width {
			if k.syms[i] == sym {
				return press{code: k.first + xproto.Keycode(i/k.width), shift: column == 1}, true
			}
		}
	}
	return press{}, false
}

// rune returns the key for a character and, when one had to be lent for it, how
// long to wait before that can be done.
func (k *keyboard) rune(r rune) (p press, wait time.Duration, err error) {
	sym, ok := keysym(r)
	if !ok {
		return press{}, 0, fmt.Errorf("%w: %U", actor.ErrCannotType, r)
	}
	if p, ok := k.find(sym); ok {
		return p, 0, nil
	}
	if i := slices.IndexFunc(k.spare, func(l loan) bool { return l.sym == sym }); i >= 0 {
		return k.use(i), 0, nil
	}
	if len(k.spare) == 0 {
		return press{}, 0, fmt.Errorf("%w: %U is on no key and no key is free for it", actor.ErrCannotType, r)
	}
	if oldest := k.spare[0]; oldest.sym != 0 {
		if wait := rebindAfter - time.Since(oldest.used); wait > 0 {
			return press{}, wait, nil
		}
	}
	k.lend(sym)
	return k.use(0), 0, nil
}

// lend gives a symbol to the key that was not used for the longest time. Programs
// are told before the first event that uses it.
func (k *keyboard) lend(sym xproto.Keysym) {
	k.spare[0].sym = sym
	xproto.ChangeKeyboardMapping(k.conn, 1, k.spare[0].code, 2, []xproto.Keysym{sym, sym})
}

// use moves a borrowed key to the end of the queue.
func (k *keyboard) use(i int) press {
	l := k.spare[i]
	l.used = time.Now()
	k.spare = append(slices.Delete(k.spare, i, i+1), l)
	return press{code: l.code}
}

// all returns every key that gives the symbol of a named key by itself, and for a
// modifier those on both sides of the keyboard.
func (k *keyboard) all(name string) []xproto.Keycode {
	sym, ok := named(name)
	if !ok {
		return nil
	}
	syms := []xproto.Keysym{sym}
	if slices.Contains(action.Modifiers(), name) {
		syms = append(syms, sym+1) // X11/keysymdef.h: the right one follows the left one
	}
	var codes []xproto.Keycode
	for i := 0; i < len(k.syms); i += k.width {
		if slices.Contains(syms, k.syms[i]) {
			codes = append(codes, k.first+xproto.Keycode(i/k.width))
		}
	}
	return codes
}

// combination returns the keys of a combination in the order of pressing.
func (k *keyboard) combination(names []string) ([]xproto.Keycode, error) {
	codes := make([]xproto.Keycode, 0, len(names))
	for _, name := range names {
		sym, ok := named(name)
		if !ok {
			return nil, fmt.Errorf("%w: there is no key called %q", actor.ErrCannotType, name)
		}
		p, ok := k.find(sym)
		if !ok || p.shift {
			return nil, fmt.Errorf("%w: this keyboard has no key %q", actor.ErrCannotType, name)
		}
		codes = append(codes, p.code)
	}
	return codes, nil
}
