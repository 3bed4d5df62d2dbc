package settings_test

import (
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/settings"
)

// A tag cannot name a constant: the defaults in the tags are compared with those of
// the service.
func TestDefaultsAreTheServices(t *testing.T) {
	t.Parallel()
	var cli struct {
		Train settings.Settings `embed:"" prefix:"train-"`
	}
	parser, err := kong.New(&cli)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(nil); err != nil {
		t.Fatal(err)
	}
	want := trainer.DefaultConfig()
	want.Model, want.SHA256, want.CreatedBy = "m", "s", "v"
	got := cli.Train.Config("m", "s", "v")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
}
