package tests

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const ours = "github.com/grokputer/grokputer/"

// rules say which of our modules a module may import, besides itself. A module
// that is not listed may import none. cmd/grokputer and tests, where everything
// meets, may import all.
var rules = map[string][]string{
	"contracts":         {},
	"kit":               {"contracts"},
	"lm":                {},
	"services/observer": {"contracts", "kit"},
	"services/actor":    {"contracts", "kit", "lm"},
	"services/trainer":  {"contracts", "kit", "lm"},
	"services/feedback": {"contracts", "kit"},
	"services/registry": {"contracts", "kit"},
	"tools/icons":       {"services/observer"},
}

func TestModulesImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	forEachImport(t, func(file, from, to string) {
		if from == "cmd/grokputer" || from == "tests" || from == to {
			return
		}
		if !slices.Contains(rules[from], to) {
			t.Errorf("%s: module %s must not import module %s", file, from, to)
		}
	})
}

// domains are packages below a service's root that are its domain too, and know no technology.
var domains = []string{"registry/experiment", "registry/figures", "trainer/gate"}

// computing are what they may import besides the language's own library: the contracts, and
// libraries that compute and reach nothing outside.
var computing = []string{ours + "contracts", "gonum.org/v1/"}

// Inside a service, the domain at the module root knows no technology, and the
// packages of the technologies do not know each other: cmd/ joins them.
func TestServicePackagesAreLayered(t *testing.T) {
	t.Parallel()
	root := repositoryRoot(t)
	forEachImportPath(t, func(file, path string) {
		service, rest, ok := strings.Cut(strings.TrimPrefix(path, ours+"services/"), "/")
		if !ok || !strings.HasPrefix(path, ours+"services/") {
			return // the import of a domain, or of something else
		}
		rel, err := filepath.Rel(filepath.Join(root, "services", service), file)
		if err != nil || strings.HasPrefix(rel, "..") {
			return // another module: the rule above judges it
		}
		from, _, _ := strings.Cut(filepath.ToSlash(filepath.Dir(rel)), "/")
		to, _, _ := strings.Cut(rest, "/")
		// A package such as actortest holds tests that siblings share.
		if slices.Contains(domains, service+"/"+to) || from == to || from == "cmd" || from == service+"test" || to == "internal" || strings.HasSuffix(file, "_test.go") {
			return
		}
		t.Errorf("%s: package %s of service %s must not import its sibling %s", rel, from, service, to)
	})
}

// A domain below a root imports nothing but the language's own library, what computes, and itself.
func TestDomainsArePure(t *testing.T) {
	t.Parallel()
	root := repositoryRoot(t)
	seen := 0
	forEachImportPath(t, func(file, path string) {
		rel, err := filepath.Rel(filepath.Join(root, "services"), file)
		if err != nil || !slices.ContainsFunc(domains, func(d string) bool { return strings.HasPrefix(filepath.ToSlash(rel), d+"/") }) {
			return
		}
		seen++
		first, _, _ := strings.Cut(path, "/")
		own := slices.ContainsFunc(domains, func(d string) bool { return strings.HasPrefix(path, ours+"services/"+d) })
		computes := slices.ContainsFunc(computing, func(p string) bool { return strings.HasPrefix(path, p) })
		if strings.Contains(first, ".") && !own && !computes {
			t.Errorf("%s must not import %s", rel, path)
		}
	})
	if seen == 0 {
		t.Error("no domain was found: the rule was not checked")
	}
}

// What knows the pages of MiniWoB++ plans in their bench alone: neither the agent
// nor what it is trained from may see it.
func TestPerfectPlansAreForTheBench(t *testing.T) {
	t.Parallel()
	seen := false
	forEachImportPath(t, func(file, path string) {
		if path != ours+"cmd/grokputer/bench/miniwob/perfect" {
			return
		}
		seen = true
		if base := filepath.Base(file); !slices.Contains([]string{"benchminiwob.go", "perfectuser.go", "planner_test.go"}, base) {
			t.Errorf("%s must not import %s", file, path)
		}
	})
	if !seen {
		t.Error("no bench imports the perfect plans: the rule was not checked")
	}
}

func forEachImport(t *testing.T, visit func(file, fromModule, toModule string)) {
	t.Helper()
	root := repositoryRoot(t)
	modules := moduleFolders(t, root)
	forEachImportPath(t, func(file, path string) {
		if !strings.HasPrefix(path, ours) {
			return
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		visit(rel, moduleOf(modules, filepath.ToSlash(rel)), moduleOf(modules, strings.TrimPrefix(path, ours)))
	})
}

func forEachImportPath(t *testing.T, visit func(file, path string)) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(repositoryRoot(t), func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".":
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(file) != ".go":
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			seen++
			visit(file, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Fatal("no imports were found: the rules were not checked")
	}
}

// moduleFolders returns the folders that hold a go.mod, relative to root.
func moduleFolders(t *testing.T, root string) []string {
	t.Helper()
	var modules []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		if err == nil && d.Name() == "go.mod" {
			rel, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			modules = append(modules, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return modules
}

// moduleOf is the module that the path belongs to.
func moduleOf(modules []string, path string) string {
	for _, m := range modules {
		if path == m || strings.HasPrefix(path, m+"/") {
			return m
		}
	}
	return path
}
