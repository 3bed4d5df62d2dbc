package xtest

import (
	"unicode"
	"unicode/utf8"

	"github.com/jezek/xgb/xproto"
)

// Symbols of keys without a character, from X11/keysymdef.h.
const (
	symReturn xproto.Keysym = 0xff0d
	symTab    xproto.Keysym = 0xff09
	symShift  xproto.Keysym = 0xffe1
	symF1     xproto.Keysym = 0xffbe
	// symUnicode is added to a character's code point (X protocol, appendix A).
	symUnicode xproto.Keysym = 0x01000000
)

// keysym returns the symbol of a character. Line ends and tabs are keys; other
// control characters and what is no character have none.
func keysym(r rune) (xproto.Keysym, bool) {
	switch {
	case r == '\n':
		return symReturn, true
	case r == '\t':
		return symTab, true
	case unicode.IsControl(r), !utf8.ValidRune(r), r == utf8.RuneError:
		return 0, false
	case r < 0x100: // Latin-1 characters are their own symbols
		return xproto.Keysym(r), true
	default:
		return symUnicode + xproto.Keysym(r), true
	}
}

// named returns the symbol of a key of the action language.
func named(key string) (xproto.Keysym, bool) {
	if len(key) == 1 {
		return keysym(rune(key[0]))
	}
	sym, ok := map[string]xproto.Keysym{
		"ctrl": 0xffe3, "alt": 0xffe9, "shift": symShift, "super": 0xffeb,
		"enter": symReturn, "tab": symTab, "escape": 0xff1b, "space": 0x20,
		"backspace": 0xff08, "delete": 0xffff, "insert": 0xff63,
		"up": 0xff52, "down": 0xff54, "left": 0xff51, "right": 0xff53,
		"home": 0xff50, "end": 0xff57, "pageup": 0xff55, "pagedown": 0xff56, "menu": 0xff67,
		"f1": symF1, "f2": symF1 + 1, "f3": symF1 + 2, "f4": symF1 + 3, "f5": symF1 + 4, "f6": symF1 + 5,
		"f7": symF1 + 6, "f8": symF1 + 7, "f9": symF1 + 8, "f10": symF1 + 9, "f11": symF1 + 10, "f12": symF1 + 11,
	}[key]
	return sym, ok
}
