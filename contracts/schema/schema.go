// Package schema holds the JSON Schemas (draft 2020-12) of the events, made
// from the Go types of the contracts by `go generate`, and checks events
// against them. The schemas are for whoever publishes without our Go types;
// fields that they do not name are allowed, since a newer publisher may send some.
package schema

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:generate go run ./gen

//go:embed *.json
var files embed.FS

var (
	// ErrUnknownKind tells that no event has that kind.
	ErrUnknownKind = errors.New("no event has the kind")
	// ErrInvalid tells that a body does not fit its schema. The message says where.
	ErrInvalid = errors.New("the event does not fit its schema")
)

// compiled is computed once from the embedded files and never changed.
var compiled = sync.OnceValues(compile)

// URN is the identifier ($id) of a kind's schema.
func URN(kind string) string { return "urn:grokputer:event:" + kind }

// Files are the schemas, each named <kind>.json.
func Files() fs.FS { return files }

// Validate checks an event's body against the schema of its kind (the header
// ce-type, contracts.KindOf of its subject).
func Validate(kind string, data []byte) error {
	schemas, err := compiled()
	if err != nil {
		return err
	}
	s, ok := schemas[kind]
	if !ok {
		return fmt.Errorf("%w %q", ErrUnknownKind, kind)
	}
	body, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%w %s: not JSON: %w", ErrInvalid, kind, err)
	}
	if err := s.Validate(body); err != nil {
		return fmt.Errorf("%w %s: %w", ErrInvalid, kind, err)
	}
	return nil
}

func compile() (map[string]*jsonschema.Schema, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list the schemas: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat() // date-time is meant
	schemas := make(map[string]*jsonschema.Schema, len(names))
	for _, name := range names {
		kind := strings.TrimSuffix(name, ".json")
		if schemas[kind], err = compileFile(compiler, name, URN(kind)); err != nil {
			return nil, fmt.Errorf("compile schema %s: %w", name, err)
		}
	}
	return schemas, nil
}

func compileFile(c *jsonschema.Compiler, name, urn string) (*jsonschema.Schema, error) {
	raw, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if err := c.AddResource(urn, document); err != nil {
		return nil, err
	}
	return c.Compile(urn)
}
