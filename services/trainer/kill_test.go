package trainer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/services/trainer"
)

// start runs a trainer in a process of its own.
func (w *world) start(killAt trainer.Moment) (cmd *exec.Cmd, said *bytes.Buffer) {
	w.t.Helper()
	setting, err := json.Marshal(victim{NATS: w.nats.URL(), S3: w.s3.Endpoint(), Data: w.data, Config: w.config, KillAt: killAt})
	if err != nil {
		w.t.Fatal(err)
	}
	said = &bytes.Buffer{}
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimVariable+"="+string(setting))
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	return cmd, said
}

// The trainer is killed at each moment of a job. The next one goes on from there: one
// version appears, its event comes once, and its files are those that it names.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, moment := range trainer.Moments() {
		t.Run(string(moment), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fail(true)
			first, said := w.start(moment)
			err := first.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("it was not killed but ended with %v: %s", err, said)
			}
			second, said := w.start("")
			completed := w.until(contracts.StreamTraining, "training.completed.*")
			w.untilRecorded(contracts.JobCompleted)
			if err := second.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			if err := second.Wait(); err != nil {
				t.Errorf("the second ended with %v: %s", err, said)
			}
			trained := w.events(contracts.StreamTraining)
			if count(trained, "training.completed.") != 1 || count(trained, "training.started.") != 1 || count(trained, "training.failed.") != 0 {
				t.Errorf("the training's events are %v", trained)
			}
			if versions := w.events(contracts.StreamAdapters); len(versions) != 1 {
				t.Fatalf("the versions are %v", versions)
			}
			published := decode[contracts.AdapterPublished](t, w.until(contracts.StreamAdapters, "adapter.published.*.*"))
			if v := decode[contracts.TrainingEnded](t, completed).Version; v != "lora-v1" || published.Version != v || published.HeldOutLoss <= 0 || published.ParentLoss <= 0 {
				t.Errorf("completed %s, published %+v", v, published)
			}
			w.load(published)
			if _, err := os.Stat(jobFolder(w.data, published.JobID)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the job's folder is still there: %v", err)
			}
		})
	}
}

// load has the engine load a published version.
func (w *world) load(a contracts.AdapterPublished) {
	w.t.Helper()
	folder := w.t.TempDir()
	names := map[string]bool{}
	for _, f := range a.Files {
		names[f.Name] = true
		if err := w.blobs.Download(w.t.Context(), f.Blob, folder+"/"+f.Name); err != nil {
			w.t.Error(err)
		}
	}
	for _, name := range []string{"adapter_config.json", "adapter_model.safetensors", "tokenizer_config.json", "metadata.json"} {
		if !names[name] {
			w.t.Errorf("%s is not among the files %v", name, names)
		}
	}
	engine, err := lm.Open(w.t.Context(), w.config.Model, lm.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer engine.Close()
	meta, err := engine.LoadAdapter(a.Version, folder, a.SHA256)
	if err != nil {
		w.t.Error(err)
	}
	if meta.BaseSHA256 != a.BaseSHA256 {
		w.t.Errorf("its metadata names the base %s, the event %s", meta.BaseSHA256, a.BaseSHA256)
	}
}
