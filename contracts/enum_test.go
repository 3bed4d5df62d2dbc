package contracts_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

// A tag cannot name a constant, so the values in the schema tags are compared
// with the constants of the type.
func TestEnumsInTagsAreTheConstants(t *testing.T) {
	t.Parallel()
	constants := stringConstants(t, "task.go")
	maps.Copy(constants, stringConstants(t, "training.go"))
	maps.Copy(constants, stringConstants(t, "adapter.go"))
	maps.Copy(constants, stringConstants(t, "audit.go"))
	maps.Copy(constants, stringConstants(t, "role.go"))
	maps.Copy(constants, stringConstants(t, "effect.go"))
	for _, e := range contracts.Events() {
		event := reflect.TypeOf(e.Body)
		for field := range event.Fields() {
			var got []string
			for part := range strings.SplitSeq(field.Tag.Get("jsonschema"), ",") {
				if v, ok := strings.CutPrefix(part, "enum="); ok {
					got = append(got, v)
				}
			}
			if want := constants[field.Type.Name()]; len(got) > 0 && !slices.Equal(got, want) {
				t.Errorf("%s.%s may be %v, want %v", event.Name(), field.Name, got, want)
			}
		}
	}
	if len(constants["Outcome"]) == 0 || len(constants["ApprovalState"]) == 0 {
		t.Errorf("the constants were not found: %v", constants)
	}
}

// stringConstants returns the values of a file's typed string constants by type.
func stringConstants(t *testing.T, path string) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		typed, isNamed := spec.Type.(*ast.Ident)
		literal, isLiteral := spec.Values[0].(*ast.BasicLit)
		if isNamed && isLiteral && literal.Kind == token.STRING {
			v, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			values[typed.Name] = append(values[typed.Name], v)
		}
		return true
	})
	return values
}
