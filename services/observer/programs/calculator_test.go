package programs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts/screen"
)

func TestCalculator(t *testing.T) {
	b := newBench(t)
	b.start("galculator", "galculator")
	s := b.look()
	buttons := texts(s, screen.Button)
	for want := range strings.FieldsSeq("0 1 2 3 4 5 6 7 8 9 + - * / = . ( ) C AC MS") {
		if !slices.Contains(buttons, want) {
			t.Errorf("there is no button %q among %q", want, buttons)
		}
	}
	// The program presses its own buttons, and one that was pressed takes no
	// second press for a quarter of a second: no key comes twice within two.
	for keys, want := range map[string]string{
		"1234": "1234", "17-34=": "-17", "1/2=": "0.5", "7/8=": "0.875",
		"3*37=": "111", "8*125=": "1000", "60+6=": "66",
	} {
		b.input("key", "Escape")
		b.input("type", "--delay", "130", keys)
		if got := texts(b.look(), screen.Field); len(got) != 1 || got[0] != want {
			t.Errorf("after %q the display reads %q, want %q", keys, got, want)
		}
	}
}
