package gpu

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/gguf/wholefile"
)

// program is the kernels on a card.
type program struct {
	module  *driver.Module
	kernels map[string]*driver.Kernel // those that were asked for
}

// compiled loads the kernels, which are compiled unless the cache has them. A cache that cannot be written costs the next
// start some seconds and is no error.
func compiled(card *driver.Context, cache string) (*program, error) {
	source := kernels.Source()
	path := cachePath(card, cache, source)

	if code, err := os.ReadFile(path); err == nil {
		if module, err := card.Load(code); err == nil {
			return newProgram(module), nil
		} // else it is damaged, and made anew
	}

	code, err := card.Compile(source, "grokputer.cu", flags(card.Device())...)
	if err != nil {
		return nil, fmt.Errorf("compile the kernels: %w", err)
	}

	module, err := card.Load(code)
	if err != nil {
		return nil, fmt.Errorf("load the kernels: %w", err)
	}

	if path != "" && os.MkdirAll(filepath.Dir(path), 0o700) == nil {
		_ = wholefile.Write(path, func(w io.Writer) error { _, err := w.Write(code); return err }) //nolint:wrapcheck // see above
	}

	return newProgram(module), nil
}

// flags are the compiler's options for a card.
func flags(d driver.Device) []string {
	list := []string{"-std=c++17"}
	if d.Kind == driver.HIP {
		list = append(list, "-O3", fmt.Sprintf("-DWAVE=%d", d.Wave))
	}

	return list
}

// cachePath returns the file for compiled kernels: its name is a hash of all that the code depends on. It is empty where there
// is no place for one, or it is not known what the code depends on.
func cachePath(card *driver.Context, cache, source string) string {
	key := codeKey(card)
	if key == "" {
		return ""
	}

	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return ""
		}

		cache = filepath.Join(user, "grokputer", "kernels")
	}

	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\n%s", key, source) // a hash takes everything

	return filepath.Join(cache, hex.EncodeToString(h.Sum(nil))+".bin")
}

// codeKey is what compiled code depends on beside the source, empty where the compiler does not say its version.
func codeKey(card *driver.Context) string {
	compiler, err := card.Compiler()
	if err != nil {
		return ""
	}

	version, err := compiler.Version()
	if err != nil {
		return ""
	}

	return strings.Join(append(flags(card.Device()), card.Device().Kind.String(), card.Device().Architecture, version), " ")
}

func newProgram(module *driver.Module) *program {
	return &program{module: module, kernels: make(map[string]*driver.Kernel)}
}

// kernel returns a kernel by its name.
func (p *program) kernel(name string) (*driver.Kernel, error) {
	if k, ok := p.kernels[name]; ok {
		return k, nil
	}

	k, err := p.module.Kernel(name)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the kernel
	}

	p.kernels[name] = k

	return k, nil
}
