package kernels

import "unsafe"

// softmaxThreads is how many lanes work on a row of logits.
const softmaxThreads = 512

// Choice is what Choose finds in a row: the column of the greatest logit, of equal ones that with the lowest id, and the logarithm of the
// sum of all exp(logit). Column is -1 where no logit is finite, or one is NaN or +Inf.
type Choice struct {
	Column int32
	Logit  float32
	LogSum float64
}

// Choose sets Choices [Logits.Rows]. Ids (int32 [Logits.Cols]) are the columns' tokens; nil means that columns are tokens.
type Choose struct {
	Logits  View
	IDs     unsafe.Pointer
	Choices unsafe.Pointer
}

// Call returns the launch, a block for each row.
func (k *Choose) Call() Call {
	return launch("choose", uint32(k.Logits.Rows), 1, softmaxThreads, k)
}

// LogSoftmax sets Dst to logarithms of probabilities, Logits minus their rows' LogSum of Choices. Dst may be Logits.
type LogSoftmax struct {
	Dst, Logits View
	Choices     unsafe.Pointer
}

// Call returns the launch.
func (k *LogSoftmax) Call() Call {
	return elementwise("log_softmax", k.Dst.Rows, k.Dst.Cols, k)
}
