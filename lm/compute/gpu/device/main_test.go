package device_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/lm/compute/gpu/device"
)

// The test's program is the one that probes, as a main function would have it.
func TestMain(m *testing.M) {
	if device.IsProbe() {
		os.Exit(device.Probe())
	}
	goleak.VerifyTestMain(m)
}
