package main

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/grokputer/grokputer/services/observer/icon"
)

const (
	axes  = 64   // that shapes are projected on
	spare = 0.02 // part of the mean variance that is added to every axis's
	// strange is how much icons of no class count among the classes.
	strange = 0.3
	// twin is from where on a template is so near to another of its class that it
	// adds nothing.
	twin = 0.97
	// confusable is how near to a class one of none is at least that is a template,
	// so that what is nearer to it has no name, and mostStrange how many these are.
	confusable, mostStrange = 0.5, 900
	// same is from where on one of no class looks the same as one of a class, and is not
	// learnt as none: sets draw the same thing for other ends.
	same = 0.93

	// alike and apart are the thresholds of a table: see docs/adr/0016.
	alike, apart = 0.7, 0.02
)

// sample is one drawing of a picture, which of them it is of, and its shape.
type sample struct {
	picture    int
	set, class string
	base       string
	badged     bool // one more template, of which no axes are learnt
	shape      []float32
}

// learn makes a table of samples: linear discriminant analysis (Fisher 1936), which finds
// the axes on which drawings of one class, whoever drew them, are near to each other
// and far from others; then, for each picture, the mean of its drawings on these.
func learn(samples []sample, c classes) *icon.Table {
	n := icon.ShapeLength
	mean := make([]float64, n)
	byClass := make(map[string][]sample)
	whole := slices.DeleteFunc(slices.Clone(samples), func(s sample) bool { return s.badged })
	for _, s := range whole {
		byClass[s.class] = append(byClass[s.class], s)
		for i, v := range s.shape {
			mean[i] += float64(v) / float64(len(whole))
		}
	}
	var groups [][]sample
	var centres [][]float64
	for _, name := range c.names {
		if len(byClass[name]) > 0 {
			groups = append(groups, byClass[name])
			centres = append(centres, middle(byClass[name]))
		}
	}
	var some []sample
	for i := 0; i < len(byClass[""]); i += 5 {
		some = append(some, byClass[""][i])
	}
	within, between := newSquare(n), newSquare(n)
	parallel(n, func(i int) {
		for g, group := range groups {
			centre := centres[g]
			w := 1 / float64(len(group))
			for _, s := range group {
				d := w * (float64(s.shape[i]) - centre[i])
				row := within[i][:i+1]
				for j := range row {
					row[j] += d * (float64(s.shape[j]) - centre[j])
				}
			}
			d := centre[i] - mean[i]
			for j := range n {
				between[i][j] += d * (centre[j] - mean[j])
			}
		}
		// What has no name is anything: its own spread says what else there is.
		for _, s := range some {
			d := strange * float64(len(groups)) / float64(len(some)) * (float64(s.shape[i]) - mean[i])
			for j := range n {
				between[i][j] += d * (float64(s.shape[j]) - mean[j])
			}
		}
	})
	trace := 0.0
	for i := range n {
		trace += within[i][i] / float64(n)
	}
	for i := range n {
		within[i][i] += spare * trace
	}
	return templates(samples, c, mean, discriminants(within, between, axes))
}

func middle(samples []sample) []float64 {
	out := make([]float64, icon.ShapeLength)
	for _, s := range samples {
		for i, v := range s.shape {
			out[i] += float64(v) / float64(len(samples))
		}
	}
	return out
}

// templates makes the table of what was learnt.
func templates(samples []sample, c classes, mean []float64, basis [][]float64) *icon.Table {
	t := &icon.Table{Names: append([]string{""}, c.names...), Templates: make([][][]int8, len(c.names)+1), Alike: alike, Apart: apart}
	for _, v := range mean {
		t.Mean = append(t.Mean, float32(v))
	}
	for _, axis := range basis {
		whole, scale := quantise(axis)
		t.Axes, t.Scales = append(t.Axes, whole), append(t.Scales, scale)
	}
	projected := make([][]float32, len(samples))
	parallel(len(samples), func(i int) { projected[i] = t.Project(samples[i].shape) })
	kept := make([][][]float32, len(t.Names))
	keep := func(class int, v []float32) {
		if !slices.ContainsFunc(kept[class], func(k []float32) bool { return dot(k, v) > twin }) {
			kept[class] = append(kept[class], v)
			whole := make([]int8, len(v))
			for i, x := range v {
				whole[i] = int8(math.Round(127 * float64(x)))
			}
			t.Templates[class] = append(t.Templates[class], whole)
		}
	}
	type stranger struct {
		shape []float32
		near  float32
	}
	var strangers []stranger
	for from := len(samples) - 1; from >= 0; { // those of no class are first, and need the others
		to := from
		sum := make([]float32, len(t.Axes))
		for ; to >= 0 && samples[to].picture == samples[from].picture; to-- {
			for i, v := range projected[to] {
				sum[i] += v
			}
		}
		v := unit(sum)
		if class := slices.Index(t.Names, samples[from].class); class > 0 {
			keep(class, v)
		} else if class, near, _ := t.Ranked(v); near > confusable && near < same && !c.related(t.Names[class], samples[from].base) {
			strangers = append(strangers, stranger{v, near})
		}
		from = to
	}
	slices.SortStableFunc(strangers, func(a, b stranger) int { return cmp.Compare(b.near, a.near) })
	for _, s := range strangers[:min(mostStrange, len(strangers))] {
		keep(0, s.shape)
	}
	// Another one, since a table that was asked takes no more templates.
	return &icon.Table{Mean: t.Mean, Axes: t.Axes, Scales: t.Scales, Names: t.Names, Templates: t.Templates, Alike: t.Alike, Apart: t.Apart}
}

// quantise makes an axis whole numbers times a scale.
func quantise(axis []float64) ([]int8, float32) {
	most := 0.0
	for _, v := range axis {
		most = max(most, math.Abs(v))
	}
	whole := make([]int8, len(axis))
	for i, v := range axis {
		whole[i] = int8(math.Round(127 * v / most))
	}
	return whole, float32(most / 127)
}

func unit(v []float32) []float32 {
	k := float32(1 / math.Sqrt(float64(dot(v, v))))
	for i := range v {
		v[i] *= k
	}
	return v
}

func dot(a, b []float32) float32 {
	var sum float32
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// parallel calls do for 0 to n-1.
func parallel(n int, do func(i int)) {
	var group sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	group.Wait()
}
