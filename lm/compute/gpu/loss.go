package gpu

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// logitBytes is how much of logits is held at once.
const logitBytes = 64 << 20

// lossRows is how many rows of logits that are: at least so many that unpacking the head is worth it.
func lossRows(vocabulary int) int {
	const least, most = 64, 1024

	return min(max(logitBytes/(float*vocabulary)/16*16, least), most)
}

// CrossEntropy computes logits, losses and gradients, some rows at a time.
func (o *ops) CrossEntropy(dx, x compute.Tensor, head compute.Weight, labels []int32, losses []float64) {
	w, ok := o.weight(head)
	if !ok || x.Rows == 0 {
		return
	}

	defer o.Release(o.Mark())

	const double = 8

	most := min(lossRows(w.outputs), x.Rows)
	x, numbers := o.narrow(x), values(o, labels)
	results := o.bytes(x.Rows * double)
	logits := o.Scratch(most, w.outputs)

	for from := 0; from < x.Rows && o.err == nil; from += most {
		to := min(from+most, x.Rows)
		rows := logits.RowRange(0, to-from)
		o.forward(rows, x.RowRange(from, to), w, false)
		o.launch((&kernels.Loss{
			Logits: view(rows), Labels: unsafe.Add(numbers, from*4), Losses: unsafe.Add(results, from*double),
			Backward: flag(!dx.IsZero()),
		}).Call())

		if !dx.IsZero() {
			mark := o.Mark()
			o.backward(dx.RowRange(from, to), o.narrow(rows), w)
			o.Release(mark)
		}
	}

	o.download(unsafe.Pointer(unsafe.SliceData(losses)), results, x.Rows*double)
}
