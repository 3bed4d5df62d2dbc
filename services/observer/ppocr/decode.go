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
func decode(y []float32, classes []string) []character {
	var read []character
	last := 0
	for step := range len(y) / len(classes) {
		best, p := likeliest(y[step*len(classes):][:len(classes)])
		switch {
		case best == 0:
		case best != last:
			read = append(read, character{classes[best], step, p})
		case p > read[len(read)-1].probability:
			read[len(read)-1].step, read[len(read)-1].probability = step, p
		}
		last = best
	}
	return read
}

// likeliest is the index of the largest of row, and its value.
func likeliest(row []float32) (int, float64) {
	best := 0
	for i, v := range row {
		if v > row[best] {
			best = i
		}
	}
	return best, float64(row[best])
}
