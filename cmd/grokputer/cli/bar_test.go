package cli

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/basemodel"
)

func barNames() map[basemodel.Stage]string {
	return map[basemodel.Stage]string{basemodel.StageFetch: "fetching", basemodel.StageUnpack: "unpacking"}
}

func TestBarOnATerminal(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	b := newBar(&out, barNames())
	b.live = true
	const total = 200 << 20
	b.show(basemodel.StageFetch, 0, total)
	b.show(basemodel.StageFetch, 1, total) // nothing new to see
	b.show(basemodel.StageFetch, total/2, total)
	b.show(basemodel.StageUnpack, total, total)
	b.end()
	b.end()
	const want = "\rfetching [..............................]   0 %  0 of 200 MB " +
		"\rfetching [###############...............]  50 %  100 of 200 MB \n" +
		"\runpacking [##############################] 100 %  200 of 200 MB \n"
	if got := out.String(); got != want {
		t.Errorf("the bar is\n%q\nwant\n%q", got, want)
	}
}

func TestBarElsewhere(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	b := newBar(&out, barNames())
	for done := range int64(100) {
		b.show(basemodel.StageFetch, done<<20, 100<<20)
	}
	b.show(basemodel.StageUnpack, 0, 0)
	b.end()
	if got, want := out.String(), "fetching (100 MB)\nunpacking (0 MB)\n"; got != want {
		t.Errorf("the lines are %q; want %q", got, want)
	}
}
