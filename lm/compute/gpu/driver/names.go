package driver

import (
	"fmt"
	"runtime"
)

// runtimeNames are the files of the runtimes, the newest first.
var runtimeNames = func() map[Kind][]string {
	if runtime.GOOS == "windows" {
		return map[Kind][]string{HIP: {"amdhip64_7.dll", "amdhip64_6.dll", "amdhip64.dll"}, CUDA: {"nvcuda.dll"}}
	}

	return map[Kind][]string{
		HIP:  {"libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so.5", "libamdhip64.so"},
		CUDA: {"libcuda.so.1", "libcuda.so"},
	}
}()

// compilerNames returns the files that hold a compiler for the runtime: of its own major version, for two in one process that differ share
// symbols. CUDA's driver takes what older compilers make.
func (d *Driver) compilerNames() []string {
	windows, major := runtime.GOOS == "windows", d.major()
	switch {
	case d.kind == HIP && windows:
		minor := d.version / 1e5 % 100
		return []string{fmt.Sprintf("hiprtc%02d%02d.dll", major, minor), "hiprtc.dll"}
	case d.kind == HIP:
		return []string{fmt.Sprintf("libhiprtc.so.%d", major), "libhiprtc.so"}
	}

	return cudaNames(major, map[int]string{13: "libnvrtc.so.13", 12: "libnvrtc.so.12", 11: "libnvrtc.so.11.2"},
		map[int]string{13: "nvrtc64_130_0.dll", 12: "nvrtc64_120_0.dll", 11: "nvrtc64_112_0.dll"})
}

// blasNames returns the files that hold a BLAS for the runtime.
func (d *Driver) blasNames() []string {
	windows, major := runtime.GOOS == "windows", d.major()
	switch {
	case d.kind == HIP && windows:
		return []string{"rocblas.dll", "librocblas.dll"}
	case d.kind == HIP && major <= 5:
		return []string{"librocblas.so.3", "librocblas.so.0"}
	case d.kind == HIP: // 6 has .so.4, 7 has .so.5
		return []string{fmt.Sprintf("librocblas.so.%d", major-2)}
	}

	return cudaNames(major, map[int]string{13: "libcublas.so.13", 12: "libcublas.so.12", 11: "libcublas.so.11"},
		map[int]string{13: "cublas64_13.dll", 12: "cublas64_12.dll", 11: "cublas64_11.dll"})
}

// cudaNames returns the names for the driver's version and older ones; 0 stands for no driver, which any compiler is good for.
func cudaNames(major int, linux, windows map[int]string) []string {
	names := linux
	if runtime.GOOS == "windows" {
		names = windows
	}
	var files []string
	for version := 13; version >= 11; version-- {
		if major == 0 || version <= major {
			files = append(files, names[version])
		}
	}

	return files
}

func (d *Driver) called(which library) string {
	return [2][3]string{
		{"AMD's HIP runtime", "AMD's run-time compiler hipRTC", "AMD's rocBLAS"},
		{"NVIDIA's driver", "NVIDIA's run-time compiler NVRTC", "NVIDIA's cuBLAS"},
	}[d.kind][which]
}

// install returns what a person does to get a library.
func (d *Driver) install(which library) string {
	windows := runtime.GOOS == "windows"
	switch {
	case d.kind == HIP && windows:
		return "Install AMD's graphics driver and the HIP SDK for Windows (version 6 or newer), then open a new window."
	case d.kind == HIP:
		packages := [3]string{"hip-runtime-amd", "hip-runtime-amd", "rocblas"}[which]
		return fmt.Sprintf("On Debian or Ubuntu add AMD's package source for ROCm 6 or 7 and run: sudo apt install %s; "+
			"where ROCm is in another folder, set ROCM_PATH to it.", packages)
	case which == runtimeLibrary && windows:
		return "Install NVIDIA's graphics driver for Windows, then start the computer anew."
	case which == runtimeLibrary:
		return "Install NVIDIA's driver (Debian: sudo apt install nvidia-driver from non-free; Ubuntu: sudo ubuntu-drivers install), then start the computer anew."
	}
	version := "12"
	if d.major() >= 13 {
		version = "13"
	}
	pip := map[library]map[string]string{
		compilerLibrary: {"12": "nvidia-cuda-nvrtc-cu12", "13": "nvidia-cuda-nvrtc"},
		blasLibrary:     {"12": "nvidia-cublas-cu12", "13": "nvidia-cublas"},
	}[which][version]

	return fmt.Sprintf("Install NVIDIA's CUDA toolkit %s (on Debian and Ubuntu: sudo apt install nvidia-cuda-toolkit) or run: pip install --user %s; "+
		"where CUDA is in another folder, set CUDA_PATH to it.", version, pip)
}
