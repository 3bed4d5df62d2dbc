package gguf

import (
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
)

// NF4 is 4-bit NormalFloat with double quantisation (Dettmers et al. 2023, "QLoRA", section 3, with the constants of
// bitsandbytes): blocks of 64 weights w = level·scale, whose scales are 8-bit codes themselves,
// scale = value·(scale of 256 scales) + offset. No GGUF file has it: QuantizeNF4 makes such tensors, and no reader or writer
// takes them.
//
// A block is {code of its scale, 2 x 16 bytes of codes}, each 16 bytes as in Q4_0. After the blocks of all rows come, as
// float32: the 16 levels, the 256 values of scales, the offset, and a scale for every 256 blocks.
const NF4 Type = 1 << 16

const (
	nf4Block      = 64
	nf4BlockBytes = 1 + nf4Block/2
	nf4Shared     = 256 // blocks of one scale of scales
	nf4Head       = 16 + 256 + 1
)

// nf4Levels are quantiles of the normal distribution, scaled to [-1, 1], with an exact zero (appendix E of the paper).
var nf4Levels = [16]float32{
	-1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
	-0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
	0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
}

// nf4StateBytes returns the bytes after the blocks.
func nf4StateBytes(blocks int) int { return 4 * (nf4Head + (blocks+nf4Shared-1)/nf4Shared) }

// QuantizeNF4 returns a tensor of plain numbers as NF4, in memory of its own. Its rows have to be whole blocks of 64,
// its values finite: else ErrUnsupported or ErrFormat is returned.
func QuantizeNF4(t Tensor) (Tensor, error) {
	cols, rows := t.Cols(), t.Rows()

	switch {
	case t.Type != F32 && t.Type != F16 && t.Type != BF16:
		return t, fmt.Errorf("%w: tensor %q of type %s as NF4; F32, F16 and BF16 can be quantised", ErrUnsupported, t.Name, t.Type)
	case cols == 0 || cols%nf4Block != 0:
		return t, fmt.Errorf("%w: tensor %q as NF4: rows of %d are not whole blocks of %d", ErrUnsupported, t.Name, cols, nf4Block)
	}

	blocks := rows * cols / nf4Block
	out := Tensor{Name: t.Name, Type: NF4, Shape: t.Shape, Data: make([]byte, blocks*nf4BlockBytes+nf4StateBytes(blocks))}
	scales := make([]float32, blocks)

	if err := nf4Codes(out, t, scales); err != nil {
		return t, err
	}

	nf4Scales(out.Data[:blocks*nf4BlockBytes], out.Data[blocks*nf4BlockBytes:], scales)

	return out, nil
}

// nf4Codes writes the codes of t's values to out and the largest magnitudes of blocks to scales, on all processors.
func nf4Codes(out, t Tensor, scales []float32) error {
	workers := min(runtime.GOMAXPROCS(0), t.Rows())
	failures := make([]error, workers)
	cells := nf4Cells()

	var wait sync.WaitGroup

	for n := range workers {
		wait.Go(func() {
			row := make([]float32, t.Cols())
			perRow := t.Cols() / nf4Block

			for i := t.Rows() * n / workers; i < t.Rows()*(n+1)/workers; i++ {
				if failures[n] = t.DequantizeRow(row, i); failures[n] != nil {
					return
				}

				for j := range perRow {
					block := i*perRow + j
					scales[block] = cells.block(out.Data[block*nf4BlockBytes:], row[j*nf4Block:])

					if !(scales[block] <= math.MaxFloat32) {
						failures[n] = fmt.Errorf("%w: tensor %q: row %d has a value that is not finite", ErrFormat, t.Name, i)

						return
					}
				}
			}
		})
	}

	wait.Wait()

	for _, err := range failures {
		if err != nil {
			return err
		}
	}

	return nil
}

// nf4Cell finds the level nearest to a value by the 1/512 in which that lies: it has at most one bound between levels,
// half a cell more on the left included, since a value may have been rounded up into it.
type nf4Cell struct {
	code  [1025]byte  // the code left of the bound
	bound [16]float32 // above which the next code is nearer; the last has none
}

func nf4Cells() *nf4Cell {
	c := &nf4Cell{}
	for i := range c.bound[:15] {
		c.bound[i] = (nf4Levels[i] + nf4Levels[i+1]) / 2
	}

	c.bound[15] = math.MaxFloat32

	for i := range c.code {
		for left := (float32(i)-0.5)/512 - 1; c.bound[c.code[i]] < left; {
			c.code[i]++
		}
	}

	return c
}

// block writes the codes of 64 values and returns their scale, the largest magnitude, or what is not a number.
func (c *nf4Cell) block(dst []byte, values []float32) float32 {
	scale := float32(0)

	for _, x := range values[:nf4Block] {
		magnitude := math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
		if !(magnitude <= scale) {
			scale = magnitude
		}

		if !(magnitude <= math.MaxFloat32) {
			return magnitude
		}
	}

	const least = 1e-38 // as bitsandbytes has it

	inverse := 1 / max(scale, least)
	code := func(i int) byte {
		x := min(max(values[i]*inverse, -1), 1)
		code := c.code[int(x*512+512)]

		if x > c.bound[code] {
			code++
		}

		return code
	}

	for j := range 16 {
		dst[1+j] = code(j) | code(j+16)<<4
		dst[17+j] = code(j+32) | code(j+48)<<4
	}

	return scale
}

// nf4Scales quantises the scales of blocks and writes what the blocks share to state.
func nf4Scales(blocks, state []byte, scales []float32) {
	sum := 0.0
	for _, s := range scales {
		sum += float64(s)
	}

	values, offset := dynamicMap(), float32(sum/float64(len(scales)))
	head := slices.Concat(nf4Levels[:], values[:], []float32{offset})

	for i, x := range head {
		binary.LittleEndian.PutUint32(state[4*i:], math.Float32bits(x))
	}

	for first := 0; first < len(scales); first += nf4Shared {
		some, largest := scales[first:min(first+nf4Shared, len(scales))], float32(0)
		for _, s := range some {
			largest = max(largest, float32(math.Abs(float64(s-offset))))
		}

		binary.LittleEndian.PutUint32(state[4*(nf4Head+first/nf4Shared):], math.Float32bits(largest))

		for i, s := range some {
			x := float32(0)
			if largest > 0 {
				x = (s - offset) / largest
			}

			blocks[(first+i)*nf4BlockBytes] = nearest(&values, x)
		}
	}
}

// nearest returns the index of the value nearest to x, of two equally near ones the lower.
func nearest(values *[256]float32, x float32) byte {
	low, high := 0, len(values)-1
	for high-low > 1 {
		if middle := (low + high) / 2; values[middle] <= x {
			low = middle
		} else {
			high = middle
		}
	}

	if values[high]-x < x-values[low] {
		return byte(high)
	}

	return byte(low)
}

// dynamicMap returns the signed 8-bit dynamic data type (Dettmers 2016, "8-Bit Approximations for Parallelism in Deep
// Learning"), ascending: 0, 1, and for each power of ten from 10^-6 to 1 the middles of 1, 2, 4 … 64 equal parts of [0.1, 1]
// times it, of both signs.
func dynamicMap() (values [256]float32) {
	const tens = 7

	at := 128 // the smallest of the positive ones goes there, and 0 before it

	for i := range tens {
		parts := 1 << i
		power := float32(math.Pow10(i - tens + 1))

		for j := range parts {
			middle := (tenthToOne(j, parts) + tenthToOne(j+1, parts)) / 2
			values[at], values[254-at] = power*middle, -power*middle
			at++
		}
	}

	values[255] = 1

	return values
}

// tenthToOne returns point i of n+1 that part [0.1, 1] equally, rounded as torch.linspace does: from both ends, the step
// first, then the sum.
func tenthToOne(i, n int) float32 {
	const from, to = float32(0.1), float32(1)

	step := float64((to - from) / float32(n))
	if i < (n+1)/2 {
		return float32(float64(from) + step*float64(i))
	}

	return float32(float64(to) - step*float64(n-i))
}

// decodeNF4 writes the values of a row; dst has whole blocks.
func (t Tensor) decodeNF4(dst []float32, row int) error {
	blocks := t.Rows() * t.Cols() / nf4Block
	if len(t.Data) != blocks*nf4BlockBytes+nf4StateBytes(blocks) {
		return fmt.Errorf("%w: tensor %q has %d bytes, %d blocks of NF4 have %d",
			ErrFormat, t.Name, len(t.Data), blocks, blocks*nf4BlockBytes+nf4StateBytes(blocks))
	}

	state := t.Data[blocks*nf4BlockBytes:]
	at := func(i int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(state[4*i:])) }
	first := row * t.Cols() / nf4Block

	for i := range len(dst) / nf4Block {
		block := t.Data[(first+i)*nf4BlockBytes:]
		scale := float32(at(16+int(block[0]))*at(nf4Head+(first+i)/nf4Shared)) + at(nf4Head-1)

		for j, codes := range block[1:nf4BlockBytes] {
			place := i*nf4Block + j/16*32 + j%16
			dst[place], dst[place+16] = at(int(codes&0x0f))*scale, at(int(codes>>4))*scale
		}
	}

	return nil
}
