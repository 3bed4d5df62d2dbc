package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/schema"
	"github.com/grokputer/grokputer/contracts/screen"
)

// generate returns the schema files by name. Sources are read below module.
func generate(module string) (map[string][]byte, error) {
	comments, err := comments(module)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range contracts.Events() {
		r := jsonschema.Reflector{
			AllowAdditionalProperties: true,
			ExpandedStruct:            true,
			Anonymous:                 true,
			Mapper:                    special,
			CommentMap:                comments,
		}
		s := r.Reflect(e.Body)
		s.ID = jsonschema.ID(schema.URN(e.Kind))
		s.Title = e.Kind + " on " + e.Subject
		body, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("schema of %s: %w", e.Kind, err)
		}
		files[e.Kind+".json"] = append(body, '\n')
	}
	return files, nil
}

// special gives the schema of types that are not what their fields say.
func special(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[action.Action]():
		return &jsonschema.Schema{
			Type:        "string",
			Description: "An action in the action language, in its canonical form.",
			Examples:    []any{`click button "Log in"`, `type "hello"`, "key ctrl+s"},
		}
	case reflect.TypeFor[screen.Kind]():
		s := &jsonschema.Schema{Type: "string"}
		for _, k := range screen.Kinds() {
			s.Enum = append(s.Enum, string(k))
		}
		return s
	default:
		return nil
	}
}

// comments returns the first sentence of each type's and field's comment, under
// the full name of the type and field.
func comments(module string) (map[string]string, error) {
	found := map[string]string{}
	err := filepath.WalkDir(module, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(module, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Join(reflect.TypeFor[contracts.Blob]().PkgPath(), inside))
		ast.Inspect(file, func(n ast.Node) bool {
			if decl, ok := n.(*ast.GenDecl); ok && decl.Tok == token.TYPE {
				for _, spec := range decl.Specs {
					if t, ok := spec.(*ast.TypeSpec); ok {
						describe(found, pkg+"."+t.Name.Name, decl.Doc, t)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the comments: %w", err)
	}
	return found, nil
}

// describe notes the comments of one type and of its fields.
func describe(found map[string]string, name string, comment *ast.CommentGroup, t *ast.TypeSpec) {
	if text := sentence(comment); text != "" {
		found[name] = text
	}
	s, ok := t.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range s.Fields.List {
		text := sentence(field.Doc)
		if text == "" {
			text = sentence(field.Comment)
		}
		for _, n := range field.Names {
			if text != "" {
				found[name+"."+n.Name] = text
			}
		}
	}
}

func sentence(c *ast.CommentGroup) string {
	return new(doc.Package).Synopsis(c.Text())
}
