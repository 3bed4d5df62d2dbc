package registry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry"
)

// reported is a version with a report and a dataset beside its weights.
func (w *world) reported(n int) contracts.AdapterPublished {
	w.t.Helper()
	v := w.version(n)
	report, err := w.blobs.Put(w.t.Context(), "adapters/"+v.Version+"/"+contracts.ReportFile, []byte("{}"), "application/json")
	if err != nil {
		w.t.Fatal(err)
	}
	v.Files = append(v.Files, contracts.AdapterFile{Name: contracts.ReportFile, Blob: report})
	if v.Dataset, err = w.blobs.Put(w.t.Context(), "datasets/"+v.Version, []byte(v.Version), "application/gzip"); err != nil {
		w.t.Fatal(err)
	}
	return v
}

// served has n versions promoted one after the other.
func (w *world) served(n int) (want []string) {
	w.t.Helper()
	for i := range n {
		w.publish(w.reported(i + 1))
		want = append(want, contracts.Version(i+1)+" champion")
		if i > 0 {
			want[i-1] = contracts.Version(i) + " previous"
		}
		if i > 1 {
			want[i-2] = contracts.Version(i-1) + " published"
		}
		w.states(want...)
	}
	return want
}

func (w *world) collect(body string) (contracts.Collection, error) {
	w.t.Helper()
	return ask[contracts.Collection](w, contracts.SubjectRegistryCollect, body)
}

// would are the versions that a removal would take.
func (w *world) would(body string) string {
	w.t.Helper()
	c, err := w.collect(body)
	if err != nil || c.Removed {
		w.t.Fatalf("%+v, %v", c, err)
	}
	var names []string
	for _, v := range c.Versions {
		names = append(names, v.Version)
	}
	return strings.Join(names, " ")
}

// objects are the keys of what lies in S3.
func (w *world) objects(prefix string) string {
	w.t.Helper()
	list, err := w.blobs.List(w.t.Context(), prefix)
	if err != nil {
		w.t.Fatal(err)
	}
	var keys []string
	for _, o := range list {
		keys = append(keys, strings.TrimPrefix(o.Key, prefix))
	}
	return strings.Join(keys, " ")
}

func TestUnusedVersionsAreRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(options(nil))
	want := w.served(6)
	if got := w.would(""); got != "lora-v1" { // 6 and 5 are aliases, 4 to 2 the newest three that are not
		t.Errorf("without a number it would remove %q", got)
	}
	c, err := w.collect(`{"keep": 1}`)
	if err != nil || c.Removed || len(c.Versions) != 3 || c.Versions[0].Files != 1 || c.Versions[0].Bytes != int64(len("lora-v1")) || c.Bytes != 3*int64(len("lora-v1")) || len(c.Kept) != 3 {
		t.Fatalf("%+v, %v", c, err)
	}
	w.states(want...) // asking changes nothing
	c, err = w.collect(`{"keep": 1, "remove": ["lora-v1", "lora-v3"], "by": "anna", "why": "no space"}`)
	if err != nil || !c.Removed || len(c.Versions) != 2 || c.Bytes != 2*int64(len("lora-v1")) {
		t.Fatalf("%+v, %v", c, err)
	}
	want[0], want[2] = "lora-v1 removed", "lora-v3 removed"
	list := w.states(want...)
	if a := list.Adapters[2]; a.Why != "no space" || a.Before != contracts.AdapterPublishedState || len(a.Files) != 2 {
		t.Errorf("%+v", a)
	}
	if event := w.decided(contracts.AdapterVerbRemoved, 2); event.Version != "lora-v3" || event.By != "anna" || event.Champion != "lora-v6" || event.Why != "no space" {
		t.Errorf("%+v", event)
	}
	// What explains the version stays.
	if got := w.objects("adapters/lora-v3/"); got != contracts.ReportFile {
		t.Errorf("of its files %q are left", got)
	}
	if got := w.objects("datasets/"); strings.Count(got, "lora") != 6 {
		t.Errorf("of the datasets %q are left", got)
	}
	for subject, body := range map[string]string{
		contracts.SubjectRegistryPromote: "lora-v3", contracts.SubjectRegistryCanary: "lora-v3", contracts.SubjectRegistryResolve: "lora-v3",
		contracts.SubjectRegistryProtect: "lora-v3",
	} {
		if _, err := ask[json.RawMessage](w, subject, body); err == nil || !strings.Contains(err.Error(), "409") || !strings.Contains(err.Error(), "were removed: no space") {
			t.Errorf("%s: %v", subject, err)
		}
	}
	// Its event comes again, and its files with it, as after a restart of the trainer: it stays removed.
	w.publish(w.reported(3))
	w.publish(w.reported(7))
	want[4], want[5] = "lora-v5 published", "lora-v6 previous"
	w.states(append(want, "lora-v7 champion")...)
}

func TestWhatIsUsedIsNotRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := starterFolder(t, "one")
	stop := w.run(options(func(o *registry.Options) { o.Starter = folder }))
	w.publishEach(5)
	stop()
	w.run(comparing(func(o *registry.Options) { o.Starter = folder }))
	w.publish(w.reported(6))
	w.states("starter published", "lora-v1 published", "lora-v2 published", "lora-v3 published", "lora-v4 previous", "lora-v5 champion", "lora-v6 challenger")
	jobs, err := w.bus.KV(t.Context(), contracts.BucketJobs)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range []contracts.JobState{
		{JobID: "runs", Parent: "lora-v2", Phase: contracts.JobTraining}, {JobID: "ended", Parent: "lora-v3", Phase: contracts.JobFailed},
	} {
		body, err := json.Marshal(j)
		if err == nil {
			_, err = jobs.Put(t.Context(), j.JobID, body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	a, err := ask[contracts.Adapter](w, contracts.SubjectRegistryProtect, `{"version": "lora-v1", "by": "anna", "why": "it knows my mail"}`)
	if err != nil || a.Protected == nil || a.Protected.By != "anna" || a.Protected.Why != "it knows my mail" {
		t.Fatalf("%+v, %v", a.Protected, err)
	}
	if event := w.decided(contracts.AdapterVerbProtected, 1); event.Version != "lora-v1" || event.By != "anna" || event.Experiment != "" || event.Champion != "lora-v5" {
		t.Errorf("%+v", event)
	}
	const none = `{"keep": 0}`
	if got := w.would(none); got != "lora-v3" {
		t.Errorf("it would remove %q", got)
	}
	c, err := w.collect(none)
	if err != nil {
		t.Fatal(err)
	}
	reasons := fmt.Sprint(c.Kept)
	for _, why := range []string{
		"starter it came with", "lora-v1 it is protected by anna", "lora-v2 the training runs begins", "lora-v4 a rollback", "lora-v5 it is the champion", "lora-v6 it is the challenger",
	} {
		if !strings.Contains(reasons, why) {
			t.Errorf("%q is not in %s", why, reasons)
		}
	}
	// One of them makes that nothing is removed.
	for _, version := range []string{"lora-v1", "lora-v2", "lora-v4", "lora-v5", "lora-v6", "starter", "lora-v9"} {
		_, err := w.collect(`{"keep": 0, "remove": ["lora-v3", "` + version + `"]}`)
		if err == nil || !strings.Contains(err.Error(), "nothing was removed") {
			t.Errorf("%s: %v", version, err)
		}
	}
	if got := w.objects("adapters/lora-v3/"); !strings.Contains(got, "weights") {
		t.Errorf("of its files %q are left", got)
	}
	// A protection does not move the experiment, and ends when it is taken back.
	if s := w.experiment(""); s.Experiment.Decision != nil || w.list().Aliases.Challenger != "lora-v6" {
		t.Errorf("%+v", s.Experiment)
	}
	for range 2 { // the second time there is nothing to do
		if a, err := ask[contracts.Adapter](w, contracts.SubjectRegistryUnprotect, "lora-v1"); err != nil || a.Protected != nil {
			t.Fatalf("%+v, %v", a.Protected, err)
		}
	}
	if got := w.would(none); got != "lora-v1 lora-v3" {
		t.Errorf("it would remove %q", got)
	}
	for _, c := range []struct{ subject, body, want string }{
		{contracts.SubjectRegistryProtect, "", "400"}, {contracts.SubjectRegistryProtect, "lora-v9", "404"},
		{contracts.SubjectRegistryCollect, "{", "400"}, {contracts.SubjectRegistryCollect, `{"keep": -1}`, "400"},
	} {
		if _, err := ask[json.RawMessage](w, c.subject, c.body); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s %q: %v", c.subject, c.body, err)
		}
	}
}

// publishEach has n versions promoted one after the other, beside a starter.
func (w *world) publishEach(n int) {
	w.t.Helper()
	for i := range n {
		w.publish(w.reported(i + 1))
		w.champion(contracts.Version(i + 1))
	}
}

// A file that another version names, or that lies outside of the version's folder, is not removed with it.
func TestAFileOfAnotherVersionStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(options(nil))
	first, second := w.reported(1), w.reported(2)
	second.Files = append(second.Files, contracts.AdapterFile{Name: "shared", Blob: first.Files[0].Blob})
	first.Files = append(first.Files, contracts.AdapterFile{Name: "foreign", Blob: second.Dataset})
	for _, v := range []contracts.AdapterPublished{first, second, w.reported(3)} {
		w.publish(v)
		w.champion(v.Version)
	}
	if _, err := w.collect(`{"keep": 0, "remove": ["lora-v1"]}`); err != nil {
		t.Fatal(err)
	}
	if got := w.objects(""); !strings.Contains(got, "adapters/lora-v1/weights") || !strings.Contains(got, "datasets/lora-v2") {
		t.Errorf("there are %s", got)
	}
}

// The registry ends between each two writes of a removal: the next one finishes it, its event is
// stored once, and the files that are left are named and taken.
func TestEndsInTheMiddleOfARemoval(t *testing.T) {
	t.Parallel()
	for _, moment := range []registry.Moment{registry.AfterAliases, registry.AfterEvent} {
		t.Run(string(moment), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			stop := w.run(options(nil))
			w.served(3)
			stop()
			var armed atomic.Bool
			stop = w.run(options(func(o *registry.Options) {
				o.Hook = func(m registry.Moment, _ string) error {
					if m == moment && armed.Load() {
						return errors.New("the power is gone")
					}
					return nil
				}
			}))
			armed.Store(true)
			if _, err := w.collect(`{"keep": 0, "remove": ["lora-v1"]}`); err == nil || !strings.Contains(err.Error(), "the power is gone") {
				t.Fatal(err)
			}
			stop()
			w.run(options(nil))
			w.states("lora-v1 removed", "lora-v2 previous", "lora-v3 champion")
			if _, err := ask[contracts.Aliases](w, contracts.SubjectRegistryPromote, "lora-v1"); err == nil {
				t.Error("it was promoted")
			}
			c, err := w.collect(`{"keep": 0}`)
			if err != nil || len(c.Versions) != 1 || c.Versions[0].State != contracts.AdapterRemoved || c.Versions[0].Files != 1 {
				t.Fatalf("%+v, %v", c, err)
			}
			if _, err := w.collect(`{"keep": 0, "remove": ["lora-v1"]}`); err != nil {
				t.Fatal(err)
			}
			if got := w.objects("adapters/lora-v1/"); got != contracts.ReportFile || w.would(`{"keep": 0}`) != "" {
				t.Errorf("of its files %q are left", got)
			}
			stream, err := w.bus.JetStream().Stream(t.Context(), contracts.StreamAdapters)
			if err != nil {
				t.Fatal(err)
			}
			info, err := stream.Info(t.Context())
			if err != nil || info.State.Msgs != 7 { // three published, three promoted, one removed
				t.Errorf("%d events are stored, want 7; %v", info.State.Msgs, err)
			}
		})
	}
}

// While a removal is under way the version cannot be promoted, nor removed while a promotion is:
// whatever is in the aliases holds, although the records do not say so yet.
func TestAPromotionAndARemovalAtOnce(t *testing.T) {
	t.Parallel()
	const removal, promotion = `{"keep": 0, "remove": ["lora-v1"]}`, "lora-v1"
	for name, c := range map[string]struct{ first, body, then, thenBody, want string }{
		"removed first":  {contracts.SubjectRegistryCollect, removal, contracts.SubjectRegistryPromote, promotion, "were removed"},
		"promoted first": {contracts.SubjectRegistryPromote, promotion, contracts.SubjectRegistryCollect, removal, "it is the champion"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			stop := w.run(options(nil))
			w.served(3)
			stop()
			armed, written, goOn := atomic.Bool{}, make(chan struct{}), make(chan struct{})
			w.run(options(func(o *registry.Options) {
				o.Hook = func(m registry.Moment, _ string) error {
					if m == registry.AfterAliases && armed.Swap(false) {
						close(written)
						<-goOn
					}
					return nil
				}
			}))
			armed.Store(true)
			first := make(chan error)
			go func() {
				_, err := ask[json.RawMessage](w, c.first, c.body)
				first <- err
			}()
			<-written
			if _, err := ask[json.RawMessage](w, c.then, c.thenBody); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			close(goOn)
			if err := <-first; err != nil {
				t.Error(err)
			}
			champion := w.list().Aliases.Champion == "lora-v1"
			if there := strings.Contains(w.objects("adapters/lora-v1/"), "weights"); there != champion {
				t.Errorf("it is the champion: %v, its files are there: %v", champion, there)
			}
		})
	}
}

// A protection comes after a decision whose records are not written yet: they are.
func TestAProtectionAfterWhatWasNotFinished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var armed atomic.Bool
	hit := make(chan struct{}, 1)
	w.run(comparing(func(o *registry.Options) {
		o.Hook = func(m registry.Moment, _ string) error {
			if m != registry.AfterEvent || !armed.Load() {
				return nil
			}
			select {
			case hit <- struct{}{}:
			default:
			}
			return errors.New("the power is gone")
		}
	}))
	w.publish(w.version(1))
	w.states("lora-v1 champion")
	armed.Store(true)
	w.publish(w.version(2))
	<-hit // the challenger's event is stored, its experiment is not on record
	if _, err := ask[contracts.Adapter](w, contracts.SubjectRegistryProtect, "lora-v1"); err == nil || !strings.Contains(err.Error(), "the power is gone") {
		t.Fatal(err)
	}
	list, err := ask[contracts.ExperimentList](w, contracts.SubjectRegistryExperiments, "")
	if err != nil || len(list.Experiments) != 1 || list.Experiments[0].Challenger != "lora-v2" {
		t.Errorf("%+v, %v", list, err)
	}
	w.states("lora-v1 champion", "lora-v2 challenger")
}
