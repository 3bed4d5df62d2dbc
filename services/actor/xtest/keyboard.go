package xtest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/keysym"
)

// rebindAfter is how long a key that was borrowed for a character keeps it at
// least: a program looks the character up when it handles the event, which may
// be later than the event.
const rebindAfter = 500 * time.Millisecond

// keyboard knows which key, with or without shift, gives which character in the
// layout that is in use, and borrows keys that have no symbol for characters
// that no key gives.
type keyboard struct {
	conn *xgb.Conn
	// noted is a property of the root window with the keycodes that were ever
	// lent: like the ledger it outlives the process, so that the next one knows
	// them for spare.
	root  xproto.Window
	noted xproto.Atom

	first xproto.Keycode
	width int // symbols per key
	syms  []xproto.Keysym
	keys  map[rune]press
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

// remember takes keys that an earlier process lent for lent.
func (k *keyboard) remember(codes []byte) {
	for _, code := range codes {
		k.spare = append(k.spare, loan{xproto.Keycode(code), unknown, time.Now()})
	}
}

// unknown is the symbol of a key that an earlier process lent, until it is read.
const unknown xproto.Keysym = 0xffffffff

// read brings the keyboard up to date: a person may choose another layout at any
// time. Group is the one of the layout's groups that is in use, from 0.
func (k *keyboard) read(group int) error {
	setup := xproto.Setup(k.conn)
	mapping, err := xproto.GetKeyboardMapping(k.conn, setup.MinKeycode, byte(setup.MaxKeycode-setup.MinKeycode+1)).Reply()
	if err != nil {
		return fmt.Errorf("read the keyboard: %w", err)
	}
	modifiers, err := xproto.GetModifierMapping(k.conn).Reply()
	if err != nil {
		return fmt.Errorf("read the keyboard's modifiers: %w", err)
	}
	k.first, k.width, k.syms = setup.MinKeycode, int(mapping.KeysymsPerKeycode), mapping.Keysyms
	if k.width == 0 {
		return errors.New("the keyboard has no symbols")
	}
	k.findSpare(modifiers.Keycodes)
	k.findKeys(group)
	return nil
}

// findSpare lists the keys without a symbol of their own, and keeps those that
// are lent. What another program has given a symbol meanwhile is left alone.
func (k *keyboard) findSpare(modifiers []xproto.Keycode) {
	free := make(map[xproto.Keycode]bool)
	for i := range len(k.syms) / k.width {
		code := k.first + xproto.Keycode(i)
		if !slices.ContainsFunc(k.row(code), notZero) && !slices.Contains(modifiers, code) {
			free[code] = true
		}
	}
	kept := k.spare[:0]
	for _, l := range k.spare {
		if l.code < k.first {
			continue
		}
		given := k.row(l.code)[0]
		switch {
		case free[l.code]:
			kept = append(kept, loan{code: l.code})
		case l.sym == unknown || l.sym == given:
			kept = append(kept, loan{l.code, given, l.used})
		}
		delete(free, l.code)
	}
	k.spare = kept
	for i := range len(k.syms) / k.width {
		if code := k.first + xproto.Keycode(i); free[code] {
			k.spare = append(k.spare, loan{code: code})
		}
	}
	slices.SortStableFunc(k.spare, func(a, b loan) int { return a.used.Compare(b.used) })
}

func notZero(s xproto.Keysym) bool { return s != 0 }

// findKeys lists what the keys with symbols of their own give. A group has two
// columns, the second with shift (X protocol, section 5); of the third and
// fourth group it is not known where they are, so with those every character is
// lent a key.
func (k *keyboard) findKeys(group int) {
	k.keys = make(map[rune]press)
	for shift := range 2 {
		for i := range len(k.syms) / k.width {
			code := k.first + xproto.Keycode(i)
			if group > 1 || slices.ContainsFunc(k.spare, func(l loan) bool { return l.code == code }) {
				continue
			}
			row := k.row(code)
			if group == 1 && k.width >= 4 && (row[2] != 0 || row[3] != 0) {
				row = row[2:4] // a key without a second group stays in its first
			}
			if shift >= len(row) {
				continue
			}
			r, ok := keysym.Rune(row[shift])
			if _, known := k.keys[r]; ok && !known {
				k.keys[r] = press{code: code, shift: shift == 1}
			}
		}
	}
}

// row returns a key's symbols.
func (k *keyboard) row(code xproto.Keycode) []xproto.Keysym {
	i := int(code-k.first) * k.width
	return k.syms[i : i+k.width]
}

// foreign counts the different characters of a text that no key of its own gives.
func (k *keyboard) foreign(text []rune) int {
	seen := make(map[rune]bool)
	for _, r := range text {
		if _, ok := k.keys[r]; !ok {
			seen[r] = true
		}
	}
	return len(seen)
}

// rune returns the key for a character and, when one had to be lent for it, how
// long to wait before that can be done.
func (k *keyboard) rune(r rune) (p press, wait time.Duration, err error) {
	if p, ok := k.keys[r]; ok {
		return p, 0, nil
	}
	sym, ok := keysym.Of(r)
	if !ok {
		return press{}, 0, fmt.Errorf("%w: %U", actor.ErrCannotType, r)
	}
	return k.borrow(sym)
}

// borrow returns a key that is lent to a symbol, or how long to wait for one.
func (k *keyboard) borrow(sym xproto.Keysym) (p press, wait time.Duration, err error) {
	if i := slices.IndexFunc(k.spare, func(l loan) bool { return l.sym == sym }); i >= 0 {
		return k.use(i), 0, nil
	}
	if len(k.spare) == 0 {
		r, _ := keysym.Rune(sym)
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
	if k.spare[0].sym == 0 {
		code := []byte{byte(k.spare[0].code)}
		xproto.ChangeProperty(k.conn, xproto.PropModeAppend, k.root, k.noted, xproto.AtomCardinal, 8, 1, code)
	}
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
	sym, ok := keysym.Named(name)
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

// combination returns the keys of a combination in the order of pressing, or how
// long to wait for one to be free. A character that takes shift, or is on no
// key, is lent one: a shift that is not named would be part of the combination.
func (k *keyboard) combination(names []string) (codes []xproto.Keycode, wait time.Duration, err error) {
	for _, name := range names {
		sym, ok := keysym.Named(name)
		if !ok {
			return nil, 0, fmt.Errorf("%w: there is no key called %q", actor.ErrCannotType, name)
		}
		code, ok := k.alone(sym)
		if _, isRune := keysym.Rune(sym); !ok && isRune {
			var p press
			if p, wait, err = k.borrow(sym); err != nil || wait > 0 {
				return nil, wait, err
			}
			code, ok = p.code, true
		}
		if !ok {
			return nil, 0, fmt.Errorf("%w: this keyboard has no key %q", actor.ErrCannotType, name)
		}
		codes = append(codes, code)
	}
	return codes, 0, nil
}

// alone returns the key that gives a symbol without shift: one of the group in
// use for a character, and any for what is none.
func (k *keyboard) alone(sym xproto.Keysym) (xproto.Keycode, bool) {
	if r, ok := keysym.Rune(sym); ok && r != '\n' && r != '\t' {
		p, known := k.keys[r]
		return p.code, known && !p.shift
	}
	for i := 0; i < len(k.syms); i += k.width {
		if k.syms[i] == sym {
			return k.first + xproto.Keycode(i/k.width), true
		}
	}
	return 0, false
}
