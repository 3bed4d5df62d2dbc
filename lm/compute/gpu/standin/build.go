//go:build linux

package standin

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

//go:embed native
var native embed.FS

// Build returns the folder with the libraries, which are compiled if they were not before, by whichever process. They are
// not to be changed; Install makes folders that lack some.
func Build() (folder string, err error) {
	version, err := exec.Command("g++", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("standin: g++ is needed: %w", err)
	}
	hash := sha256.New()
	hash.Write(version)
	err = fs.WalkDir(native, "native", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := native.ReadFile(path)
		fmt.Fprintf(hash, "%s %d\n", path, len(text))
		hash.Write(text)

		return err
	})
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("standin: a folder to build in: %w", err)
	}
	folder = filepath.Join(cache, "grokputer-standin", hex.EncodeToString(hash.Sum(nil)[:12]))

	return folder, buildOnce(folder)
}

// buildOnce builds into folder unless it is there. Who comes second waits.
func buildOnce(folder string) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return err
	}
	lock, err := os.OpenFile(folder+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close() // which unlocks it
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("standin: lock %s: %w", lock.Name(), err)
	}
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	work, err := os.MkdirTemp(filepath.Dir(folder), "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := build(work); err != nil {
		return err
	}

	return os.Rename(work, folder)
}

// build compiles all libraries into folder.
func build(folder string) error {
	sources, err := fs.Sub(native, "native")
	if err != nil {
		return err
	}
	if err := os.CopyFS(folder, sources); err != nil {
		return err
	}
	for _, l := range libraries {
		args := []string{
			"-std=c++17", "-O2", "-g1", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror",
			"-Wl,-z,defs", "-Wl,-soname," + l.name, "-Wl,-rpath,$ORIGIN", "-o", l.name,
		}
		args = append(args, l.sources...)
		args = append(append(args, "-L."), l.links...)
		compiler := exec.Command("g++", append(args, "-ldl", "-lpthread")...)
		compiler.Dir = folder
		if log, err := compiler.CombinedOutput(); err != nil {
			return fmt.Errorf("standin: build %s: %w\n%s", l.name, err, strings.TrimSpace(string(log)))
		}
	}

	return writeTensile(folder)
}

// writeTensile writes the files whose lack RocBLAS dies of. Nobody reads what is in them.
func writeTensile(folder string) error {
	if err := os.MkdirAll(filepath.Join(folder, Tensile), 0o700); err != nil {
		return err
	}
	for _, arch := range archs {
		name := filepath.Join(folder, Tensile, fmt.Sprintf(tensileName, arch))
		if err := os.WriteFile(name, []byte("stand-in\n"), 0o600); err != nil {
			return err
		}
	}

	return nil
}

// Install makes dir a folder with only some of the libraries, by the constants' names: links to those of Build.
func Install(dir string, names ...string) error {
	folder, err := Build()
	if err != nil {
		return err
	}
	for _, name := range append(names, engine) {
		link := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
			return err
		}
		if err := os.Symlink(filepath.Join(folder, name), link); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}

	return nil
}
