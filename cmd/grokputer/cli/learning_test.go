package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/grokputer/grokputer/cmd/grokputer/cli"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/trainer"
)

// serve answers a subject as a micro service does: with v, or with its error.
func serve(t *testing.T, b *bus.Bus, subject string, answer func(contracts.AdapterQuery) (v any, code string)) {
	t.Helper()
	s, err := b.Conn().Subscribe(subject, func(m *nats.Msg) {
		v, code := answer(decode[contracts.AdapterQuery](t, string(m.Data)))
		reply := nats.NewMsg(m.Reply)
		if code != "" {
			reply.Header.Set(micro.ErrorCodeHeader, code)
			reply.Header.Set(micro.ErrorHeader, fmt.Sprint(v))
		} else if body, err := json.Marshal(v); err == nil {
			reply.Data = body
		}
		if err := m.RespondMsg(reply); err != nil {
			t.Error(err)
		}
	})
	if err == nil {
		err = b.Conn().Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Unsubscribe() })
}

// measured is a gate's report.
const measured = `{"version": "lora-v1", "champion": "starter", "sets": [{"name": "corrections", "both": 10, "gained": 6, "lost": 1, "neither": 3}],
	"verdict": {"outcome": "passed", "why": ["on 20 corrected steps it is better"]},
	"search": {"seconds": 61, "chosen": 1, "trials": [{"learning_rate": 2e-4, "out": "given up"},
		{"learning_rate": 4e-4, "rounds": [{"step": 30, "held_out": 0.25}]}]}}`

// registry serves one version with its files and its dataset, and the flags with
// which the program finds it all.
func registry(t *testing.T) (a contracts.Adapter, flags []string) {
	t.Helper()
	_, a, flags = registryAnd(t)
	return a, flags
}

// registryAnd is registry, and the bus that it is on.
func registryAnd(t *testing.T) (b *bus.Bus, a contracts.Adapter, flags []string) {
	t.Helper()
	b, flags = server(t)
	s3 := kittest.BlobServer(t)
	store, err := blob.Open(t.Context(), blob.Options{Endpoint: s3.Endpoint(), AccessKey: kittest.AccessKey, SecretKey: kittest.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	a = contracts.Adapter{AdapterPublished: contracts.AdapterPublished{
		Role: contracts.RolePlanner, Version: "lora-v1", Parent: "starter", JobID: "auto-5", Steps: 60, Loss: 0.5,
		HeldOutLoss: 0.25, ParentLoss: 1.5, Seconds: 100, Sessions: []string{"s1"}, Time: time.Now(),
	}, State: contracts.AdapterChampion, Why: "it does better"}
	for _, f := range [][2]string{{"report.json", measured}, {"adapter_config.json", "adapter_config.json"}, {"adapter_model.safetensors", "adapter_model.safetensors"}} {
		pointer, err := store.Put(t.Context(), "adapters/lora-v1/"+f[0], []byte(f[1]), "application/octet-stream")
		if err != nil {
			t.Fatal(err)
		}
		a.Files = append(a.Files, contracts.AdapterFile{Name: f[0], Blob: pointer})
		a.SHA256 = pointer.SHA256
	}
	if a.Dataset, err = store.Put(t.Context(), "datasets/d", taught(t), "application/gzip"); err != nil {
		t.Fatal(err)
	}
	serve(t, b, contracts.SubjectRegistryList, func(contracts.AdapterQuery) (any, string) {
		return contracts.AdapterList{Aliases: contracts.Aliases{Champion: "lora-v1", Previous: "starter"}, Adapters: []contracts.Adapter{a}}, ""
	})
	serve(t, b, contracts.SubjectRegistryLineage, func(q contracts.AdapterQuery) (any, string) {
		return contracts.AdapterLineage{
			Steps:    []contracts.LineageStep{{Version: q.Version, Parent: "starter", JobID: "auto-5"}, {Version: "starter"}},
			Children: []string{"lora-v2"},
		}, ""
	})
	serve(t, b, contracts.SubjectRegistryFigures, func(contracts.AdapterQuery) (any, string) {
		return contracts.Figures{Versions: []contracts.AdapterFigures{{
			Version: "lora-v1", Parent: "starter", Sessions: 3,
			Stars: contracts.Estimate{N: 2, Value: 4.5, Low: 2, High: 5}, StarsGain: contracts.Estimate{N: 2, Value: 0.25, Low: -1, High: 1.5},
		}}}, ""
	})
	serve(t, b, contracts.SubjectRegistryGet, func(q contracts.AdapterQuery) (any, string) {
		switch q.Version {
		case "lora-v1":
			return a, ""
		case "evil":
			evil := a
			evil.Version, evil.Files = "evil", []contracts.AdapterFile{{Name: "../x", Blob: a.Files[0].Blob}}
			return evil, ""
		case "torn":
			torn := a
			torn.Version, torn.Files = "torn", []contracts.AdapterFile{a.Files[0]}
			torn.Files[0].Blob.SHA256 = strings.Repeat("0", 64)
			return torn, ""
		case "starter":
			return contracts.Adapter{AdapterPublished: contracts.AdapterPublished{Version: "starter"}}, ""
		default:
			return "there is no such adapter", contracts.MicroNotFound
		}
	})
	serve(t, b, contracts.SubjectRegistryPromote, func(q contracts.AdapterQuery) (any, string) {
		if q.Version != "lora-v1" || q.By == "" || q.Why != "better" {
			return "there is no such adapter", contracts.MicroNotFound
		}
		return contracts.Aliases{Champion: "lora-v1", Previous: "starter"}, ""
	})
	serve(t, b, contracts.SubjectRegistryRollback, func(contracts.AdapterQuery) (any, string) {
		return "there is no version before", contracts.MicroConflict
	})
	return b, a, append(flags, "--s3-endpoint", s3.Endpoint(), "--s3-access-key", kittest.AccessKey, "--s3-secret-key", kittest.SecretKey)
}

// taught is a dataset with a corrected step in two variants, and a replayed one.
func taught(t *testing.T) []byte {
	t.Helper()
	wrong, right := action.Action{Verb: action.Wait, N: 5}, action.Action{Verb: action.Done}
	lesson := trainer.Example{
		Kind: trainer.KindLesson, State: prompt.State{Task: "stop\nnow"}, Right: right, Wrong: &wrong,
		Source: &trainer.Source{
			SessionID: "s1", TaskID: "t1", Step: 2, Rating: 1, Said: wrong, FeedbackID: "f1", Sequence: 17,
			Rated: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC), Basis: "correction", Reason: "the person said so", Weight: 0.5,
		},
	}
	varied, held := lesson, lesson
	varied.Varied, held.HeldOut = true, true
	file := filepath.Join(t.TempDir(), "dataset")
	if err := trainer.WriteExamples(file, []trainer.Example{{Kind: "write", Right: right}, lesson, varied, held}); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestAdapters(t *testing.T) {
	t.Parallel()
	a, flags := registry(t)
	call := func(args ...string) []string { return append(args, flags...) }
	if out := ok(t, call("adapters")...); !strings.Contains(out, "lora-v1") || !strings.Contains(out, "champion") ||
		!strings.Contains(out, "4.50 (2.00 to 5.00)") || !strings.Contains(out, "+0.25 (-1.00 to +1.50)") ||
		!strings.Contains(out, "planned with lora-v1; a rollback goes back to starter") {
		t.Errorf("adapters:\n%s", out)
	}
	if list := decode[contracts.AdapterList](t, ok(t, call("adapters", "list", "--json")...)); len(list.Adapters) != 1 {
		t.Errorf("adapters --json: %+v", list)
	}
	if out := ok(t, call("adapters", "show", "lora-v1")...); !strings.Contains(out, "champion: it does better") ||
		!strings.Contains(out, "60 steps in 1m40s, loss 0.5000; on steps that it was not trained on 0.2500, its parent 1.5000") {
		t.Errorf("adapters show:\n%s", out)
	}
	if got := decode[contracts.Adapter](t, ok(t, call("adapters", "show", "lora-v1", "--json")...)); got.SHA256 != a.SHA256 {
		t.Errorf("adapters show --json: %+v", got)
	}
	fails(t, 1, `there is no adapter "lora-v9"`, call("adapters", "show", "lora-v9")...)
	if out := ok(t, call("adapters", "promote", "lora-v1", "--why", "better")...); !strings.Contains(out, "planned with lora-v1") {
		t.Errorf("adapters promote:\n%s", out)
	}
	fails(t, 1, "`grokputer adapters` lists what there is", call("adapters", "promote", "lora-v9")...)
	fails(t, 1, "there is no version before", call("adapters", "rollback")...)
}

func TestAdaptersDownload(t *testing.T) {
	t.Parallel()
	_, flags := registry(t)
	folder := filepath.Join(t.TempDir(), "mine")
	get := func(version string) []string {
		return append([]string{"adapters", "download", version, "-o", folder}, flags...)
	}
	for version, says := range map[string]string{
		"evil": "is not the name of a file", "starter": "names no files", "torn": "download torn", "lora-v9": "there is no adapter",
	} {
		fails(t, 1, says, get(version)...)
	}
	if left, err := os.ReadDir(filepath.Dir(folder)); err != nil || len(left) != 0 {
		t.Errorf("failed downloads left %v, %v", left, err)
	}
	if out := ok(t, get("lora-v1")...); out != folder+"\n" {
		t.Errorf("download:\n%s", out)
	}
	if body, err := os.ReadFile(filepath.Join(folder, "adapter_model.safetensors")); err != nil || string(body) != "adapter_model.safetensors" {
		t.Errorf("the file is %q, %v", body, err)
	}
	fails(t, 1, "is there already", get("lora-v1")...)
}

func TestTrainExplain(t *testing.T) {
	t.Parallel()
	_, flags := registry(t)
	explain := func(args ...string) []string { return append(append([]string{"train", "explain"}, args...), flags...) }
	out := ok(t, explain("lora-v1")...)
	lesson := `2. When asked to "stop\\nnow" it did: wait 5. You said that this would have been right: done. (step 2 of s1, 1 variant)`
	for _, want := range []string{"trained from starter: 60 steps", "in a search for its settings, 1 of 2 settings were compared in 1m1s: learning rate 0.0004 went on", lesson, "1 example of the starter's", "only measured with: 1 example"} {
		if !strings.Contains(out, want) {
			t.Errorf("explain lacks %q:\n%s", want, out)
		}
	}
	got := decode[map[string]any](t, ok(t, explain("lora-v1", "--json")...))
	if lessons := got["lessons"].([]any); len(lessons) != 1 || got["replay"] != 1.0 {
		t.Errorf("explain --json: %v", got)
	}
	out = ok(t, explain("lora-v1", "--example", "3")...)
	for _, want := range []string{
		"example 3 of 4 that lora-v1 was trained on: lesson, a variant made by rules", `  | Task: stop\nnow`, "did      wait 5", "right    done",
		"step 2 of s1 (task t1), rated with 1 star", "said by  the user (correction): the person said so; 50 % sure",
		"when     2026-11-30", "in the rating f1: event 17 of the stream FEEDBACK",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("explain --example lacks %q:\n%s", want, out)
		}
	}
	one := decode[contracts.ExplainedExample](t, ok(t, explain("lora-v1", "--example", "4", "--json")...))
	if !one.HeldOut || one.Sequence != 17 || one.Said != "wait 5" || one.Right != "done" || one.State.Task != "stop\nnow" {
		t.Errorf("explain --example --json: %+v", one)
	}
	if out := ok(t, explain("lora-v1", "--example", "1")...); !strings.Contains(out, "nobody's session") {
		t.Errorf("explain of a starter's example:\n%s", out)
	}
	fails(t, 1, "they are numbered from 1 to 4", explain("lora-v1", "--example", "5")...)
	fails(t, 1, "was not trained here", explain("starter")...)
}

// What is exported is imported again: nothing is lost on the way, and the training that is
// asked for names what was stored.
func TestTrainExportAndImport(t *testing.T) {
	t.Parallel()
	b, _, flags := registryAnd(t)
	call := func(args ...string) []string { return append(append([]string{"train"}, args...), flags...) }
	out := ok(t, call("export", "lora-v1")...)
	if lines := strings.Count(out, "\n"); lines != 4 || !strings.HasPrefix(out, `{"prompt":[{"role":"system"`) {
		t.Errorf("export:\n%s", out)
	}
	file := filepath.Join(t.TempDir(), "kto.jsonl")
	ok(t, call("export", "lora-v1", "--format", "kto", "-o", file)...)
	body, err := os.ReadFile(file)
	if err != nil || strings.Count(string(body), "\n") != 7 {
		t.Errorf("export to a file: %v\n%s", err, body)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v, %v", info.Mode(), err)
	}
	fails(t, 1, "is there already", call("export", "lora-v1", "-o", file)...)
	fails(t, 1, "name a version", call("export")...)
	fails(t, 1, "name a version", call("export", "lora-v1", "--now")...)
	fails(t, 1, "was not trained here", call("export", "starter")...)

	if out := ok(t, call("import", file, "--check")...); !strings.Contains(out, "4 examples in the format kto, and every line can be read") {
		t.Errorf("import --check:\n%s", out)
	}
	bad := filepath.Join(t.TempDir(), "bad.jsonl")
	if err := os.WriteFile(bad, append(body, "x\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, 1, "line 8: it is no JSON object", call("import", bad)...)
	fails(t, 1, "no such file", call("import", bad+"2")...)
	fails(t, 1, "no trainer answers", call("import", file)...)

	asked := make(chan contracts.TrainingRequested, 1)
	requests, err := b.Conn().Subscribe(contracts.SubjectTrainingRequested(), func(m *nats.Msg) {
		asked <- decode[contracts.TrainingRequested](t, string(m.Data))
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = requests.Unsubscribe() })
	serve(t, b, contracts.SubjectTrainerStatus, func(contracts.AdapterQuery) (any, string) { return contracts.TrainingStatus{}, "" })
	ok(t, call("import", file, "--no-wait", "--reason", "mine", "--method", "auto")...)
	request := <-asked
	if request.Reason != "mine" || request.Method != contracts.MethodAuto || !strings.HasPrefix(request.Dataset.Key, trainer.DatasetPrefix+"/") {
		t.Errorf("asked for %+v", request)
	}
	// The trainer would say now that this is what it would learn from.
	serve(t, b, contracts.SubjectTrainerDataset, func(contracts.AdapterQuery) (any, string) {
		return contracts.DatasetMade{Dataset: request.Dataset}, ""
	})
	if again := ok(t, call("export", "--now", "--format", "kto")...); again != string(body) {
		t.Errorf("imported and exported again:\n%s\nbefore:\n%s", again, body)
	}
}

func TestTrainStatus(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	status := func(args ...string) []string { return append(append([]string{"train"}, args...), flags...) }
	fails(t, 1, "no trainer answers", status()...)
	serve(t, b, contracts.SubjectTrainerStatus, func(contracts.AdapterQuery) (any, string) {
		return contracts.TrainingStatus{
			Why: "lora-v2 is being trained", Rated: 7, Window: 9, Average: 3.5, Failures: 4, Lessons: 3, Uncorrected: []string{"s7"},
			Weeks: []contracts.FaultWeek{{Week: "2026-W48", Sessions: 9, Plan: 31, Eyes: 4, Pointer: 1, Waiting: 2}}, Unread: 2,
			Job:      &contracts.JobState{JobID: "auto-5", Version: "lora-v2", Phase: contracts.JobTraining},
			Progress: &contracts.TrainingProgress{Step: 3, Steps: 60, Loss: 1.5, TokensPerSecond: 42, LeftSeconds: 90},
		}, ""
	})
	serve(t, b, contracts.SubjectTrainerCancel, func(contracts.AdapterQuery) (any, string) { return "no training runs", contracts.MicroConflict })
	out := ok(t, status("status")...)
	for _, want := range []string{"training: runs: lora-v2", "7 rated sessions, 4 of them", "2026-W48", "31", "HANDOFF", "not read yet: 2 rated sessions", "9: 3.50 stars", "s7", "job auto-5", "step 3 of 60, loss 1.5000, 42 tokens/s, 1m30s left"} {
		if !strings.Contains(out, want) {
			t.Errorf("train status lacks %q:\n%s", want, out)
		}
	}
	if got := decode[contracts.TrainingStatus](t, ok(t, status("--json")...)); got.Rated != 7 {
		t.Errorf("train --json: %+v", got)
	}
	fails(t, 1, "no training runs", status("cancel")...)
}

func TestTrainStatusOfAFailedOne(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	serve(t, b, contracts.SubjectTrainerStatus, func(contracts.AdapterQuery) (any, string) {
		return contracts.TrainingStatus{
			Why: "nothing is new", Failed: "the last training failed: no memory; what to do",
			Job: &contracts.JobState{JobID: "auto-5", Version: "lora-v2", Phase: contracts.JobFailed, Reason: "no memory"},
		}, ""
	})
	out := ok(t, append([]string{"train", "status"}, flags...)...)
	if !strings.Contains(out, "\nthe last training failed: no memory; what to do\n") || strings.Count(out, "no memory") != 1 {
		t.Errorf("train status:\n%s", out)
	}
}

// worker stands for the trainer: it takes requests up, and tells what tell says.
func worker(t *testing.T, b *bus.Bus, tell func(job string)) {
	t.Helper()
	serve(t, b, contracts.SubjectTrainerStatus, func(contracts.AdapterQuery) (any, string) { return contracts.TrainingStatus{}, "" })
	requests, err := b.Conn().Subscribe(contracts.SubjectTrainingRequested(), func(m *nats.Msg) {
		tell(contracts.RequestedJob(decode[contracts.TrainingRequested](t, string(m.Data)).ID))
	})
	if err == nil {
		err = b.Conn().Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = requests.Unsubscribe() })
}

func TestTrainNow(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	now := append([]string{"train", "now", "--reason", "try"}, flags...)
	fails(t, 1, "no trainer answers", now...)
	worker(t, b, func(job string) {
		publish(t, b, contracts.SubjectTraining(contracts.TrainingVerbStarted, job), contracts.TrainingStarted{
			JobID: job, Version: "lora-v1", Parent: "starter", Why: "asked for", Lessons: 5, Method: contracts.MethodAuto, Supervised: 9, Pairs: 3, Judged: 4, Parameters: 1234567, Steps: 60, ExpectedSeconds: 120,
		})
		if err := b.PublishLive(contracts.SubjectLiveTraining(job), contracts.TrainingProgress{JobID: job, Step: 1, Steps: 60, Loss: 2}); err != nil {
			t.Error(err)
		}
		publish(t, b, contracts.SubjectTraining(contracts.TrainingVerbCheckpointed, job), contracts.TrainingCheckpointed{JobID: job})
		publish(t, b, contracts.SubjectTraining(contracts.TrainingVerbCompleted, job), contracts.TrainingEnded{
			JobID: job, Version: "lora-v1", Steps: 60, Loss: 0.1, HeldOutLoss: 0.2, Seconds: 61,
		})
	})
	out := ok(t, now...)
	for _, want := range []string{
		"asked for a training: job manual-", "training lora-v1 from starter: asked for", "5 from corrected steps", "method auto: 9 examples of what is right, 3 pairs, 4 right and wrong answers",
		"1234567 trainable parameters, 60 steps", "expected to take 2m0s", "trained lora-v1 in 1m1s: 60 steps, loss 0.1000, 0.2000 on",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("train now lacks %q:\n%s", want, out)
		}
	}
	if out := ok(t, append(now, "--no-wait")...); strings.Contains(out, "trained") {
		t.Errorf("it waits:\n%s", out)
	}
}

func TestTrainNowWithNothingToLearn(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	worker(t, b, func(job string) {
		publish(t, b, contracts.SubjectTraining(contracts.TrainingVerbFailed, job), contracts.TrainingEnded{JobID: job, Reason: "nothing teaches: correct s1"})
	})
	fails(t, 1, "(failed): nothing teaches: correct s1", append([]string{"train", "now"}, flags...)...)
}

// on calls f when a text is written.
type on struct {
	strings.Builder

	text string
	f    func()
}

func (o *on) Write(p []byte) (int, error) {
	if strings.Contains(string(p), o.text) {
		o.f()
	}
	return o.Builder.Write(p)
}

func TestTrainNowCanBeLeft(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	worker(t, b, func(string) {})
	ctx, cancel := context.WithCancelCause(t.Context())
	out := &on{text: "asked for a training", f: func() { cancel(cli.ErrInterrupted) }}
	var errs strings.Builder
	status := cli.Main(ctx, append([]string{"train", "now"}, flags...), cli.Streams{In: strings.NewReader(""), Out: out, Err: &errs})
	if status != 130 || !strings.Contains(errs.String(), "the training goes on") {
		t.Errorf("status %d\n%s", status, errs.String())
	}
}
