package checkup

import (
	"context"
	"path/filepath"
	"strings"
)

// Graphics is the set of libraries that the engine needs to compute on the
// cards of one maker.
type Graphics struct {
	Name      string
	Libraries []string // base names; a version may follow
	Folders   []string // where the maker's packages put them; may hold wildcards
	Mend      string
}

// AMD is what ROCm brings.
func AMD() Graphics {
	return Graphics{
		Name:      "graphics (AMD ROCm)",
		Libraries: []string{"libamdhip64.so", "librocblas.so", "libhiprtc.so"},
		Folders:   []string{"/opt/rocm/lib", "/opt/rocm-*/lib"},
		Mend:      "for an AMD card, install ROCm (packages rocm-hip-runtime and rocblas)",
	}
}

// NVIDIA is what the driver and the CUDA toolkit bring.
func NVIDIA() Graphics {
	return Graphics{
		Name:      "graphics (NVIDIA CUDA)",
		Libraries: []string{"libcuda.so", "libcublas.so", "libnvrtc.so"},
		Folders:   []string{"/usr/local/cuda/lib64", "/usr/local/cuda-*/lib64", "/usr/local/cuda/targets/*/lib"},
		Mend:      "for an NVIDIA card, install its driver and the CUDA libraries cublas and nvrtc",
	}
}

// Probe looks for the libraries by their files: below search, which is the
// value of LD_LIBRARY_PATH, in the system's folders and in the maker's. Without
// them the engine computes on the processor.
func (g Graphics) Probe(search string) Probe {
	return func(context.Context) Finding {
		folders := append(filepath.SplitList(search), g.Folders...)
		folders = append(folders, "/usr/lib/*-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib")
		var here, absent []string
		for _, library := range g.Libraries {
			if path := locate(library, folders); path != "" {
				here = append(here, path)
			} else {
				absent = append(absent, library)
			}
		}
		if len(absent) > 0 {
			return optional(missing(g.Name, "no "+strings.Join(absent, ", ")+": the engine computes on the processor", g.Mend))
		}
		return optional(found(g.Name, strings.Join(here, ", ")))
	}
}

// locate returns the first file in folders that is the library or a version of it.
func locate(library string, folders []string) string {
	for _, folder := range folders {
		matches, err := filepath.Glob(filepath.Join(folder, library+"*"))
		if err == nil && folder != "" && len(matches) > 0 {
			return matches[0]
		}
	}
	return ""
}
