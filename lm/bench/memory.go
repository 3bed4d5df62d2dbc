package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
)

// peak is the greatest resident memory of this process so far.
type peak struct {
	before float64 // when it was reset; 0 when it could not be
	reset  bool
}

// resetPeak notes the greatest resident memory so far and has the kernel count anew,
// where the kernel can (proc(5), /proc/pid/clear_refs).
func resetPeak() peak {
	before, err := peakMemory()
	if err != nil {
		return peak{}
	}
	err = os.WriteFile("/proc/self/clear_refs", []byte("5\n"), 0o600)
	return peak{before: before, reset: err == nil}
}

// into sets the greatest memory since the reset, and that of the whole process.
func (p peak) into(values map[Metric]float64) error {
	since, err := peakMemory()
	if err != nil {
		return err
	}
	values[TrainMemory] = max(p.before, since)
	values[TrainingPeak] = since
	return nil
}

// peakMemory returns VmHWM of proc(5) in 10^6 bytes. It starts anew with each
// program, unlike getrusage's, which a child inherits.
func peakMemory() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("greatest resident memory: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kib := 0.0
			if _, err := fmt.Sscanf(value, "%f kB", &kib); err != nil {
				return 0, fmt.Errorf("greatest resident memory: %q: %w", value, err)
			}
			return kib * 1024 / 1e6, nil
		}
	}
	return 0, fmt.Errorf("greatest resident memory: /proc/self/status has no VmHWM")
}
