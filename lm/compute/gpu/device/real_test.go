//go:build linux

package device_test

import (
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/device"
)

// Whatever this machine has, it is listed, and a library without a card is no trouble.
func TestThisMachine(t *testing.T) {
	t.Parallel()
	report := list(t, device.Options{})
	for _, card := range report.Cards {
		t.Logf("%+v", card)
		if card.Name == "" || card.Architecture == "" || card.Memory == 0 {
			t.Errorf("%+v", card)
		}
	}
	for _, trouble := range report.Troubles {
		if trouble.Stage != "" {
			t.Errorf("a probe ended: %v", trouble)
		}
	}
}
