package cpu

import (
	"os"
	"path/filepath"
	"runtime"
)

// cores returns how many physical cores the process may use: two hardware threads of one core share
// the vector units, so matrix products gain nothing from the second. GOMAXPROCS knows the affinity
// mask and the container's quota.
func cores() int {
	available := runtime.GOMAXPROCS(0)

	// Each file lists the hardware threads of the core that the CPU belongs to.
	files, err := filepath.Glob("/sys/devices/system/cpu/cpu[0-9]*/topology/thread_siblings_list")
	if err != nil {
		return available
	}

	physical := make(map[string]bool)

	for _, file := range files {
		if siblings, err := os.ReadFile(file); err == nil {
			physical[string(siblings)] = true
		}
	}

	if len(physical) == 0 {
		return available
	}

	return min(available, len(physical))
}
