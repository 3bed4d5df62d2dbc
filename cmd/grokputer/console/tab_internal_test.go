package console

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestTab(t *testing.T) {
	t.Parallel()
	all := []string{`click button "Sä"`, `click button "Sö"`, "wait "}
	complete := func(before string) []string {
		var found []string
		for _, a := range all {
			if strings.HasPrefix(a, before) {
				found = append(found, a)
			}
		}
		return found
	}
	for _, test := range []struct{ before, after, want, listed string }{
		{"c", "", `click button "S`, ""},
		{`click button "S`, "x", `click button "S`, all[0]}, // two letters that begin with the same byte
		{"w", "!", "wait ", ""},
		{"nothing", "", "nothing", ""},
	} {
		var out bytes.Buffer
		line, pos, ok := onTab(&out, complete)(test.before+test.after, len(test.before), '\t')
		if !ok || line != test.want+test.after || pos != len(test.want) || !strings.Contains(out.String(), test.listed) || (test.listed == "") != (out.Len() == 0) {
			t.Errorf("%q: %q, %d, %v, listing %q", test.before, line, pos, ok, out.String())
		}
	}
	if _, _, ok := onTab(nil, complete)("w", 1, 'x'); ok {
		t.Error("a letter completes")
	}
}

func TestLongListsAreCut(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range mostListed + 5 {
		many = append(many, fmt.Sprint(i))
	}
	var out bytes.Buffer
	list(&out, many)
	if n := strings.Count(out.String(), "\n"); n != mostListed+1 || !strings.Contains(out.String(), "and 5 more") {
		t.Errorf("%d lines:\n%s", n, out.String())
	}
}
