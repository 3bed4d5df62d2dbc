// Package lm is a language-model engine: a base model from a GGUF file, LoRA
// adapters that are attached to it by name, completions inside a grammar, one by one
// or several at once, and the training of new adapters. The packages below it are usable by themselves; an
// Engine joins them for a program that plans or trains.
package lm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/cpu"
	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
	"github.com/grokputer/grokputer/lm/tokenizer"
)

var (
	// ErrDigest is returned by Open when the base model's file is not the promised one.
	ErrDigest = errors.New("lm: base model digest differs")
	// ErrAdapter is returned for the name of an adapter that is not loaded, or one
	// that cannot be given.
	ErrAdapter = errors.New("lm: no such adapter")
)

// DefaultContext is the cache's length when Options names none.
const DefaultContext = 4096

// DefaultSequences is how many completions go together when Options names no number.
const DefaultSequences = 8

// Options are the settings of an engine; the zero value is the default.
type Options struct {
	// SHA256 is what the base model has to have, in hex, see Info; empty accepts any.
	SHA256 string
	// Context is how many tokens prompt and completion can have together, and
	// decides the memory of the cache; 0 means DefaultContext. It is never more
	// than the model was made for.
	Context int
	// Device is what computes: "cpu" or empty for the processor, which Threads, ISA and DequantizeOnTheFly are for, or a
	// graphics card, such as "hip:0" or "cuda:1", or "hip" for the first. See package compute/gpu/device for which there are.
	Device string
	// Libraries are folders in which a card's libraries are looked for first.
	Libraries []string
	// Threads is the most worker threads; 0 means one for each physical core.
	Threads int
	// Sequences is how many completions GenerateBatch computes together, each with a
	// cache as long as it needs; 0 means DefaultSequences.
	Sequences int
	// Precision is that of products of matrices; the zero value is the fastest that the processor has.
	Precision compute.Precision
	// ISA limits the processor's instruction set, to compare processors; the zero value is the best that there is.
	ISA cpu.ISA
	// DequantizeOnTheFly keeps the base model's weights in memory as the file has them, as QLoRA does, and
	// unpacks them for each product of many rows: training and prefill give the same results, bit for bit,
	// for less memory and some time.
	DequantizeOnTheFly bool
	// NF4 quantises the linear weights that the base model's file has in F32, F16 or BF16 to QLoRA's 4-bit
	// NormalFloat, doubly quantised, when it is opened: a quarter of BF16's memory once DequantizeOnTheFly
	// keeps no unpacked ones. Embedding, output head and norms stay, and so do weights that are quantised
	// already. An adapter fits the base as it was when it was trained.
	NF4 bool
}

// Engine is an open base model with its tokenizer and chat template. Its methods
// may be called from several goroutines: completions and scores wait for one
// another, and training runs beside them, pass by pass.
type Engine struct {
	name     string
	digest   string
	family   lora.Family
	model    *model.Model
	tok      *tokenizer.Tokenizer
	template *chat.Template

	vocab     *generate.Vocabulary
	turn      turn // to use session
	session   *generate.Session
	context   int  // tokens of its cache
	batches   turn // to generate a batch
	sequences int  // of it

	mu       sync.RWMutex
	adapters map[string]loaded
	current  string
}

// Open opens a base model: a GGUF file, or a Hugging Face folder with config.json,
// model.safetensors (or several with an index), tokenizer.json and a chat template.
// Errors wrap ErrDigest, or the sentinels of gguf, hf, safetensors, tokenizer, chat and
// model for a file that is damaged or not supported.
func Open(ctx context.Context, path string, opts Options) (*Engine, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("lm: base model: %w", err)
	}
	digestOf, readText := fileDigest, (*Engine).readText
	if info.IsDir() {
		digestOf, readText = folderDigest, (*Engine).readFolderText
	}
	// The digest takes about as long as the rest, so both go on at once. A file that is not the promised one is
	// reported as that, whatever else is wrong with it.
	checked := make(chan error, 1)
	e := &Engine{turn: newTurn(), batches: newTurn(), adapters: map[string]loaded{}}
	go func() {
		var err error
		if e.digest, err = digestOf(ctx, path); err == nil && opts.SHA256 != "" && !strings.EqualFold(opts.SHA256, e.digest) {
			err = fmt.Errorf("%w: %s has sha256 %s, want %s; remove it and fetch it again", ErrDigest, path, e.digest, opts.SHA256)
		}
		checked <- err
	}()
	err = e.open(ctx, path, readText, opts)
	if wrong := <-checked; wrong != nil {
		if err == nil {
			wrong = errors.Join(wrong, e.model.Close())
		}
		return nil, wrong
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// open makes all of the engine but its digest. After an error nothing is left open.
func (e *Engine) open(ctx context.Context, path string, readText func(*Engine, string) error, opts Options) error {
	if err := readText(e, path); err != nil {
		return fmt.Errorf("lm: open %s: %w", path, err)
	}
	backend, err := openDevice(opts)
	if err != nil {
		return fmt.Errorf("lm: open: %w", err)
	}
	if e.model, err = model.Open(ctx, path, model.Options{
		Backend: backend, Threads: opts.Threads, Precision: opts.Precision, ISA: opts.ISA,
		DequantizeOnTheFly: opts.DequantizeOnTheFly, NF4: opts.NF4,
	}); err != nil {
		return fmt.Errorf("lm: open: %w", err)
	}
	e.family = lora.Family{Architecture: architecture(e.model.Config()), HeadDim: e.model.Config().HeadDim}
	if err := e.openSession(opts); err != nil {
		return errors.Join(fmt.Errorf("lm: open %s: %w", path, err), e.model.Close())
	}
	return nil
}

// readText reads what the file says about text.
func (e *Engine) readText(path string) error {
	f, err := gguf.Open(path)
	if err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	if e.tok, err = tokenizer.FromGGUF(f); err != nil {
		return fmt.Errorf("tokenizer: %w", err)
	}
	if e.template, err = chat.FromGGUF(f, e.tok); err != nil {
		return fmt.Errorf("chat template: %w", err)
	}
	if e.name, err = f.String("general.name"); err != nil {
		e.name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	return nil
}

func (e *Engine) openSession(opts Options) error {
	// Folders pad the embedding to a round number of rows that no token has.
	if got, want := e.tok.Size(), e.model.Config().Vocab; got > want {
		return fmt.Errorf("%w: the tokenizer has %d tokens, the model %d", model.ErrMalformed, got, want)
	}
	e.context, e.sequences = opts.Context, opts.Sequences
	if e.context == 0 {
		e.context = DefaultContext
	}
	if e.sequences == 0 {
		e.sequences = DefaultSequences
	}
	if e.context < 0 || e.sequences < 0 {
		return fmt.Errorf("%w: Context is %d and Sequences is %d, want positive numbers", model.ErrInput, opts.Context, opts.Sequences)
	}
	var err error
	if e.vocab, err = generate.NewVocabulary(e.tok); err != nil {
		return fmt.Errorf("vocabulary: %w", err)
	}
	cache := e.model.NewCache(e.context)
	e.context = cache.Capacity()
	if e.session, err = generate.NewSession(newDecoder(e.model, cache), e.vocab); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	return nil
}

// Close waits for a running pass and releases the model. Calls after it fail.
func (e *Engine) Close() error {
	if err := e.model.Close(); err != nil {
		return fmt.Errorf("lm: close: %w", err)
	}
	return nil
}

// Info says what an engine runs.
type Info struct {
	Name    string // of the base model
	SHA256  string // of its file; of a folder, of sha256sum's list of its files
	Device  string // that computes, such as "cpu avx512, float32, 2 threads"
	Context int    // tokens that the model was made for
}

// Info returns what the engine runs.
func (e *Engine) Info() Info {
	return Info{Name: e.name, SHA256: e.digest, Device: e.model.Backend(), Context: e.model.Config().Context}
}

// Dims returns the shapes that adapters for this base have.
func (e *Engine) Dims() lora.Dims { return e.model.Config().Dims() }

// fileDigest returns the sha256 of a file, in hex.
func fileDigest(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("lm: base model: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	h := sha256.New()
	for err == nil {
		if err = ctx.Err(); err == nil {
			_, err = io.CopyN(h, f, 1<<24)
		}
	}
	if !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("lm: read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
