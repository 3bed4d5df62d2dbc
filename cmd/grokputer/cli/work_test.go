package cli

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/basemodel"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/folders"
	"github.com/grokputer/grokputer/services/actor/launch"
)

// parsed is the house that arguments of `grokputer up` describe.
func parsed(t *testing.T, data string, args ...string) (*upCmd, *call) {
	t.Helper()
	p := New(Streams{})
	if _, err := p.Parse(append([]string{"up"}, args...)); err != nil {
		t.Fatal(err)
	}
	return &p.tree.Up, &call{shared: p.tree.shared, folder: data}
}

func TestSettingsReachTheHouse(t *testing.T) {
	t.Parallel()
	up, c := parsed(t, "/data", "--nats-port", "0", "--screen-size", "800x600", "--approve-from", "edit", "--max-steps", "7",
		"--forbid-regions", "taskbar=0,760,1280x40;clock=0,0,50x20", "--forbid-windows", "keepass;bank*login", "--dry-run",
		"--storage-max-gb", "0.5", "--desktop", "second", "--s3-bucket", "b", "--no-nats-context",
		"--folders", "vault=/notes;Desktop=/desk", "--apps", "text editor|notepad=mousepad --disable-server")
	got, err := up.config(c)
	if err != nil {
		t.Fatal(err)
	}
	if got.Data != "/data" || got.NATS.Port != 0 || got.NATS.WriteContext || got.S3.Port != 9000 || got.S3.Bucket != "b" {
		t.Errorf("servers: %+v, %+v", got.NATS, got.S3)
	}
	if got.Screen.Width != 800 || got.Screen.Height != 600 || got.Screen.Display != "" {
		t.Errorf("screen: %+v", got.Screen)
	}
	if a := got.Actor; a.Policy.Line != actor.Edit || a.MaxSteps != 7 || a.Desktop != "second" || got.Observer.Desktop != "second" || got.Observer.MaxGB != 0.5 {
		t.Errorf("actor and observer: %+v, %+v", got.Actor, got.Observer)
	}
	if want := []folders.Folder{{Name: "Desktop", Path: "/desk"}, {Name: "vault", Path: "/notes"}}; !reflect.DeepEqual(got.Folders, want) {
		t.Errorf("folders: %+v", got.Folders)
	}
	want := []launch.App{{Name: "text editor", Aliases: []string{"notepad"}, Command: []string{"mousepad", "--disable-server"}}}
	if !reflect.DeepEqual(got.Apps, want) {
		t.Errorf("apps: %+v", got.Apps)
	}
	if p := got.Actor.Policy; len(p.Regions) != 2 || p.Regions[1].Name != "taskbar" || !p.DryRun ||
		!reflect.DeepEqual(p.Windows, []actor.WindowPattern{"keepass", "bank*login"}) {
		t.Errorf("policy: %+v", p)
	}
	if err := got.Actor.Validate(); err != nil {
		t.Error(err)
	}
}

func TestDefaultFolders(t *testing.T) {
	t.Parallel()
	up, c := parsed(t, "/data")
	got, err := up.config(c)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, f := range got.Folders {
		names[f.Name] = f.Path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 4 || names["vault"] != "/data/vault" || names["Desktop"] != filepath.Join(home, "Desktop") {
		t.Errorf("folders: %v", names)
	}
}

func TestScreenSize(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "big", "800", "800x", "800x600x24", "0x600", "-1x5"} {
		if w, h, err := size(bad); err == nil {
			t.Errorf("%q is the size %dx%d", bad, w, h)
		}
	}
}

func TestPlannerIsFound(t *testing.T) {
	t.Parallel()
	known := basemodel.Default()
	data := t.TempDir()
	starter := filepath.Join(data, "adapters", "starter")
	if err := os.MkdirAll(starter, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(starter, "adapter_config.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		set                             plannerSettings
		model, sha256, adapter, starter string
		registry                        bool
	}{
		"nothing set":        {plannerSettings{}, filepath.Join(data, "models", known.File), known.SHA256, "", starter, true},
		"no adapter":         {plannerSettings{Adapter: "none"}, filepath.Join(data, "models", known.File), known.SHA256, "", starter, false},
		"an adapter":         {plannerSettings{Adapter: "/mine"}, filepath.Join(data, "models", known.File), known.SHA256, "/mine", starter, false},
		"the model, by path": {plannerSettings{Model: "/cache/" + known.File}, "/cache/" + known.File, known.SHA256, "", starter, true},
		"another model":      {plannerSettings{Model: "/cache/other.gguf"}, "/cache/other.gguf", "", "", "", true},
		"an endpoint":        {plannerSettings{URL: "http://127.0.0.1:1"}, filepath.Join(data, "models", known.File), known.SHA256, "", "", false},
	} {
		got := test.set.planner(data)
		if got.Model != test.model || got.SHA256 != test.sha256 || got.Adapter != test.adapter || got.Registry != test.registry {
			t.Errorf("%s: %+v", name, got)
		}
		if found := test.set.starter(data); found != test.starter {
			t.Errorf("%s: the starter is %q", name, found)
		}
	}
}

func TestLoraOfATask(t *testing.T) {
	t.Parallel()
	for want, set := range map[string]lora{
		"": {}, "lora-v1": {LoraVersion: "lora-v1"}, "none": {LoraVersion: "lora-v1", NoLora: true},
		"planner:lora-v3*0.7+lora-v5*0.3,recovery:lora-v2": {LoraVersion: "recovery:lora-v2,lora-v3*.7+lora-v5*.3"},
	} {
		if got, err := set.adapter(); err != nil || got != want {
			t.Errorf("%+v asks for %q: %v", set, got, err)
		}
	}
	if _, err := (lora{LoraVersion: "lora-v3*x"}).adapter(); err == nil || !strings.HasPrefix(err.Error(), "lora-version: ") {
		t.Errorf("a weight that is none: %v", err)
	}
}
