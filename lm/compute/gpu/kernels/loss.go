package kernels

import "unsafe"

// Loss writes -log softmax(row)[Labels[i]] of each row i of Logits to Losses (float64 [rows]) and, if Backward is 1, replaces the row by the
// loss's gradient. Labels is int32 [rows].
type Loss struct {
	Logits   View
	Labels   unsafe.Pointer
	Losses   unsafe.Pointer
	Backward int32
	_        int32
}

// Call returns the launch, a block for each row.
func (k *Loss) Call() Call {
	return launch("loss", uint32(k.Logits.Rows), 1, softmaxThreads, k)
}
