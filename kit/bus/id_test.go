package bus_test

import (
	"slices"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

func TestNewIDIsUniqueValidAndSortsByAge(t *testing.T) {
	t.Parallel()
	var ids []string
	seen := map[string]bool{}
	for range 5 {
		for range 100 {
			id := bus.NewID()
			if len(id) != 26 || !contracts.ValidToken(id) || seen[id] {
				t.Fatalf("id %q is not new, or cannot stand in a subject", id)
			}
			seen[id] = true
		}
		ids = append(ids, bus.NewID())
		<-time.After(2 * time.Millisecond) // ids of the same millisecond have no order
	}
	if !slices.IsSorted(ids) {
		t.Errorf("%v do not sort by age", ids)
	}
}
