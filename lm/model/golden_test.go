package model_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// stored is testdata/smollm2.json; golden/logits.py makes it and says what it holds.
type stored struct {
	Texts [][]int32 `json:"texts"`
	Rows  []struct {
		Text     int `json:"text"`
		Position int `json:"position"`
		Stride   int `json:"stride"`
	} `json:"rows"`
	LoRA struct {
		Rank    int     `json:"rank"`
		Alpha   float32 `json:"alpha"`
		Samples int     `json:"samples"`
		Loss    float64 `json:"loss"`
		Batch   []struct {
			Prompt     []int32 `json:"prompt"`
			Completion []int32 `json:"completion"`
		} `json:"batch"`
	} `json:"lora"`

	numbers []byte // of smollm2.f32, what was not taken yet
}

func readStored(tb testing.TB) *stored {
	tb.Helper()

	var s stored

	cases, err := os.ReadFile("testdata/smollm2.json")
	if err != nil {
		tb.Fatal(err)
	}

	if err := json.Unmarshal(cases, &s); err != nil {
		tb.Fatal(err)
	}

	if s.numbers, err = os.ReadFile("testdata/smollm2.f32"); err != nil {
		tb.Fatal(err)
	}

	return &s
}

// take returns the next n stored numbers.
func (s *stored) take(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(s.numbers[4*i:])))
	}

	s.numbers = s.numbers[4*n:]

	return out
}

// The model against transformers: logits, then loss and LoRA gradients against PEFT.
func TestSmolLM2(t *testing.T) {
	t.Parallel()

	m := openBase(t, model.Options{Precision: compute.Float32})
	s := readStored(t)
	logits := make([][][]float32, len(s.Texts))
	apart := 0.0

	for i, tokens := range s.Texts {
		logits[i] = rowsOf(t, m, tokens)
	}

	for _, row := range s.Rows {
		got := logits[row.Text][row.Position]

		for i, want := range s.take((len(got) + row.Stride - 1) / row.Stride) {
			apart = max(apart, math.Abs(float64(got[i*row.Stride])-want))
		}
	}

	if !(apart <= 2e-3) {
		t.Errorf("logits are %g apart, at most 2e-3 allowed", apart)
	}

	t.Logf("%s: logits at most %.2g apart", m.Backend(), apart)
	compareGradients(t, m, s)
}

// rowsOf returns the logits after each token. The last two tokens are decoded, the rest runs at once.
func rowsOf(t *testing.T, m *model.Model, tokens []int32) [][]float32 {
	t.Helper()

	const decoded = 2

	c := m.NewCache(len(tokens))
	vocabulary := m.Config().Vocab
	at := len(tokens) - decoded
	all := make([]float32, len(tokens)*vocabulary)

	if err := m.ForwardRows(t.Context(), c, nil, tokens[:at], indexes(at), all[:at*vocabulary]); err != nil {
		t.Fatal(err)
	}

	for ; at < len(tokens); at++ {
		if err := m.Forward(t.Context(), c, nil, tokens[at:at+1], all[at*vocabulary:(at+1)*vocabulary]); err != nil {
			t.Fatal(err)
		}
	}

	return slices.Collect(slices.Chunk(all, vocabulary))
}

func compareGradients(t *testing.T, m *model.Model, s *stored) {
	t.Helper()

	config := lora.Config{Rank: s.LoRA.Rank, Alpha: s.LoRA.Alpha, Targets: lora.AllModules()}

	a, err := lora.New(config, m.Config().Dims(), 0)
	if err != nil {
		t.Fatal(err)
	}

	number := 0

	params(a, func(_ string, values []float32) {
		size := []float64{0.1, 0.05}[number%2]
		for i := range values {
			hashed := uint32((uint64(i) + 1000003*uint64(number)) * 2654435761)
			values[i] = float32((float64(hashed)/(1<<32) - 0.5) * size)
		}

		number++
	})

	var b model.Batch

	for _, pair := range s.LoRA.Batch {
		b.Starts = append(b.Starts, len(b.Tokens))
		b.Tokens = append(append(b.Tokens, pair.Prompt...), pair.Completion...)

		for range len(pair.Prompt) - 1 {
			b.Labels = append(b.Labels, -1)
		}

		b.Labels = append(append(b.Labels, pair.Completion...), -1)
	}

	grad := lora.ZerosLike(a)

	loss, _, err := m.Gradients(t.Context(), b, a, grad)
	if err != nil {
		t.Fatal(err)
	}

	if !(math.Abs(loss-s.LoRA.Loss) <= 1e-4*s.LoRA.Loss) {
		t.Errorf("loss is %.6f, PEFT's %.6f", loss, s.LoRA.Loss)
	}

	worst, where := 0.0, ""

	params(grad, func(name string, values []float32) {
		samples := s.take(s.LoRA.Samples)
		norm := s.take(1)[0]
		squares := 0.0

		for _, v := range values {
			squares += float64(v) * float64(v)
		}

		difference := math.Abs(math.Sqrt(squares)-norm) / norm

		for i, want := range samples {
			// Against the matrix's root mean square, since single elements may be near 0.
			rms := norm / math.Sqrt(float64(len(values)))
			difference = max(difference, math.Abs(float64(values[i*(len(values)/s.LoRA.Samples)])-want)/rms)
		}

		if difference > worst {
			worst, where = difference, fmt.Sprintf("%s (norm %g)", name, norm)
		}
	})

	if !(worst <= 2e-4) {
		t.Errorf("gradients are %g apart at %s", worst, where)
	}

	if len(s.numbers) > 0 {
		t.Errorf("%d stored bytes were not compared", len(s.numbers))
	}

	t.Logf("loss %.6f (PEFT %.6f), gradients at most %.2g apart at %s", loss, s.LoRA.Loss, worst, where)
}
