package programs_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

const words = `hello world the quick brown fox jumps over lazy dog Meeting notes for Monday please buy milk bread and
eggs call John at noon Dear Anna thank you report draft invoice total price list new project plan budget weather is
sunny today remember to water plants I will be there tomorrow morning password user email address test alpha beta
gamma zebra window letter number simple question answer time house garden little yellow kitchen jazz quiz vexing
fjord illicit Illinois William bill fill still`

// generator makes lines that are the same at each run.
type generator struct {
	*rand.Rand

	words []string
}

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 0)), strings.Fields(words)}
}

func (g generator) word() string { return g.words[g.IntN(len(g.words))] }

func (g generator) sentence() string {
	list := make([]string, 1+g.IntN(6))
	for i := range list {
		list[i] = g.word()
	}
	return strings.Join(list, " ")
}

// sentences are words with a mark or a number after them, as in a note.
func sentences(n int) []string {
	g := newGenerator(1)
	lines := make([]string, n)
	for i := range lines {
		lines[i] = g.sentence()
		if i%2 == 1 {
			lines[i] += string(".!?,:;"[g.IntN(6)]) + fmt.Sprintf(" %d", g.IntN(100000))
		}
	}
	return lines
}

// typed are addresses, sums, times, names of files.
func typed(n int) []string {
	g := newGenerator(2)
	forms := []func() string{
		func() string { return g.word() + "@" + g.word() + ".com" },
		func() string { return fmt.Sprintf("%d:%02d pm - %s", 1+g.IntN(12), g.IntN(60), g.word()) },
		func() string { return fmt.Sprintf("%d+%d=%d", g.IntN(100), g.IntN(100), g.IntN(200)) },
		func() string { return g.word() + "_" + g.word() + ".txt" },
		func() string { return "(" + g.word() + ") & " + g.word() + "/" + g.word() },
		func() string { return fmt.Sprintf("$%d.%02d *%s*", g.IntN(1000), g.IntN(100), g.word()) },
		func() string { return fmt.Sprintf("%s's %q #%d", g.word(), g.word(), g.IntN(50)) },
		func() string { return fmt.Sprintf("%d%% of %s", g.IntN(101), g.word()) },
		func() string { return fmt.Sprintf("20%02d-%02d-%02d", g.IntN(30), 1+g.IntN(12), 1+g.IntN(28)) },
		func() string { return "https://" + g.word() + ".org/" + g.word() },
	}
	lines := make([]string, n)
	for i := range lines {
		lines[i] = forms[i%len(forms)]()
	}
	return lines
}

// tokens are letters and digits without any sense, as in a password.
func tokens(n int) []string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	g := newGenerator(3)
	lines := make([]string, n)
	for i := range lines {
		list := make([]string, 1+g.IntN(3))
		for k := range list {
			b := make([]byte, 3+g.IntN(6))
			for j := range b {
				b[j] = letters[g.IntN(len(letters))]
			}
			list[k] = string(b)
		}
		lines[i] = strings.Join(list, " ")
	}
	return lines
}

func join(lines []string) string { return strings.Join(lines, "\n") }
func split(text string) []string { return strings.Split(text, "\n") }
