package lm

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// NoAdapter is the name that means the base model alone.
const NoAdapter = "none"

// loaded is an adapter that can be attached. It never changes.
type loaded struct {
	adapter *lora.Adapter
	meta    lora.Metadata
}

// ggufSuffix is what the name of an adapter in llama.cpp's format ends with; any other
// path is a folder in PEFT's layout.
const ggufSuffix = ".gguf"

// LoadAdapter reads an adapter, a folder in PEFT's layout or a .gguf file, and makes
// it available under a name, in the place of one that had it. A completion under way
// keeps the old one. sha256 is what the weights file has to have, in hex; empty
// accepts any. An adapter for another base is refused with lora.ErrMismatch.
func (e *Engine) LoadAdapter(name, path, sha256 string) (lora.Metadata, error) {
	want := lora.Expect{SHA256: sha256, BaseSHA256: e.digest}
	var a *lora.Adapter
	var meta lora.Metadata
	var err error
	if filepath.Ext(path) == ggufSuffix {
		a, meta, err = lora.LoadGGUF(path, e.Dims(), e.family, want)
	} else {
		a, meta, err = lora.Load(path, e.Dims(), want)
	}
	if err != nil {
		return lora.Metadata{}, fmt.Errorf("lm: adapter %q: %w", name, err)
	}
	return meta, e.add(name, loaded{a.Freeze(), meta})
}

// AddAdapter makes a copy of an adapter in memory available under a name.
func (e *Engine) AddAdapter(name string, a *lora.Adapter) error {
	if err := e.Dims().Check(a); err != nil {
		return fmt.Errorf("lm: adapter %q: %w", name, err)
	}
	return e.add(name, loaded{adapter: a.Clone().Freeze()})
}

// Part is a loaded adapter with its weight in a stack.
type Part struct {
	Adapter string // its name
	Weight  float32
}

// AddStack makes the weighted sum of loaded adapters available under a name; see
// lora.Stack. It keeps what the parts are now: loading another adapter under a part's
// name does not change it.
func (e *Engine) AddStack(name string, parts ...Part) error {
	weighted := make([]lora.Weighted, len(parts))
	terms := make([]string, len(parts))
	for i, p := range parts {
		if p.Adapter == "" || p.Adapter == NoAdapter {
			return fmt.Errorf("%w: part %d of the stack is called %q", ErrAdapter, i, p.Adapter)
		}
		a, err := e.attached(p.Adapter)
		if err != nil {
			return err
		}
		weighted[i] = lora.Weighted{Adapter: a, Weight: p.Weight}
		terms[i] = fmt.Sprintf("%g x %s", p.Weight, p.Adapter)
	}
	a, err := lora.Stack(weighted...)
	if err != nil {
		return fmt.Errorf("lm: adapter %q: %w", name, err)
	}
	return e.add(name, loaded{a.Freeze(), lora.Metadata{
		BaseModel: e.name, BaseSHA256: e.digest, Notes: map[string]string{"stack": strings.Join(terms, " + ")},
	}})
}

func (e *Engine) add(name string, l loaded) error {
	if name == "" || name == NoAdapter {
		return fmt.Errorf("%w: an adapter cannot be called %q", ErrAdapter, name)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.adapters[name] = l
	return nil
}

// RemoveAdapter forgets an adapter. If it was the current one, the base model alone
// is used from then on.
func (e *Engine) RemoveAdapter(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.adapters, name)
	if e.current == name {
		e.current = NoAdapter
	}
}

// Use makes a loaded adapter, or NoAdapter, the one that completions get when they
// name none.
func (e *Engine) Use(name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.adapters[name]; !ok && name != NoAdapter {
		return fmt.Errorf("%w: %q; load it first", ErrAdapter, name)
	}
	e.current = name
	return nil
}

// Adapter describes a loaded adapter.
type Adapter struct {
	Name     string
	Current  bool
	Rank     int
	Metadata lora.Metadata
}

// Adapters lists the loaded adapters by name.
func (e *Engine) Adapters() []Adapter {
	e.mu.RLock()
	defer e.mu.RUnlock()
	list := make([]Adapter, 0, len(e.adapters))
	for name, l := range e.adapters {
		list = append(list, Adapter{Name: name, Current: name == e.current, Rank: l.adapter.Config.Rank, Metadata: l.meta})
	}
	slices.SortFunc(list, func(a, b Adapter) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// attached returns the adapter of a name; an empty name is the current one. It
// returns nil for the base alone.
func (e *Engine) attached(name string) (*lora.Adapter, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if name == "" {
		name = e.current
	}
	if name == "" || name == NoAdapter {
		return nil, nil //nolint:nilnil // nil is an adapter: the one that adds nothing
	}
	l, ok := e.adapters[name]
	if !ok {
		return nil, fmt.Errorf("%w: %q; load it first", ErrAdapter, name)
	}
	return l.adapter, nil
}

// SaveAdapter writes an adapter of this base as a folder in PEFT's layout, or to a
// .gguf file in llama.cpp's format, with the base's name and digest filled in. See
// lora.Save and lora.SaveGGUF.
func (e *Engine) SaveAdapter(path string, a *lora.Adapter, dtype safetensors.DType, meta lora.Metadata) (lora.Metadata, error) {
	if err := e.Dims().Check(a); err != nil {
		return lora.Metadata{}, fmt.Errorf("lm: save adapter: %w", err)
	}
	meta.BaseModel, meta.BaseSHA256 = e.name, e.digest
	opts := lora.SaveOptions{DType: dtype, Metadata: meta}
	var err error
	if filepath.Ext(path) == ggufSuffix {
		meta, err = lora.SaveGGUF(path, a, e.family, opts)
	} else {
		meta, err = lora.Save(path, a, opts)
	}
	if err != nil {
		return lora.Metadata{}, fmt.Errorf("lm: %w", err)
	}
	return meta, nil
}
