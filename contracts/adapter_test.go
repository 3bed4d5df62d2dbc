package contracts_test

import (
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

func TestVersionNumberReadsWhatVersionWrote(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{
		contracts.Version(1): 1, contracts.Version(120): 120,
		"lora-v0": 0, "lora-v-1": 0, "lora-v01": 0, "lora-v1x": 0, "lora-v": 0, "starter": 0, "": 0,
	} {
		if got, ok := contracts.VersionNumber(version); ok != (want > 0) || ok && got != want {
			t.Errorf("%q: %d, %t; want %d", version, got, ok, want)
		}
	}
}
