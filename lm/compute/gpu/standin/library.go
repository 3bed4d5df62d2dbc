//go:build linux

package standin

// The vendors' libraries and what else they want to find, by their names in the folder of Build.
const (
	HIP     = "libamdhip64.so.6"
	HIPRTC  = "libhiprtc.so.6"
	RocBLAS = "librocblas.so.4"
	CUDA    = "libcuda.so.1"
	NVRTC   = "libnvrtc.so.12"
	CuBLAS  = "libcublas.so.12"
	Tensile = "rocblas/library" // without it RocBLAS aborts the process

	engine      = "libstandin.so"              // what they have in common
	tensileName = "TensileLibrary_lazy_%s.dat" // of an architecture
)

// AMD returns what an installation of ROCm has.
func AMD() []string { return []string{HIP, HIPRTC, RocBLAS, Tensile} }

// NVIDIA returns what an installation of CUDA has.
func NVIDIA() []string { return []string{CUDA, NVRTC, CuBLAS} }

// archs are those that RocBLAS has kernels for.
var archs = []string{"gfx90a", "gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1201"}

// sources are what each library is made of.
var sources = map[string][]string{
	engine: {
		"fiber.cpp", "block.cpp", "diagnosis.cpp", "shared_memory.cpp", "lanes.cpp", "launch.cpp", "trap.cpp", "memory.cpp", "compiler.cpp",
		"module.cpp", "code.cpp", "settings.cpp", "entry.cpp", "runtime.cpp",
		"runtime_module.cpp", "runtime_stream.cpp", "rtc.cpp", "gemm.cpp", "card.cpp",
	},
	HIP:     {"hip_device.cpp", "hip_memory.cpp", "hip_module.cpp", "hip_stream.cpp"},
	HIPRTC:  {"hiprtc.cpp"},
	RocBLAS: {"rocblas.cpp"},
	CUDA:    {"cuda_device.cpp", "cuda_memory.cpp", "cuda_module.cpp", "cuda_stream.cpp"},
	NVRTC:   {"nvrtc.cpp"},
	CuBLAS:  {"cublas.cpp"},
}
