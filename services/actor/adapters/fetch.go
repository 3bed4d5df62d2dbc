package adapters

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/actor"
)

// shortDigest is how much of the hash stands in a folder's name.
const shortDigest = 12

// partial begins the name of a folder that is being filled.
const partial = ".part-"

// Fetch implements actor.Adapters. The folder of a version appears when all its files
// are there and have their hashes.
func (a *Adapters) Fetch(ctx context.Context, v contracts.Adapter) (actor.Adapter, error) {
	if !contracts.ValidToken(v.Version) || len(v.SHA256) < shortDigest || !contracts.ValidToken(v.SHA256) {
		return actor.Adapter{}, fmt.Errorf("the registry's version %q with sha256 %q cannot be a folder", v.Version, v.SHA256)
	}
	folder := filepath.Join(a.options.Folder, v.Version+"-"+v.SHA256[:shortDigest])
	fetched := actor.Adapter{Version: v.Version, Folder: folder, SHA256: v.SHA256}
	if whole(folder, v) {
		now := time.Now()
		return fetched, os.Chtimes(folder, now, now) // it is in use
	}
	if err := os.RemoveAll(folder); err != nil { // damaged on this disk
		return actor.Adapter{}, fmt.Errorf("fetch the adapter %s: %w", v.Version, err)
	}
	if err := os.MkdirAll(a.options.Folder, 0o700); err != nil {
		return actor.Adapter{}, fmt.Errorf("fetch the adapter %s: %w", v.Version, err)
	}
	part, err := os.MkdirTemp(a.options.Folder, partial)
	if err != nil {
		return actor.Adapter{}, fmt.Errorf("fetch the adapter %s: %w", v.Version, err)
	}
	err = a.download(ctx, part, v)
	if err == nil {
		err = os.Rename(part, folder)
	}
	if err != nil {
		return actor.Adapter{}, errors.Join(fmt.Errorf("fetch the adapter %s: %w", v.Version, err), os.RemoveAll(part))
	}
	a.tidy()
	return fetched, nil
}

// whole reports whether a folder holds all of a version's files as they were published.
func whole(folder string, v contracts.Adapter) bool {
	for _, f := range v.Files {
		body, err := os.ReadFile(filepath.Join(folder, filepath.Base(f.Name)))
		if err != nil {
			return false
		}
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != f.Blob.SHA256 {
			return false
		}
	}
	return len(v.Files) > 0
}

func (a *Adapters) download(ctx context.Context, folder string, v contracts.Adapter) error {
	for _, f := range v.Files {
		if f.Name != filepath.Base(f.Name) || strings.HasPrefix(f.Name, ".") {
			return fmt.Errorf("its file %q cannot be in a folder", f.Name)
		}
		if err := a.options.Blobs.Download(ctx, f.Blob, filepath.Join(folder, f.Name)); err != nil {
			return err
		}
	}
	return nil
}

// tidy removes the versions that were not used for longest, and what a crash left.
func (a *Adapters) tidy() {
	entries, err := os.ReadDir(a.options.Folder)
	if err != nil {
		a.options.Log.Warn("old adapters stay", "err", err)
		return
	}
	type folder struct {
		path string
		used time.Time
	}
	var folders []folder
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !e.IsDir() {
			continue
		}
		used := info.ModTime()
		if strings.HasPrefix(e.Name(), partial) {
			used = time.Time{}
		}
		folders = append(folders, folder{filepath.Join(a.options.Folder, e.Name()), used})
	}
	slices.SortFunc(folders, func(a, b folder) int { return cmp.Or(b.used.Compare(a.used), strings.Compare(a.path, b.path)) })
	for i, f := range folders {
		if i < kept && !f.used.IsZero() {
			continue
		}
		if err := os.RemoveAll(f.path); err != nil {
			a.options.Log.Warn("an old adapter stays", "err", err)
		}
	}
}
