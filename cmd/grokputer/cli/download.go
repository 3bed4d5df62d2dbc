package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
)

// errNoFiles: there is nothing to download.
var errNoFiles = errors.New("the registry names no files of it")

// errRemoved: there is nothing to download any more.
var errRemoved = errors.New("its files were removed")

// weightsFile is the file of an adapter whose hash its event tells.
const weightsFile = "adapter_model.safetensors"

type adaptersDownloadCmd struct {
	asJSON
	ofRole

	Version string `arg:"" help:"The version, such as lora-v3."`
	Output  string `short:"o" env:"-" help:"Folder to make; one with the version's name, and its role's before it unless that is the planner, in the working folder when not given." type:"path" placeholder:"DIR"`
}

// downloaded is what a download left, for programs.
type downloaded struct {
	Version string   `json:"version"`
	Folder  string   `json:"folder"`
	Files   []string `json:"files"`
}

// Run copies a version. The folder appears only when all of it is there and right.
func (cmd *adaptersDownloadCmd) Run(ctx context.Context, c *call) error {
	a, err := withBus(ctx, c, func(b *bus.Bus) (contracts.Adapter, error) { return getAdapter(ctx, b, cmd.ofRole, cmd.Version) })
	if err != nil {
		return err
	}
	if err := checkFiles(a); err != nil {
		return fmt.Errorf("download %s: %w", a.Version, err)
	}
	folder := cmd.Output
	if folder == "" {
		name := a.Version
		if cmd.options() != "" {
			name = string(a.Role) + "-" + name
		}
		if folder, err = filepath.Abs(name); err != nil {
			return fmt.Errorf("download %s: %w", a.Version, err)
		}
	}
	if _, err := os.Lstat(folder); err == nil {
		return fmt.Errorf("%s is there already: name another folder with -o", folder)
	}
	store, err := c.blobs(ctx)
	if err != nil {
		return err
	}
	err = download(ctx, store.Store, a, folder)
	if err = errors.Join(err, store.close(ctx)); err != nil {
		return fmt.Errorf("download %s: %w", a.Version, err)
	}
	result := downloaded{Version: a.Version, Folder: folder}
	for _, f := range a.Files {
		result.Files = append(result.Files, f.Name)
	}
	if cmd.JSON {
		return c.json(result)
	}
	if err := c.note("%s: %s, the sha256 of each is right", a.Version, counted(len(a.Files), "file")); err != nil {
		return err
	}
	return c.say("%s", folder)
}

// checkFiles refuses a record that would lead out of the folder or contradicts itself.
func checkFiles(a contracts.Adapter) error {
	if a.State == contracts.AdapterRemoved {
		return fmt.Errorf("%w: %s", errRemoved, screen.Line(a.Why))
	}
	if len(a.Files) == 0 {
		return errNoFiles
	}
	for _, f := range a.Files {
		if !filepath.IsLocal(f.Name) || strings.ContainsAny(f.Name, `/\`) || f.Name == "." {
			return fmt.Errorf("%q is not the name of a file", f.Name)
		}
		if f.Name == weightsFile && f.Blob.SHA256 != a.SHA256 {
			return fmt.Errorf("%s: the registry names two hashes, %s and %s", f.Name, a.SHA256, f.Blob.SHA256)
		}
	}
	return nil
}

// download copies the files beside the folder and moves them into place in one step.
func download(ctx context.Context, blobs *blob.Store, a contracts.Adapter, folder string) (err error) {
	part, err := os.MkdirTemp(filepath.Dir(folder), "."+filepath.Base(folder)+".part-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part))
		}
	}()
	for _, f := range a.Files {
		if err := blobs.Download(ctx, f.Blob, filepath.Join(part, f.Name)); err != nil {
			return err
		}
	}
	return os.Rename(part, folder)
}
