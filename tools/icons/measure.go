package main

import (
	"cmp"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/services/observer/icon"
)

const (
	learntStrangers   = 400 // of each set, that are learnt as nothing
	measuredStrangers = 56  // of each set, that are measured
)

var shownSizes = []int{12, 16, 20, 24, 32}

var shownDyes = []string{"dark on light", "light on dark", "in colours"}

// shown is one drawing that is named, and what came of it.
type shown struct {
	picture       picture
	size          int
	dye           string
	shape         []float32
	got           string
	near, another float32
}

// measure leaves each set out in turn, learns from the others, and names what it has.
func measure(w io.Writer, dir, fonts string, verbose bool) error {
	c, err := readClasses()
	if err != nil {
		return err
	}
	pictures, err := load(dir, c, learntStrangers+measuredStrangers)
	if err != nil {
		return err
	}
	var known, test []picture
	seen := make(map[string]int)
	for _, p := range pictures {
		if p.class == "" {
			if seen[p.set]++; seen[p.set] > learntStrangers {
				test = append(test, p)
				continue
			}
		} else if !p.mirrored && !p.badged {
			test = append(test, p)
		}
		known = append(known, p)
	}
	samples := drawings(known)
	letterSamples, err := writings(len(known))
	if err != nil {
		return err
	}
	samples = append(letterSamples, samples...) // those of no class first
	exams := show(test)
	written, err := texts(fonts)
	if err != nil {
		return err
	}
	var results []shown
	for _, s := range sets {
		t := learn(slices.DeleteFunc(slices.Clone(samples), func(x sample) bool { return x.set == s.name }), c)
		mine := slices.DeleteFunc(slices.Clone(exams), func(x shown) bool { return x.picture.set != s.name })
		name(t, mine)
		results = append(results, mine...)
	}
	whole := learn(samples, c)
	name(whole, written)
	report(w, c, results, written, verbose)
	return nil
}

func name(t *icon.Table, exams []shown) {
	parallel(len(exams), func(i int) {
		if exams[i].shape == nil {
			return
		}
		class, near, another := t.Ranked(t.Project(exams[i].shape))
		exams[i].got, exams[i].near, exams[i].another = t.Names[class], near, another
	})
}

func show(pictures []picture) []shown {
	all := make([][]shown, len(pictures))
	parallel(len(pictures), func(i int) {
		rng := dice(pictures[i])
		s := pictures[i].mask.sums()
		for _, size := range shownSizes {
			for k, d := range []dyes{darkOnLight, lightOnDark, coloured(rng)} {
				drawn, box := render(s, size, d, rng)
				shape, _ := icon.Shape(drawn, box)
				all[i] = append(all[i], shown{picture: pictures[i], size: size, dye: shownDyes[k], shape: shape})
			}
		}
	})
	return slices.Concat(all...)
}

// texts are letters and words in the fonts of a folder.
func texts(folder string) ([]shown, error) {
	var out []shown
	files, err := filepath.Glob(filepath.Join(folder, "*.[ot]tf"))
	if err != nil {
		return nil, fmt.Errorf("list the fonts: %w", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file) //nolint:gosec // the caller says where
		if err != nil {
			return nil, fmt.Errorf("read a font: %w", err)
		}
		for _, size := range []float64{14, 18, 24, 32} {
			face, err := faceOf(data, size)
			if err != nil {
				return nil, err
			}
			for _, text := range slices.Concat(letters, signs, words) {
				coverage, w := write(face, text)
				if coverage == nil {
					continue
				}
				drawn, box := paint(coverage, w, darkOnLight)
				out = append(out, shown{picture: picture{base: text, set: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))}, size: int(size), shape: shapeOf(drawn, box)})
			}
		}
	}
	return out, nil
}

func shapeOf(p *image.RGBA, box image.Rectangle) []float32 {
	shape, _ := icon.Shape(p, box)
	return shape
}

// tally counts what came of drawings.
type tally struct{ right, wrong, none, falsely, related, strange int }

func (t *tally) add(c classes, s shown, alike, apart float32) {
	named := s.got != "" && s.near >= alike && s.near-s.another >= apart
	switch {
	case s.picture.class == "":
		t.strange++
		if named && c.related(s.got, s.picture.base) {
			t.related++
		} else if named {
			t.falsely++
		}
	case !named:
		t.none++
	case s.got == s.picture.class:
		t.right++
	default:
		t.wrong++
	}
}

func (t *tally) String() string {
	share := func(n, of int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(max(1, of))) }
	of := t.right + t.wrong + t.none
	return fmt.Sprintf("%s | %s | %s | %s | %s |", share(t.right, of), share(t.wrong, of), share(t.none, of), share(t.falsely, t.strange), share(t.related, t.strange))
}

func report(w io.Writer, c classes, results, written []shown, verbose bool) {
	count := func(of []shown, keep func(shown) bool) *tally {
		t := new(tally)
		for _, s := range of {
			if keep(s) {
				t.add(c, s, alike, apart)
			}
		}
		return t
	}
	row := func(title string, keep func(shown) bool) {
		fmt.Fprintf(w, "| %s | %s\n", title, count(results, keep))
	}
	fmt.Fprintln(w, "| | right | wrong | no name | others with a false name | others with a related one |\n|---|---|---|---|---|---|")
	row("all", func(shown) bool { return true })
	for _, size := range shownSizes {
		row(fmt.Sprint(size, " pixels"), func(s shown) bool { return s.size == size })
	}
	for _, dye := range shownDyes {
		row(dye, func(s shown) bool { return s.dye == dye })
	}
	for _, set := range sets {
		row("without "+set.name, func(s shown) bool { return s.picture.set == set.name })
	}
	for _, group := range []struct {
		title string
		texts []string
	}{{"letters", letters}, {"words", words}, {"letters like signs", signs}} {
		t := count(written, func(s shown) bool { return slices.Contains(group.texts, s.picture.base) })
		fmt.Fprintf(w, "%s: %d of %d with a name\n", group.title, t.falsely+t.related, t.strange)
	}
	if !verbose {
		return
	}
	for _, class := range c.names {
		row(class, func(s shown) bool { return s.picture.class == class })
	}
	for _, al := range []float32{0.5, 0.55, 0.6, 0.65, 0.7, 0.75} {
		for _, ap := range []float32{0, 0.01, 0.02, 0.04, 0.06} {
			t := new(tally)
			for _, s := range results {
				t.add(c, s, al, ap)
			}
			fmt.Fprintf(w, "| alike %.2f, apart %.2f | %s\n", al, ap, t)
		}
	}
	mistakes := make(map[string]int)
	for _, s := range slices.Concat(results, written) {
		if s.got != "" && s.got != s.picture.class && s.near >= alike && s.near-s.another >= apart {
			if s.picture.class != "" {
				mistakes[s.picture.class+" -> "+s.got]++
			} else {
				mistakes[s.picture.set+" "+s.picture.base+" -> "+s.got]++
			}
		}
	}
	var lines []string
	for m := range mistakes {
		lines = append(lines, m)
	}
	slices.SortFunc(lines, func(a, b string) int { return cmp.Or(mistakes[b]-mistakes[a], cmp.Compare(a, b)) })
	for _, m := range lines {
		fmt.Fprintln(w, mistakes[m], m)
	}
}
