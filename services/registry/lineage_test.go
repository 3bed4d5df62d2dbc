package registry_test

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

func TestLineage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := starterFolder(t, "one")
	o := options(nil)
	o.Starter = folder
	w.run(o)
	want := []string{"starter champion"}
	for n, parent := range []string{"starter", "lora-v1", "", "lora-v2", "lora-v6"} {
		v := w.version(n + 1)
		v.Parent, v.JobID, v.Sessions = parent, "job", []string{"s"}
		report, err := w.blobs.Put(t.Context(), "adapters/"+v.Version+"/report.json", []byte(v.Version), "application/json")
		if err != nil {
			t.Fatal(err)
		}
		v.Files = append(v.Files, contracts.AdapterFile{Name: contracts.ReportFile, Blob: report})
		v.Dataset = contracts.Blob{Key: "datasets/" + v.Version}
		w.publish(v)
		want = append(want, v.Version+" champion")
		want[n] = strings.Fields(want[n])[0] + " previous"
		if n > 0 {
			want[n-1] = strings.Fields(want[n-1])[0] + " published"
		}
		w.states(want...)
	}
	for version, want := range map[string]struct{ steps, children string }{
		"lora-v4": {"lora-v4 lora-v2 lora-v1 starter", ""}, "lora-v2": {"lora-v2 lora-v1 starter", "lora-v4"},
		"lora-v3": {"lora-v3", ""}, "starter": {"starter", "lora-v1"}, "": {"lora-v5", ""},
	} {
		got, err := ask[contracts.AdapterLineage](w, contracts.SubjectRegistryLineage, version)
		if err != nil {
			t.Fatal(err)
		}
		var steps []string
		for _, s := range got.Steps {
			steps = append(steps, s.Version)
		}
		if strings.Join(steps, " ") != want.steps || strings.Join(got.Children, " ") != want.children || got.Children == nil {
			t.Errorf("%q: %v, children %v; want %+v", version, steps, got.Children, want)
		}
		if first := got.Steps[0]; version == "lora-v4" && (first.Parent != "lora-v2" || first.JobID != "job" || first.Dataset.Key != "datasets/lora-v4" ||
			first.Report.Key != "adapters/lora-v4/report.json" || first.Sessions != 1) {
			t.Errorf("%+v", first)
		}
	}
	if _, err := ask[contracts.AdapterLineage](w, contracts.SubjectRegistryLineage, "lora-v9"); err == nil || !strings.HasPrefix(err.Error(), "404") {
		t.Errorf("%v", err)
	}
}
