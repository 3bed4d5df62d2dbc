//go:build linux

package standin

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed native
var native embed.FS

// Build returns a folder with all libraries, which are compiled if they were not before. They are not to be changed;
// Install makes folders that lack some.
func Build() (folder string, err error) {
	var paths []string
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		folder, err := compile(name)
		if err != nil {
			return "", err
		}
		paths = append(paths, filepath.Join(folder, name))
	}

	return cached(strings.Join(paths, "\n"), func(folder string) error {
		for _, path := range paths {
			if err := os.Symlink(path, filepath.Join(folder, filepath.Base(path))); err != nil {
				return err
			}
		}

		return writeTensile(folder)
	})
}

// compile returns the folder with one library and the sources. It depends on all headers, and on the engine, which it is
// linked to.
func compile(name string) (folder string, err error) {
	version, err := exec.Command("g++", "--version").Output() //nolint:noctx // it says it at once
	if err != nil {
		return "", fmt.Errorf("standin: g++ is needed: %w", err)
	}
	args := []string{
		"-std=c++17", "-O2", "-g1", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror",
		"-fno-semantic-interposition", "-Wl,-Bsymbolic-functions", "-Wl,-z,defs", "-Wl,-soname," + name, "-Wl,-rpath,$ORIGIN", "-o", name, "all.cpp",
	}
	if name != engine {
		folder, err := compile(engine)
		if err != nil {
			return "", err
		}
		args = append(args, "-L"+folder, "-lstandin")
	}
	args = append(args, "-ldl", "-lpthread")
	headers, err := fs.Glob(native, "native/*.h")
	if err != nil {
		return "", err
	}
	files := make(map[string]string)
	for _, path := range headers {
		text, err := native.ReadFile(path)
		if err != nil {
			return "", err
		}
		files[filepath.Base(path)] = string(text)
	}
	// One unit: the standard library's headers take longer than what we say.
	var all strings.Builder
	for _, source := range sources[name] {
		text, err := native.ReadFile("native/" + source)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&all, "#line 1 %q\n%s", source, text)
	}
	files["all.cpp"] = all.String()

	return cached(fmt.Sprint(string(version), args, files), func(folder string) error {
		for path, text := range files {
			if err := os.WriteFile(filepath.Join(folder, path), []byte(text), 0o600); err != nil {
				return err
			}
		}
		compiler := exec.Command("g++", args...) //nolint:noctx // others wait for the same library
		compiler.Dir = folder
		if log, err := compiler.CombinedOutput(); err != nil {
			return fmt.Errorf("standin: build %s: %w\n%s", name, err, strings.TrimSpace(string(log)))
		}

		return nil
	})
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
