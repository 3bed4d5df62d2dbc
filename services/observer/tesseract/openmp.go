package tesseract

// #cgo LDFLAGS: -lgomp
// extern void omp_set_max_active_levels(int);
import "C"

// singleThreaded makes OpenMP run everything on the calling thread. Its
// thread limit can be set by the environment only, before the process starts;
// with no parallel level allowed every parallel region has one thread (OpenMP
// 5.0, section 2.5.2). The setting belongs to this thread.
func singleThreaded() { C.omp_set_max_active_levels(0) }
