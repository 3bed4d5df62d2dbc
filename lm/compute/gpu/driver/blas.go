package driver

// #include "driver.h"
import "C"

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// OpenBLAS loads the vendor's BLAS, if that was not done before, and looks whether it has kernels for the architecture: rocBLAS
// ends the process if it has not. The error is ErrNoBLAS with what to install.
func (d *Driver) OpenBLAS(architecture string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.blas.tried {
		d.blas = part{tried: true, err: d.load(blasLibrary, d.blasNames())}
	}
	if d.blas.err != nil {
		return fmt.Errorf("%w: %w", ErrNoBLAS, d.blas.err)
	}
	if d.kind == HIP {
		return tensile(d.path(blasLibrary), architecture)
	}

	return nil
}

// BLASPath returns the file that the BLAS was loaded from, "" before OpenBLAS.
func (d *Driver) BLASPath() string { return d.path(blasLibrary) }

// BLASVersion returns the version of what OpenBLAS loaded, "" if it does not say.
func (d *Driver) BLASVersion() (string, error) {
	var version [256]C.char
	if err := d.checkBLAS(C.gpu_blas_version(d.c, &version[0], C.int(len(version)))); err != nil {
		return "", err
	}

	return C.GoString(&version[0]), nil
}

// tensile looks for rocBLAS's list of kernels for an architecture, in the folder that its own variable names or else beside the library.
func tensile(library, architecture string) error {
	var folders []string
	if folder := os.Getenv("ROCBLAS_TENSILE_LIBPATH"); folder != "" {
		folders = append(folders, folder)
	} else {
		folders = append(folders, filepath.Join(filepath.Dir(library), "rocblas", "library"))
		if runtime.GOOS != "windows" {
			folders = append(folders, filepath.Join(filepath.Dir(library), "..", "lib", "rocblas", "library"))
		}
	}
	for _, folder := range folders {
		for _, name := range []string{"TensileLibrary_lazy_" + architecture + ".dat", "TensileLibrary_" + architecture + ".dat"} {
			if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
				return nil
			}
		}
	}

	return fmt.Errorf("%w: rocBLAS has no kernels for %s (TensileLibrary_lazy_%s.dat in %s). Install a rocBLAS that has: ROCm 6 and 7 have gfx1030, gfx1100 to gfx1102, "+
		"and the Instinct cards. For gfx1101, gfx1102 and gfx1103 set HSA_OVERRIDE_GFX_VERSION=11.0.0, for gfx1031 to gfx1036 10.3.0", ErrNoBLAS, architecture, architecture, folders[0])
}

// statuses are the names of the libraries' codes, which not all versions can tell.
var statuses = [2]map[int]string{
	HIP: {
		1: "invalid_handle", 2: "not_implemented", 3: "invalid_pointer", 4: "invalid_size", 5: "memory_error", 6: "internal_error",
		7: "perf_degraded", 11: "invalid_value", 12: "continue", 13: "check_numerics_fail",
	},
	CUDA: {
		1: "NOT_INITIALIZED", 3: "ALLOC_FAILED", 7: "INVALID_VALUE", 8: "ARCH_MISMATCH", 11: "MAPPING_ERROR", 13: "EXECUTION_FAILED",
		14: "INTERNAL_ERROR", 15: "NOT_SUPPORTED", 16: "LICENSE_ERROR",
	},
}

// kinds are the codes that are one of the sentinels.
var kinds = [2]map[int]error{
	HIP:  {2: ErrUnsupported, 5: ErrMemory},
	CUDA: {3: ErrMemory, 8: ErrUnsupported, 13: ErrDevice, 15: ErrUnsupported},
}

// checkBLAS makes an error of a code of the BLAS.
func (d *Driver) checkBLAS(s C.gpu_status) error {
	if s.code == 0 {
		return nil
	}
	code := int(s.code)
	name := statuses[d.kind][code]
	if name == "" {
		name = "unknown status"
	}

	return &CallError{Call: C.GoString(s.call), Code: code, Name: name, is: kinds[d.kind][code]}
}
