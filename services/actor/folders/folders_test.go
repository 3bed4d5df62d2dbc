package folders_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/folders"
)

// tree makes a vault of two folders beside a secret that links point to.
func tree(t *testing.T) (*folders.Vault, string) {
	t.Helper()
	base := t.TempDir()
	for _, name := range []string{
		"vault/a.pdf", "vault/B.PDF", "vault/notes.txt", "vault/deep/er/c.pdf", "vault/deep/d.pdf.txt",
		"desktop/e.pdf", "outside/secret.pdf",
	} {
		file := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"vault/inside.pdf": "a.pdf",
		"vault/out.pdf":    filepath.Join(base, "outside", "secret.pdf"),
		"vault/up.pdf":     "../outside/secret.pdf",
		"vault/folder.pdf": "deep",
		"desktop/out":      filepath.Join(base, "outside"),
		"desktop/hole.png": filepath.Join(base, "outside", "secret.pdf"),
	} {
		if err := os.Symlink(target, filepath.Join(base, link)); err != nil {
			t.Fatal(err)
		}
	}
	v, err := folders.New(
		folders.Folder{Name: "vault", Path: filepath.Join(base, "vault")},
		folders.Folder{Name: "Desktop", Path: filepath.Join(base, "desktop")},
		folders.Folder{Name: "later", Path: filepath.Join(base, "not", "there", "yet")},
	)
	if err != nil {
		t.Fatal(err)
	}
	return v, base
}

func TestFind(t *testing.T) {
	t.Parallel()
	v, _ := tree(t)
	for pattern, want := range map[string][]string{
		"*.pdf":              {"Desktop/e.pdf", "vault/B.PDF", "vault/a.pdf", "vault/deep/er/c.pdf", "vault/inside.pdf"},
		"vault/*.pdf":        {"vault/B.PDF", "vault/a.pdf", "vault/inside.pdf"},
		"Vault/**/*.pdf":     {"vault/B.PDF", "vault/a.pdf", "vault/deep/er/c.pdf", "vault/inside.pdf"},
		"vault/**/**/er/*":   {"vault/deep/er/c.pdf"},
		"deep/**/*.pdf":      {"vault/deep/er/c.pdf"},
		"desktop/*":          {"Desktop/e.pdf"},
		"desktop/out/*":      nil,
		"later/*":            nil,
		"*.doc":              nil,
		"[ab].pdf":           {"vault/B.PDF", "vault/a.pdf"},
		"vault/?.pdf":        {"vault/B.PDF", "vault/a.pdf"},
		"vault/deep/*/c.pdf": {"vault/deep/er/c.pdf"},
	} {
		got, err := v.Find(t.Context(), pattern)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("find %s gave %q, %v; want %q", pattern, got, err, want)
		}
	}
}

func TestFindRefuses(t *testing.T) {
	t.Parallel()
	v, _ := tree(t)
	for _, pattern := range []string{"[", "vault/../outside/*", "../*"} {
		if got, err := v.Find(t.Context(), pattern); err == nil {
			t.Errorf("find %s gave %q, want an error", pattern, got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Find(ctx, "*.pdf"); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled search gave %v", err)
	}
}

func TestSave(t *testing.T) {
	t.Parallel()
	v, base := tree(t)
	for name, want := range map[string]struct{ path, file string }{
		"Desktop/x.png":      {"Desktop/x.png", "desktop/x.png"},
		"desktop/new/y.png":  {"Desktop/new/y.png", "desktop/new/y.png"},
		"later/z.png":        {"later/z.png", "not/there/yet/z.png"},
		"vault/a.pdf":        {"vault/a.pdf", "vault/a.pdf"},
		"desktop/hole.png":   {"Desktop/hole.png", "desktop/hole.png"}, // the link is replaced, not followed
		"vault/inside.pdf":   {"vault/inside.pdf", "vault/inside.pdf"},
		"Desktop/ü and .png": {"Desktop/ü and .png", "desktop/ü and .png"},
	} {
		got, err := v.Save(t.Context(), name, []byte("picture "+name))
		if err != nil || got != want.path {
			t.Errorf("save %q gave %q, %v; want %q", name, got, err, want.path)
			continue
		}
		data, err := os.ReadFile(filepath.Join(base, want.file))
		if err != nil || string(data) != "picture "+name {
			t.Errorf("%s holds %q, %v", want.file, data, err)
		}
	}
	secret, err := os.ReadFile(filepath.Join(base, "outside", "secret.pdf"))
	if err != nil || string(secret) != "outside/secret.pdf" {
		t.Errorf("the file outside became %q, %v", secret, err)
	}
}

func TestSaveRefuses(t *testing.T) {
	t.Parallel()
	v, base := tree(t)
	for _, name := range []string{
		"", "x.png", "Desktop", "Desktop/", "Desktop/.", "Desktop/../outside/x.png", "Desktop//x.png",
		"elsewhere/x.png", "/etc/x.png", "Desktop/out/x.png", filepath.Join(base, "desktop", "x.png"),
	} {
		if got, err := v.Save(t.Context(), name, nil); !errors.Is(err, actor.ErrOutside) {
			t.Errorf("save %q gave %q, %v; want ErrOutside", name, got, err)
		}
	}
	if _, err := os.Stat(filepath.Join(base, "outside", "x.png")); err == nil {
		t.Error("a file was written outside the folders")
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, f := range [][]folders.Folder{
		{{Name: "", Path: "/a"}},
		{{Name: "..", Path: "/a"}},
		{{Name: "a/b", Path: "/a"}},
		{{Name: "a*", Path: "/a"}},
		{{Name: "a"}},
		{{Name: "a", Path: "/a"}, {Name: "A", Path: "/b"}},
	} {
		if _, err := folders.New(f...); err == nil {
			t.Errorf("New(%v) was accepted", f)
		}
	}
}
