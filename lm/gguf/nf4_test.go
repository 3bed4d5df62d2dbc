package gguf_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// nf4Parts are what an NF4 tensor's bytes hold.
type nf4Parts struct {
	codes, scaleCodes                     []byte
	levels, values, offset, scalesOfScale []float32
}

func nf4PartsOf(t gguf.Tensor) nf4Parts {
	var p nf4Parts

	blocks := t.Rows() * t.Cols() / 64

	for block := range blocks {
		b := t.Data[block*33:][:33]
		p.scaleCodes = append(p.scaleCodes, b[0])

		for _, half := range [][]byte{b[1:17], b[17:33]} {
			for shift := range 2 {
				for _, c := range half {
					p.codes = append(p.codes, c>>(4*shift)&15)
				}
			}
		}
	}

	var floats []float32
	for at := blocks * 33; at < len(t.Data); at += 4 {
		floats = append(floats, math.Float32frombits(binary.LittleEndian.Uint32(t.Data[at:])))
	}

	p.levels, p.values, p.offset, p.scalesOfScale = floats[:16], floats[16:272], floats[272:273], floats[273:]

	return p
}

// bitsandbytes' codes, scales and values (../golden/nf4.py). Its mean of the scales is summed in float32, so what depends
// on it is compared within a few units in the last place. Its search for a scale's code ends beside the nearest one in two
// of the 330 blocks; there ours has to be nearer.
func TestQuantizeNF4(t *testing.T) {
	t.Parallel()

	file, err := safetensors.Open(filepath.Join("testdata", "nf4.safetensors"))
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = file.Close() })

	named := func(name string) safetensors.Tensor {
		tensor, ok := file.Tensor(name)
		if !ok {
			t.Fatalf("no %s", name)
		}

		return tensor
	}
	floats := func(name string) []float32 {
		values, err := named(name).Float32s()
		if err != nil {
			t.Fatal(err)
		}

		return values
	}

	weight := named("weight")

	quantised, err := gguf.QuantizeNF4(gguf.Tensor{Name: "w", Type: gguf.F16, Shape: weight.Shape, Data: weight.Data})
	if err != nil {
		t.Fatal(err)
	}

	got := nf4PartsOf(quantised)
	if !bytes.Equal(got.codes, named("codes").Data) {
		t.Error("other codes than bitsandbytes'")
	}

	missed := map[int]bool{} // blocks

	for i, theirs := range named("scale_codes").Data {
		scale := float32(0)
		for _, x := range floats("weight")[64*i : 64*(i+1)] {
			scale = max(scale, float32(math.Abs(float64(x))))
		}

		from := func(code byte) float64 {
			return math.Abs(float64(got.values[code]*got.scalesOfScale[i/256] + got.offset[0] - scale))
		}
		if ours := got.scaleCodes[i]; ours != theirs {
			missed[i] = true

			if from(ours) >= from(theirs) {
				t.Errorf("block %d: code %d of a scale is %g away, bitsandbytes' %d %g", i, ours, from(ours), theirs, from(theirs))
			}
		}
	}

	if len(missed) > 2 {
		t.Errorf("%d codes of scales differ", len(missed))
	}

	compare(t, "levels", got.levels, floats("levels"))
	compare(t, "values of scales", got.values, floats("scale_values"))

	values := make([]float32, len(got.codes))
	if err := quantised.Dequantize(values); err != nil {
		t.Fatal(err)
	}

	for name, pair := range map[string][2][]float32{
		"offset":           {got.offset, floats("offset")},
		"scales of scales": {got.scalesOfScale, floats("scales_of_scales")},
		"values":           {values, floats("values")},
	} {
		for i, want := range pair[1] {
			if name == "values" && missed[i/64] {
				continue
			}

			if x := pair[0][i]; !(math.Abs(float64(x-want)) <= 1e-6*math.Abs(float64(want))) {
				t.Errorf("%s: number %d is %g, bitsandbytes has %g", name, i, x, want)
			}
		}
	}

	row := make([]float32, weight.Shape[1])
	if err := quantised.DequantizeRow(row, 7); err != nil {
		t.Fatal(err)
	}

	compare(t, "row 7", row, values[7*len(row):8*len(row)])

	if size := len(quantised.Data); size > len(values)*33/64+4*(16+256+1+2) {
		t.Errorf("%d values take %d bytes", len(values), size)
	}
}

// The levels are quantiles of the normal distribution: nine of them, equally far apart in probability, up to zero, and
// eight from there, scaled to [-1, 1] (Dettmers et al. 2023, equation 4; the outermost one as in bitsandbytes).
func TestNF4Levels(t *testing.T) {
	t.Parallel()

	quantised, err := gguf.QuantizeNF4(gguf.Tensor{Name: "w", Shape: []int{64}, Data: make([]byte, 256)})
	if err != nil {
		t.Fatal(err)
	}

	const outermost = 0.9677083

	quantile := func(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

	for i, level := range nf4PartsOf(quantised).levels {
		steps, from := 7, i-7
		if i > 7 {
			steps = 8
		}

		want := quantile(0.5+(outermost-0.5)*float64(from)/float64(steps)) / quantile(outermost)
		if math.Abs(float64(level)-want) > 1e-6 {
			t.Errorf("level %d is %g, want %g", i, level, want)
		}
	}
}

func TestNF4Refuses(t *testing.T) {
	t.Parallel()

	plain := func(x float32, cols int) gguf.Tensor {
		data := make([]byte, 4*cols)
		binary.LittleEndian.PutUint32(data[8:], math.Float32bits(x))

		return gguf.Tensor{Name: "w", Shape: []int{cols}, Data: data}
	}
	quantise := func(t gguf.Tensor) error {
		_, err := gguf.QuantizeNF4(t)

		return err
	}

	good, err := gguf.QuantizeNF4(plain(1, 64))
	if err != nil {
		t.Fatal(err)
	}

	short := good
	short.Data = good.Data[:len(good.Data)-4]

	var w gguf.Writer

	for name, c := range map[string]struct{ err, want error }{
		"blocks":           {quantise(gguf.Tensor{Type: gguf.Q8_0, Shape: []int{64}, Data: make([]byte, 68)}), gguf.ErrUnsupported},
		"rows of 96":       {quantise(plain(1, 96)), gguf.ErrUnsupported},
		"no values":        {quantise(gguf.Tensor{}), gguf.ErrUnsupported},
		"too little data":  {quantise(gguf.Tensor{Shape: []int{64}, Data: make([]byte, 8)}), gguf.ErrFormat},
		"infinite":         {quantise(plain(float32(math.Inf(-1)), 64)), gguf.ErrFormat},
		"no number":        {quantise(plain(float32(math.NaN()), 64)), gguf.ErrFormat},
		"short":            {short.Dequantize(make([]float32, 64)), gguf.ErrFormat},
		"a row of short":   {short.DequantizeRow(make([]float32, 64), 0), gguf.ErrFormat},
		"written to files": {w.Add(good), gguf.ErrUnsupported},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
}
