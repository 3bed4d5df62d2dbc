package keysym_test

import (
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/services/actor/internal/keysym"
)

func TestThereAndBack(t *testing.T) {
	t.Parallel()
	//nolint:gosmopolitan // other scripts are what is tried here
	for _, r := range "aZ0~\n\täßÿ€Žłčж‰שلก你😀́" {
		sym, ok := keysym.Of(r)
		if got, known := keysym.Rune(sym); !ok || !known || got != r {
			t.Errorf("%q has the symbol %#x, which is %q, %t", r, sym, got, known)
		}
	}
	for _, r := range "\x00\x1b\x7f\u0085�" {
		if sym, ok := keysym.Of(r); ok {
			t.Errorf("%U has the symbol %#x", r, sym)
		}
	}
	for _, sym := range []xproto.Keysym{0, 0xff1b, keysym.Shift, 0xfe50, 0x7a6, 0x6c0 - 0x100, 0x01000041, 0x01200000} {
		if r, ok := keysym.Rune(sym); ok {
			t.Errorf("the symbol %#x is %q", sym, r)
		}
	}
}

// The X protocol's own list of symbols says the same.
func TestRuneByTheHeader(t *testing.T) {
	t.Parallel()
	header, err := os.ReadFile("/usr/include/X11/keysymdef.h")
	if err != nil {
		t.Skip(err)
	}
	pages := map[int64]bool{1: true, 2: true, 3: true, 5: true, 6: true, 7: true, 0xc: true, 0xd: true, 0x13: true, 0x20: true}
	n := 0
	for _, m := range regexp.MustCompile(`(?m)^#define XK_(\w+)\s+0x([0-9a-f]+)\s+/\* U\+([0-9A-F]+) `).FindAllStringSubmatch(string(header), -1) {
		sym, _ := strconv.ParseInt(m[2], 16, 64)
		want, _ := strconv.ParseInt(m[3], 16, 64)
		if sym < 0x100 || sym < 0x1000000 && !pages[sym>>8] {
			continue
		}
		n++
		if got, ok := keysym.Rune(xproto.Keysym(sym)); !ok || got != rune(want) {
			t.Errorf("%s, %#x, is %U, %t; want U+%04X", m[1], sym, got, ok, want)
		}
	}
	if n < 500 {
		t.Errorf("only %d symbols were compared", n)
	}
}
