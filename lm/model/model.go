// Package model runs Llama-family decoders: the forward pass with a cache, the loss of packed batches,
// and a hand-written backward pass that yields the gradients of an adapter and never forms those of
// the frozen weights.
//
// The architecture is that of Touvron et al. 2023 ("LLaMA"): RMSNorm before each half of a block,
// grouped-query attention with rotary positions, a SwiGLU feed-forward layer. Families differ in little: the
// table in family.go lists them. Weights come from GGUF files and from Hugging Face's folders.
package model

import (
	"context"
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/cpu"
)

var (
	// ErrUnsupported is returned by Open for a well-formed file of a model that this package does not
	// compute.
	ErrUnsupported = errors.New("model: not supported")
	// ErrMalformed is returned by Open when metadata and tensors contradict each other.
	ErrMalformed = errors.New("model: malformed file")
	// ErrInput is returned for arguments that do not fit the model or each other, such as a token
	// outside the vocabulary.
	ErrInput = errors.New("model: unusable input")
	// ErrFull is returned when tokens exceed a cache's capacity or the model's context.
	ErrFull = errors.New("model: context is full")
)

// Options are the settings of an open model; the zero value is the default.
type Options struct {
	// Backend computes, and is closed with the model, also if Open fails; nil means one for the processor, which the next four are for.
	Backend compute.Backend
	// Threads is the most worker threads; 0 means one for each physical core.
	Threads int
	// Precision is that of products of matrices; the zero value is the fastest.
	Precision compute.Precision
	// ISA limits the processor's instruction set, to compare processors; Auto takes the best that there is.
	ISA cpu.ISA
	// DequantizeOnTheFly keeps weights in memory as the file has them, and unpacks them for each product of many
	// rows: results are the same, bit for bit, for less memory and some time.
	DequantizeOnTheFly bool
	// NF4 quantises the weights of linear layers that the file has in F32, F16 or BF16 to gguf.NF4 when it is opened;
	// embedding, output head and norms stay, and so does what is quantised already.
	NF4 bool
	// Context limits the positions, and so the memory of a full cache; 0 means what the model was made
	// for.
	Context int
	// BatchTokens is how many tokens of a batch Gradients and Loss work on at once; 0 means 1,024.
	// Gradients keeps about Layers·(2·FeedForward + 5·Hidden)·4 bytes for each, with Batch.Recompute
	// Layers·Hidden·4. Longer sequences, and those that share a beginning, go through whole.
	BatchTokens int
}

const defaultBatchTokens = 1024

// Model is an open model. Its methods may be called from several goroutines; the passes run one after
// the other.
type Model struct {
	config      Config
	batchTokens int
	source      *source
	backend     compute.Backend
	weights     weights
	copied      int64     // bytes of weights that are not as the source has them
	rotations   rotations // as pass, touched on the backend's thread only
	pass        pass
	frozen      map[uint64]bool // ids of adapters that the backend will forget; as pass
}

// Open maps the weights at path, a GGUF file or a Hugging Face folder, and prepares them for the CPU
// backend. Errors wrap gguf.ErrTruncated, gguf.ErrFormat, safetensors.ErrTruncated, safetensors.ErrFormat or
// hf.ErrFormat for damaged files, ErrMalformed where sizes and tensors contradict each other, and
// ErrUnsupported for models of other families, gguf.ErrUnsupported for weights that cannot be NF4 where that is wanted.
func Open(ctx context.Context, path string, options Options) (*Model, error) {
	if options.BatchTokens < 0 || options.Context < 0 {
		return nil, errors.Join(fmt.Errorf("%w: negative option in %+v", ErrInput, options), closed(options.Backend))
	}

	s, err := openSource(path)
	if err != nil {
		return nil, errors.Join(err, closed(options.Backend))
	}

	m, err := open(ctx, s, options)
	if err != nil {
		_ = s.Close() // the first error is the one to report

		return nil, fmt.Errorf("%s: %w", path, err)
	}

	return m, nil
}

func open(ctx context.Context, s *source, options Options) (*Model, error) {
	backend := options.Backend
	if backend == nil {
		var err error
		if backend, err = cpu.New(cpu.Options{
			Threads: options.Threads, ISA: options.ISA, Precision: options.Precision,
			DequantizeOnTheFly: options.DequantizeOnTheFly,
		}); err != nil {
			return nil, fmt.Errorf("model: %w", err)
		}
	}

	m := &Model{config: s.config.limited(options.Context), batchTokens: options.BatchTokens, source: s, backend: backend}
	if m.batchTokens == 0 {
		m.batchTokens = defaultBatchTokens
	}

	if err := m.load(ctx, options.NF4); err != nil {
		_ = backend.Close() // the first error is the one to report

		return nil, err
	}

	return m, nil
}

// closed closes a backend that nobody uses.
func closed(b compute.Backend) error {
	if b == nil {
		return nil
	}

	return b.Close() //nolint:wrapcheck // beside the error that counts
}

func (m *Model) load(ctx context.Context, nf4 bool) error {
	l := &loader{source: m.source, backend: m.backend, nf4: nf4, used: map[string]bool{}, copies: map[string]int{}}
	m.weights = l.load()
	m.rotations = rotations{frequencies: l.frequencies(), context: m.config.Context}
	l.refuseRest()

	if l.err != nil {
		return l.err
	}

	for _, bytes := range l.copies {
		m.copied += int64(bytes)
	}

	m.pass.model, m.pass.dims = m, m.config.Dims()
	m.pass.states = make([]state, m.config.Layers)

	return m.run(ctx, func(o compute.Ops) error {
		for _, v := range l.vectors {
			o.Write(v.tensor, v.values)
		}

		return nil
	})
}

// run calls f on the backend's thread.
func (m *Model) run(ctx context.Context, f func(compute.Ops) error) error {
	if err := m.backend.Run(ctx, f); err != nil {
		return fmt.Errorf("model: %w", err)
	}

	return nil
}

// Config returns the model's sizes.
func (m *Model) Config() Config { return m.config }

// Backend returns the name of the device that computes, for logs and reports.
func (m *Model) Backend() string { return m.backend.Name() }

// Close waits for a running pass and releases the model and all its caches. Passes after it return
// compute.ErrClosed.
func (m *Model) Close() error {
	if err := errors.Join(m.backend.Close(), m.source.Close()); err != nil {
		return fmt.Errorf("model: close: %w", err)
	}

	return nil
}
