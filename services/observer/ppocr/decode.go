package ppocr

// character is one character that was read.
type character struct {
	text string
	// step is the output's step at which it is the likeliest.
	step int
	// probability is the network's, 0 to 1.
	probability float64
}

// decode takes the likeliest class of each step of y [steps, classes]
// row-major, probabilities; joins equal ones that follow each other, and leaves
// out blanks, class 0 (Graves et al. 2006, "Connectionist Temporal
// Classification", section 3.2, best path decoding).
func decode(y []float32, a alphabet) []character {
	var read []character
	last := 0
	for step := range len(y) / len(a.classes) {
		best, p := a.likeliest(y[step*len(a.classes):][:len(a.classes)])
		switch {
		case best == 0:
		case best != last:
			read = append(read, character{a.classes[best], step, p})
		case p > read[len(read)-1].probability:
			read[len(read)-1].step, read[len(read)-1].probability = step, p
		}
		last = best
	}
	return read
}
