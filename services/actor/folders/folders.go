// Package folders is the actor's vault on the file system: a few named folders,
// each opened as an os.Root, so that no path and no symbolic link leads out.
package folders

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/services/actor"
)

// Folder is a directory under the name by which the agent knows it.
type Folder struct {
	Name string // one path element, such as Desktop
	Path string // the directory; it need not exist yet
}

// Vault finds and saves files in its folders. It is safe for concurrent use.
type Vault struct {
	folders []Folder
}

// New returns a vault of these folders. Names must be single path elements that
// differ in more than case.
func New(folders ...Folder) (*Vault, error) {
	seen := map[string]bool{}
	for _, f := range folders {
		key := strings.ToLower(f.Name)
		switch {
		case f.Name == "" || f.Name == "." || f.Name == ".." || strings.ContainsAny(f.Name, `/\*?[`):
			return nil, fmt.Errorf("a vault folder's name is %q, want a plain name", f.Name)
		case f.Path == "":
			return nil, fmt.Errorf("the vault folder %q has no path", f.Name)
		case seen[key]:
			return nil, fmt.Errorf("two vault folders are called %q", f.Name)
		}
		seen[key] = true
	}
	return &Vault{folders: slices.Clone(folders)}, nil
}

// Folders returns the folders' names.
func (v *Vault) Folders() []string {
	names := make([]string, len(v.folders))
	for i, f := range v.folders {
		names[i] = f.Name
	}
	return names
}

// Find implements actor.Vault. Only regular files are listed, and links to such
// that stay inside their folder. A folder that does not exist holds no files.
func (v *Vault) Find(ctx context.Context, pattern string) ([]string, error) {
	folders, glob, err := v.resolve(pattern)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, f := range folders {
		names, err := find(ctx, f, glob)
		if err != nil {
			return nil, err
		}
		found = append(found, names...)
	}
	slices.Sort(found)
	return found, nil
}

// resolve splits a pattern into the folders to search and the pattern inside them.
func (v *Vault) resolve(pattern string) ([]Folder, glob, error) {
	if first, rest, ok := strings.Cut(pattern, "/"); ok {
		if f, ok := v.folder(first); ok {
			g, err := parseGlob(rest)
			return []Folder{f}, g, err
		}
	}
	g, err := parseGlob("**/" + pattern)
	return v.folders, g, err
}

func (v *Vault) folder(name string) (Folder, bool) {
	for _, f := range v.folders {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return Folder{}, false
}

// find walks one folder.
func find(ctx context.Context, f Folder, g glob) ([]string, error) {
	root, err := os.OpenRoot(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the folder %s: %w", f.Name, err)
	}
	defer func() { _ = root.Close() }() // it was only read
	var found []string
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil { // an unreadable folder holds no files for us
			return skip(entry)
		}
		if entry.IsDir() || !g.match(strings.Split(name, "/")) {
			return nil
		}
		// A link out of the folder fails here and is left out.
		if info, err := root.Stat(name); err == nil && info.Mode().IsRegular() {
			found = append(found, f.Name+"/"+name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("search the folder %s: %w", f.Name, err)
	}
	return found, nil
}

func skip(entry fs.DirEntry) error {
	if entry != nil && entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// Save implements actor.Vault: it writes a temporary file beside the final one
// and renames it. Folders on the way are made.
func (v *Vault) Save(ctx context.Context, name string, data []byte) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	first, rest, _ := strings.Cut(name, "/")
	f, ok := v.folder(first)
	if !ok || !fs.ValidPath(rest) || rest == "." {
		return "", fmt.Errorf("%w: %q (known folders: %s)", actor.ErrOutside, name, strings.Join(v.Folders(), ", "))
	}
	if err := os.MkdirAll(f.Path, 0o750); err != nil {
		return "", fmt.Errorf("make the folder %s: %w", f.Name, err)
	}
	root, err := os.OpenRoot(f.Path)
	if err != nil {
		return "", fmt.Errorf("open the folder %s: %w", f.Name, err)
	}
	defer func() { _ = root.Close() }() // the file in it was closed with its error checked
	if dir := path.Dir(rest); dir != "." {
		if err := root.MkdirAll(dir, 0o750); err != nil {
			return "", outside(name, err)
		}
	}
	if err := replace(root, rest, data); err != nil {
		return "", outside(name, err)
	}
	return f.Name + "/" + rest, nil
}

// replace writes the file name anew, whole or not at all.
func replace(root *os.Root, name string, data []byte) error {
	temporary := name + ".part"
	if err := root.WriteFile(temporary, data, 0o644); err != nil {
		return errors.Join(err, root.RemoveAll(temporary))
	}
	if err := root.Rename(temporary, name); err != nil {
		return errors.Join(err, root.Remove(temporary))
	}
	return nil
}

// outside marks errors of os.Root about paths that lead out: they wrap no
// exported sentinel, so they are known by their text.
func outside(name string, err error) error {
	if strings.HasSuffix(err.Error(), "path escapes from parent") {
		return fmt.Errorf("%w: %q", actor.ErrOutside, name)
	}
	return fmt.Errorf("save %q: %w", name, err)
}
