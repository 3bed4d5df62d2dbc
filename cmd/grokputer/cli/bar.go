package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/basemodel"
)

// barWidth is the number of cells of a progress bar.
const barWidth = 30

// bar shows how far a pull is: one line that is written over on a terminal,
// and one line for each stage elsewhere.
type bar struct {
	out    io.Writer
	live   bool
	name   string
	filled int
	begun  bool
}

func newBar(out io.Writer) *bar { return &bar{out: out, live: isTerminal(out), filled: -1} }

// show is a basemodel.Progress. Nothing depends on whether the terminal takes it.
func (b *bar) show(k basemodel.Known, stage basemodel.Stage, done, total int64) {
	name := "unpacking " + k.File
	if stage == basemodel.StageFetch {
		name = "fetching " + k.Requirement()
	}
	if name != b.name {
		b.end()
		b.name, b.filled, b.begun = name, -1, true
		if !b.live {
			_, _ = fmt.Fprintf(b.out, "%s (%d MB)\n", b.name, total>>20)
		}
	}
	filled := int(100 * done / max(total, 1))
	if !b.live || filled == b.filled {
		return
	}
	b.filled = filled
	cells := barWidth * filled / 100
	_, _ = fmt.Fprintf(b.out, "\r%s [%s%s] %3d %%  %d of %d MB ", b.name,
		strings.Repeat("#", cells), strings.Repeat(".", barWidth-cells), filled, done>>20, total>>20)
}

// end finishes the line of the last stage.
func (b *bar) end() {
	if b.live && b.begun {
		_, _ = fmt.Fprintln(b.out)
	}
	b.begun = false
}
