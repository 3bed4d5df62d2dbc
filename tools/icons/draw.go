package main

import (
	"hash/fnv"
	"math/rand/v2"

	"github.com/grokputer/grokputer/services/observer/icon"
)

// learnt are the sizes in which icons are drawn to be learnt.
var learnt = []int{12, 16, 20, 32}

// drawings returns the samples of pictures, each in some sizes and colours. Those of one
// picture follow each other.
func drawings(pictures []picture) []sample {
	all := make([][]sample, len(pictures))
	parallel(len(pictures), func(i int) {
		p, rng := pictures[i], dice(pictures[i])
		s := p.mask.sums()
		for k, size := range learnt {
			d := darkOnLight
			if k%2 == 1 {
				d = coloured(rng)
			}
			drawn, box := render(s, size, d, rng)
			if shape, ok := icon.Shape(drawn, box); ok {
				all[i] = append(all[i], sample{i, p.set, p.class, p.base, p.badged, shape})
			}
		}
	})
	var out []sample
	for _, s := range all {
		out = append(out, s...)
	}
	return out
}

// dice are the same each time for a picture.
func dice(p picture) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(p.set + p.base + p.class))
	return rand.New(rand.NewPCG(h.Sum64(), 3))
}

// writings returns samples of letters and words in our own fonts, as pictures from
// first on.
func writings(first int) ([]sample, error) {
	var out []sample
	for _, data := range ownFonts() {
		for _, text := range append(append([]string(nil), letters...), words...) {
			for _, size := range []float64{14, 22} {
				face, err := faceOf(data, size)
				if err != nil {
					return nil, err
				}
				coverage, w := write(face, text)
				if coverage == nil {
					continue
				}
				drawn, box := paint(coverage, w, darkOnLight)
				if shape, ok := icon.Shape(drawn, box); ok {
					out = append(out, sample{first, "letters", "", text, false, shape})
				}
			}
			first++
		}
	}
	return out, nil
}
