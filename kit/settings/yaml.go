package settings

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// ErrUnknown tells that a settings file has a key that is no setting.
var ErrUnknown = errors.New("unknown setting")

// file is one settings file.
type file struct {
	name   string
	root   *yaml.Node // a mapping; nil when the file says nothing
	shared bool
}

// open reads a file; one that is not there gives nil.
func open(path string, shared bool) (kong.Resolver, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no file, no settings
	}
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read from
	return loader(shared)(f)
}

// loader returns a function that reads a file for kong.
func loader(shared bool) kong.ConfigurationLoader {
	return func(r io.Reader) (kong.Resolver, error) {
		name := FileName
		if f, ok := r.(*os.File); ok {
			name = f.Name()
		}
		var document yaml.Node
		err := yaml.NewDecoder(r).Decode(&document)
		if errors.Is(err, io.EOF) {
			return &file{name: name}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
		root := document.Content[0]
		switch {
		case root.Kind == yaml.MappingNode:
			return &file{name: name, root: root, shared: shared}, nil
		case root.Tag == "!!null":
			return &file{name: name}, nil
		default:
			return nil, fmt.Errorf("%s: line %d: the file must hold keys and values", filepath.Base(name), root.Line)
		}
	}
}

// Resolve returns the file's value for a flag, as text or a list of texts. An
// environment variable goes before it.
func (f *file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if _, set := os.LookupEnv(env); set {
			return nil, nil //nolint:nilnil // kong's way to say that there is no value
		}
	}
	node := lookup(f.root, flag.Name)
	if node == nil || node.Tag == "!!null" {
		return nil, nil //nolint:nilnil // as above
	}
	v, err := value(node)
	if err != nil {
		return nil, fmt.Errorf("%s: line %d: %w", filepath.Base(f.name), node.Line, err)
	}
	return v, nil
}

// Validate refuses keys that no flag of the program has.
func (f *file) Validate(app *kong.Application) error {
	known := map[string]bool{}
	visit(app.Node, func(flag *kong.Flag) { known[flag.Name] = true })
	return f.check(f.root, nil, known)
}

func (f *file) check(node *yaml.Node, path []string, known map[string]bool) error {
	return each(node, func(key string, value *yaml.Node) error {
		path := append(slices.Clip(path), key)
		name := flagName(strings.Join(path, "-"))
		switch {
		case known[name]:
			return nil
		case value.Kind == yaml.MappingNode && f.shared && !hasSection(known, name):
			return nil
		case value.Kind == yaml.MappingNode:
			return f.check(value, path, known)
		default:
			return fmt.Errorf("%s: line %d: %w %q", filepath.Base(f.name), value.Line, ErrUnknown, strings.Join(path, "."))
		}
	})
}

func hasSection(known map[string]bool, section string) bool {
	for name := range known {
		if strings.HasPrefix(name, section+"-") {
			return true
		}
	}
	return false
}

// lookup finds the value of a flag: the key of that name, or a section whose
// name the flag's begins with, and in it the rest.
func lookup(node *yaml.Node, name string) *yaml.Node {
	var found *yaml.Node
	_ = each(node, func(key string, value *yaml.Node) error {
		if key = flagName(key); key == name {
			found = value
		} else if rest, ok := strings.CutPrefix(name, key+"-"); ok && value.Kind == yaml.MappingNode {
			if deeper := lookup(value, rest); deeper != nil {
				found = deeper
			}
		}
		return nil
	})
	return found
}

// each calls f with each key and value of a mapping.
func each(node *yaml.Node, f func(key string, value *yaml.Node) error) error {
	if node == nil {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if err := f(node.Content[i].Value, node.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// value is a scalar as it was written, a list of them, or a map of them: kong
// reads them as it reads flags.
func value(node *yaml.Node) (any, error) {
	switch node.Kind {
	case yaml.ScalarNode:
		return node.Value, nil
	case yaml.SequenceNode, yaml.MappingNode:
		var v any
		if err := node.Decode(&v); err != nil {
			return nil, err
		}
		return v, nil
	default:
		return nil, errors.New("aliases are not supported")
	}
}

// flagName is a key as a flag writes it: max_gb is max-gb.
func flagName(key string) string { return strings.ReplaceAll(key, "_", "-") }
