package main

import (
	"math"
	"strings"
	"testing"
)

// What the sets use of SVG is drawn where it should be: how much of a mask is ink, and
// what is at one place.
func TestDrawSVG(t *testing.T) {
	t.Parallel()
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2">`
	for name, test := range map[string]struct {
		body    string
		share   float64
		in, out point
	}{
		"a filled square":         {`<path fill="black" stroke="none" d="M6 6h12v12H6z"/>`, 0.25, point{12, 12}, point{3, 12}},
		"a hole by its direction": {`<path fill="black" stroke="none" d="M0 0h24v24H0zM6 6v12h12V6z"/>`, 0.75, point{3, 3}, point{12, 12}},
		"a hole by its rule":      {`<path fill="black" stroke="none" fill-rule="evenodd" d="M0 0h24v24H0zM6 6h12v12H6z"/>`, 0.75, point{3, 3}, point{12, 12}},
		"a line":                  {`<path d="M0 12h24"/>`, 2.0 / 24, point{1, 12}, point{12, 14}},
		"more points of a move":   {`<path d="m0 12 24 0"/>`, 2.0 / 24, point{23, 12}, point{12, 14}},
		"a square end":            {`<path stroke-linecap="square" d="M1 12h22"/>`, 2.0 / 24, point{0.2, 12}, point{12, 14}},
		"a circle":                {`<circle cx="12" cy="12" r="10"/>`, math.Pi * (11*11 - 9*9) / 576, point{22, 12}, point{12, 12}},
		"flags without spaces":    {`<path fill="black" stroke="none" d="M2 12a10 10 0 0120 0a10 10 0 01-20 0"/>`, math.Pi * 100 / 576, point{12, 4}, point{3, 3}},
		"turned":                  {`<g transform="rotate(90 12 12)"><path d="M0 4h24"/></g>`, 2.0 / 24, point{20, 1}, point{12, 4}},
		"round corners":           {`<rect x="2" y="2" width="20" height="20" rx="10" fill="black" stroke="none"/>`, math.Pi * 100 / 576, point{12, 3}, point{3, 3}},
		"nothing":                 {`<path fill="none" stroke="none" d="M0 0h24v24H0z"/>`, 0, point{-1, -1}, point{12, 12}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := drawSVG([]byte(svg + test.body + "</svg>"))
			if err != nil {
				t.Fatal(err)
			}
			if got := m.sums().coverage(1, 0, 0)[0]; math.Abs(got-test.share) > 0.004 {
				t.Errorf("%.4f of it is ink, want %.4f", got, test.share)
			}
			at := func(p point) bool { return m.at(int(p.x*side/24), int(p.y*side/24)) }
			if test.in.x >= 0 && !at(test.in) || at(test.out) {
				t.Errorf("ink at %v: %v, at %v: %v", test.in, at(test.in), test.out, at(test.out))
			}
		})
	}
	if _, err := drawSVG([]byte(svg + `<path d="M0 0X1"/></svg>`)); err == nil {
		t.Error("a command that there is not was drawn")
	}
}

func TestClasses(t *testing.T) {
	t.Parallel()
	c, err := readClasses()
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"lucide trash-2": "delete", "feather delete": "", "material delete": "delete", "tabler share": "share",
		"octicons share": "upload", "tabler share-2": unclear, "phosphor caret-right": "next", "bootstrap caret-right": unclear, "lucide banana": "",
	} {
		set, base, _ := strings.Cut(file, " ")
		if got, _ := c.of(set, base, base); got != want {
			t.Errorf("%s is %q, want %q", file, got, want)
		}
	}
	if got, _ := c.of("phosphor", "caret-right", "caret-right-fill"); got != unclear {
		t.Errorf("a filled triangle is %q", got)
	}
	if !c.related("bell", "bell-ringing") || c.related("bell", "doorknob") {
		t.Error("related names are not told")
	}
}
