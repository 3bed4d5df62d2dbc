// Package keysym joins characters and the symbols that X11 keyboards give for
// them.
package keysym

import (
	"unicode"
	"unicode/utf8"

	"github.com/jezek/xgb/xproto"
	"golang.org/x/text/encoding/charmap"
)

// Symbols of keys without a character, from X11/keysymdef.h.
const (
	Return xproto.Keysym = 0xff0d
	Tab    xproto.Keysym = 0xff09
	Shift  xproto.Keysym = 0xffe1
	f1     xproto.Keysym = 0xffbe
	// unicodeBase is added to a character's code point (X protocol, appendix A).
	unicodeBase xproto.Keysym = 0x01000000
)

// Of returns the symbol of a character. Line ends and tabs are keys; other
// control characters and what is no character have none.
func Of(r rune) (xproto.Keysym, bool) {
	switch {
	case r == '\n':
		return Return, true
	case r == '\t':
		return Tab, true
	case unicode.IsControl(r), !utf8.ValidRune(r), r == utf8.RuneError:
		return 0, false
	case r < 0x100: // Latin-1 characters are their own symbols
		return xproto.Keysym(r), true
	default:
		return unicodeBase + xproto.Keysym(r), true
	}
}

// Symbols of pages that follow no character set, or not all the way, from
// X11/keysymdef.h; spaces are gaps.
const (
	cyrillic      = "ђѓёєѕіїјљњћќґўџ№ЂЃЁЄЅІЇЈЉЊЋЌҐЎЏ"
	cyrillicFirst = 0xa1
	greek         = "ΆΈΉΊΪ ΌΎΫ Ώ  ΅― άέήίϊΐόύϋΰώ     ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣ ΤΥΦΧΨΩ       αβγδεζηθικλμνξοπρσςτυφχψω"
	greekFirst    = 0xa1
)

// Rune returns the character of a symbol, also of those that keyboards had
// before Unicode: each page of 256 is close to a character set of its time.
func Rune(sym xproto.Keysym) (rune, bool) {
	low := byte(sym)
	switch {
	case sym == Return:
		return '\n', true
	case sym == Tab:
		return '\t', true
	case sym >= unicodeBase+0x100 && sym <= unicodeBase+unicode.MaxRune:
		return rune(sym - unicodeBase), true
	case sym >= 0x20 && sym < 0x7f, sym >= 0xa0 && sym < 0x100, sym >= 0x20a0 && sym <= 0x20ac:
		return rune(sym), true // the last are currencies
	}
	switch sym >> 8 {
	case 0x01:
		return decode(charmap.ISO8859_2, low, 0xa1)
	case 0x02:
		return decode(charmap.ISO8859_3, low, 0xa1)
	case 0x03:
		return decode(charmap.ISO8859_4, low, 0xa2)
	case 0x05:
		return decode(charmap.ISO8859_6, low, 0xac)
	case 0x06:
		if low < 0xc0 {
			return listed(cyrillic, low, cyrillicFirst)
		}
		return decode(charmap.KOI8R, low, 0xc0)
	case 0x07:
		return listed(greek, low, greekFirst)
	case 0x0c:
		return decode(charmap.ISO8859_8, low, 0xdf)
	case 0x0d:
		return decode(charmap.Windows874, low, 0xa1)
	case 0x13:
		return decode(charmap.ISO8859_15, low, 0xbc)
	}
	return 0, false
}

// decode is a byte of a character set, from its first one on that is a symbol.
func decode(set *charmap.Charmap, b, first byte) (rune, bool) {
	r := set.DecodeByte(b)
	return r, b >= first && r != utf8.RuneError
}

func listed(list string, b, first byte) (rune, bool) {
	for i, r := range []rune(list) {
		if int(first)+i == int(b) {
			return r, r != ' '
		}
	}
	return 0, false
}

// Named returns the symbol of a key of the action language.
func Named(key string) (xproto.Keysym, bool) {
	if len(key) == 1 {
		return Of(rune(key[0]))
	}
	sym, ok := map[string]xproto.Keysym{
		"ctrl": 0xffe3, "alt": 0xffe9, "shift": Shift, "super": 0xffeb,
		"enter": Return, "tab": Tab, "escape": 0xff1b, "space": 0x20,
		"backspace": 0xff08, "delete": 0xffff, "insert": 0xff63,
		"up": 0xff52, "down": 0xff54, "left": 0xff51, "right": 0xff53,
		"home": 0xff50, "end": 0xff57, "pageup": 0xff55, "pagedown": 0xff56, "menu": 0xff67,
		"f1": f1, "f2": f1 + 1, "f3": f1 + 2, "f4": f1 + 3, "f5": f1 + 4, "f6": f1 + 5,
		"f7": f1 + 6, "f8": f1 + 7, "f9": f1 + 8, "f10": f1 + 9, "f11": f1 + 10, "f12": f1 + 11,
	}[key]
	return sym, ok
}
