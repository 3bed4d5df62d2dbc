package console

import (
	"fmt"
	"io"
	"strings"
)

// mostListed is how many completions are listed at once.
const mostListed = 30

// onTab completes the text before the cursor as far as it is clear, and lists
// what it can become where it is not.
func onTab(w io.Writer, complete Complete) func(line string, pos int, key rune) (string, int, bool) {
	return func(line string, pos int, key rune) (string, int, bool) {
		if key != '\t' || complete == nil {
			return "", 0, false
		}
		before, after := line[:pos], line[pos:]
		found := complete(before)
		if len(found) == 0 {
			return line, pos, true
		}
		common := found[0]
		for _, f := range found[1:] {
			common = shared(common, f)
		}
		if len(common) <= len(before) {
			list(w, found)
			return line, pos, true
		}
		return common + after, len(common), true
	}
}

// shared is the beginning that two texts have in common, of whole characters.
func shared(a, b string) string {
	for i, r := range a {
		if !strings.HasPrefix(b[min(i, len(b)):], string(r)) {
			return a[:i]
		}
	}
	return a
}

// list writes the completions. Nothing depends on whether the terminal takes them.
func list(w io.Writer, found []string) {
	for i, f := range found {
		if i == mostListed {
			_, _ = fmt.Fprintf(w, "  and %d more\n", len(found)-i)
			return
		}
		_, _ = fmt.Fprintf(w, "  %s\n", f)
	}
}
