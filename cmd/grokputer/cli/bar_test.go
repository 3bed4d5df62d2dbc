package cli

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/basemodel"
)

func barModel() basemodel.Known {
	return basemodel.Known{File: "a.gguf", Package: "a", Version: "1"}
}

func TestBarOnATerminal(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	b := newBar(&out)
	b.live = true
	const total = 200 << 20
	b.show(barModel(), basemodel.StageFetch, 0, total)
	b.show(barModel(), basemodel.StageFetch, 1, total) // nothing new to see
	b.show(barModel(), basemodel.StageFetch, total/2, total)
	b.show(barModel(), basemodel.StageUnpack, total, total)
	b.end()
	b.end()
	const want = "\rfetching a==1 [..............................]   0 %  0 of 200 MB " +
		"\rfetching a==1 [###############...............]  50 %  100 of 200 MB \n" +
		"\runpacking a.gguf [##############################] 100 %  200 of 200 MB \n"
	if got := out.String(); got != want {
		t.Errorf("the bar is\n%q\nwant\n%q", got, want)
	}
}

func TestBarElsewhere(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	b := newBar(&out)
	for done := range int64(100) {
		b.show(barModel(), basemodel.StageFetch, done<<20, 100<<20)
	}
	b.show(barModel(), basemodel.StageUnpack, 0, 0)
	b.end()
	if got, want := out.String(), "fetching a==1 (100 MB)\nunpacking a.gguf (0 MB)\n"; got != want {
		t.Errorf("the lines are %q; want %q", got, want)
	}
}
