package driver

// #include <stdlib.h>
// #include "driver.h"
import "C"

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"
)

// library is what one is for.
type library int

const (
	runtimeLibrary  library = C.GPU_RUNTIME
	compilerLibrary library = C.GPU_COMPILER
	blasLibrary     library = C.GPU_BLAS
)

// load loads the first library of these names that can be, folder by folder, and at last by the system's own search.
func (d *Driver) load(which library, names []string) error {
	missing := &MissingError{Kind: d.kind, Library: d.called(which), Install: d.install(which)}
	for _, file := range d.candidates(names) {
		if filepath.Base(file) != file {
			if _, err := os.Stat(file); err != nil {
				continue
			}
		}
		d.loading(file)
		said, symbol := d.try(which, file)
		switch {
		case said == "":
			return nil
		case symbol:
			missing.Function = said
			missing.Reasons = append(missing.Reasons, file+" has no "+said)
		case filepath.Base(file) == file && absent(file, said):
		default:
			missing.Reasons = append(missing.Reasons, said)
		}
	}
	missing.Names, missing.Looked = names, d.folders()

	return missing
}

// try returns "", or what the loader says, or the name of a function that is missing.
func (d *Driver) try(which library, file string) (said string, symbol bool) {
	path := C.CString(file)
	defer C.free(unsafe.Pointer(path))
	var message [1024]C.char
	switch C.gpu_load(d.c, C.int(which), path, &message[0], C.int(len(message))) {
	case 0:
		return "", false
	case 1:
		return orUnknown(C.GoString(&message[0])), false
	default:
		return C.GoString(&message[0]), true
	}
}

// absent reports whether the system's search says no more than that there is no such library: glibc's and Windows's words.
func absent(file, said string) bool {
	return strings.HasPrefix(said, file+": cannot open shared object file: No such file") || said == file+": error 126"
}

func orUnknown(text string) string {
	if text == "" {
		return "the loader gives no reason"
	}

	return text
}

func (d *Driver) loading(file string) {
	if d.options.Loading != nil {
		d.options.Loading(file)
	}
}

// path returns the file that a library was loaded from.
func (d *Driver) path(which library) string {
	var path [4096]C.char
	C.gpu_path(d.c, C.int(which), &path[0], C.int(len(path)))

	return C.GoString(&path[0])
}

// candidates returns the files to try in order. A name without a folder is one for the system's own search.
func (d *Driver) candidates(names []string) []string {
	var files []string
	add := func(folders []string) {
		for _, folder := range folders {
			for _, name := range names {
				files = append(files, filepath.Join(folder, name))
			}
		}
	}
	add(inside(d.options.Search))
	if d.options.Only {
		return files
	}
	add(d.beside())
	add(inside(fromEnvironment(d.kind)))
	files = append(files, names...)
	add(usual(d.kind))

	return files
}

// folders returns where a library is looked for, for a person.
func (d *Driver) folders() []string {
	folders := inside(d.options.Search)
	if d.options.Only {
		return folders
	}
	folders = append(folders, d.beside()...)
	folders = append(folders, inside(fromEnvironment(d.kind))...)
	folders = append(folders, "the system's own folders")

	return append(folders, usual(d.kind)...)
}

// beside returns the folder of the runtime: what lies there is of its version. CUDA's comes from elsewhere.
func (d *Driver) beside() []string {
	if d.kind != HIP || d.version == 0 {
		return nil
	}
	path := d.path(runtimeLibrary)
	folders := []string{filepath.Dir(path)}
	if target, err := filepath.EvalSymlinks(path); err == nil && filepath.Dir(target) != folders[0] {
		folders = append(folders, filepath.Dir(target))
	}

	return folders
}

// inside returns the folders with the ones in them that libraries lie in.
func inside(folders []string) []string {
	var all []string
	for _, folder := range folders {
		all = append(all, folder, filepath.Join(folder, "lib"), filepath.Join(folder, "lib64"),
			filepath.Join(folder, "bin"), filepath.Join(folder, "bin", "x64"))
	}

	return all
}

// fromEnvironment returns the folders that the vendors' own variables name.
func fromEnvironment(kind Kind) []string {
	variables := []string{"ROCM_PATH", "HIP_PATH"}
	if kind == CUDA {
		variables = []string{"CUDA_PATH", "CUDA_HOME"}
	}
	var folders []string
	for _, variable := range variables {
		if folder := os.Getenv(variable); folder != "" {
			folders = append(folders, folder)
		}
	}

	return folders
}

// usual returns the folders where the vendors' installers and Python's packages put libraries.
func usual(kind Kind) []string {
	patterns := []string{"/opt/rocm/lib", "/opt/rocm-*/lib"}
	python := []string{"_rocm_sdk_core/lib", "_rocm_sdk_libraries*/lib", "_rocm_sdk_core/bin", "_rocm_sdk_libraries*/bin"}
	if runtime.GOOS == "windows" {
		patterns = []string{`C:\Program Files\AMD\ROCm\*\bin`}
	}
	if kind == CUDA {
		patterns = []string{"/usr/local/cuda/lib64", "/usr/local/cuda-*/lib64"}
		python = []string{"nvidia/*/lib", "nvidia/*/bin", "nvidia/*/bin/x86_64"}
		if runtime.GOOS == "windows" {
			patterns = []string{`C:\Program Files\NVIDIA GPU Computing Toolkit\CUDA\*\bin`, `C:\Program Files\NVIDIA GPU Computing Toolkit\CUDA\*\bin\x64`}
		}
	}
	for _, packages := range pythonPackages() {
		for _, folder := range python {
			patterns = append(patterns, filepath.Join(packages, filepath.FromSlash(folder)))
		}
	}
	var folders []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue // a folder of this person's with a bracket in its name
		}
		folders = append(folders, found...)
	}

	return folders
}

// pythonPackages returns patterns of the folders that pip installs to.
func pythonPackages() []string {
	var packages []string
	if environment := os.Getenv("VIRTUAL_ENV"); environment != "" {
		packages = append(packages, filepath.Join(environment, "lib", "python3*", "site-packages"), filepath.Join(environment, "Lib", "site-packages"))
	}
	if home, err := os.UserHomeDir(); err == nil && !strings.ContainsAny(home, "*?[") {
		packages = append(packages, filepath.Join(home, ".local", "lib", "python3*", "site-packages"))
	}

	return append(packages, "/usr/local/lib/python3*/*-packages", "/usr/lib/python3*/*-packages")
}
