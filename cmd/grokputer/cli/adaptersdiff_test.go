package cli_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
)

// trained stores the files of a version, and returns it.
func trained(t *testing.T, store *blob.Store, version, parent string, files map[string]string, sessions ...string) contracts.Adapter {
	t.Helper()
	a := contracts.Adapter{AdapterPublished: contracts.AdapterPublished{
		Role: contracts.RolePlanner, Version: version, Parent: parent, BaseModel: "tiny", SHA256: version, Sessions: sessions, Time: time.Now(),
	}, State: contracts.AdapterPublishedState}
	for name, body := range files {
		pointer, err := store.Put(t.Context(), "adapters/"+version+"/"+name, []byte(body), "application/json")
		if err != nil {
			t.Fatal(err)
		}
		a.Files = append(a.Files, contracts.AdapterFile{Name: name, Blob: pointer})
	}
	return a
}

// lines serves versions, the lines that they come from, and their figures.
func lines(t *testing.T, b *bus.Bus, versions map[string]contracts.Adapter, figures []contracts.AdapterFigures) {
	t.Helper()
	serve(t, b, contracts.SubjectRegistryFigures, func(contracts.AdapterQuery) (any, string) { return contracts.Figures{Versions: figures}, "" })
	serve(t, b, contracts.SubjectRegistryGet, func(q contracts.AdapterQuery) (any, string) {
		if a, there := versions[q.Version]; there {
			return a, ""
		}
		return "there is no such adapter", contracts.MicroNotFound
	})
	serve(t, b, contracts.SubjectRegistryLineage, func(q contracts.AdapterQuery) (any, string) {
		l := contracts.AdapterLineage{Children: []string{}}
		for a, there := versions[q.Version]; there; a, there = versions[a.Parent] {
			l.Steps = append(l.Steps, contracts.LineageStep{Version: a.Version, Parent: a.Parent})
		}
		return l, ""
	})
}

func TestAdaptersDiff(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	s3 := kittest.BlobServer(t)
	store, err := blob.Open(t.Context(), blob.Options{Endpoint: s3.Endpoint(), AccessKey: kittest.AccessKey, SecretKey: kittest.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	flags = append(flags, "--s3-endpoint", s3.Endpoint(), "--s3-access-key", kittest.AccessKey, "--s3-secret-key", kittest.SecretKey)
	const settings = `{"recipe": {"rank": 8, "epochs": 2, "method": "sft"}, "examples": 40, "device": "cpu"}`
	versions := map[string]contracts.Adapter{
		"starter": trained(t, store, "starter", "", nil),
		"lora-v1": trained(t, store, "lora-v1", "starter", map[string]string{"report.json": measured, "metadata.json": settings}, "s1", "s2"),
		"lora-v2": trained(t, store, "lora-v2", "lora-v1", map[string]string{
			"report.json":   strings.Replace(measured, `"gained": 6`, `"gained": 9`, 1),
			"metadata.json": strings.Replace(settings, `"rank": 8`, `"rank": 16`, 1),
		}, "s2", "s3"),
		"lora-v3": trained(t, store, "lora-v3", "starter", nil),
		"lora-v4": trained(t, store, "lora-v4", "", map[string]string{"metadata.json": "{"}),
	}
	share := func(successes, of int) contracts.Estimate {
		return contracts.Estimate{N: of, Value: float64(successes) / float64(of), Low: 0.1, High: 0.9}
	}
	lines(t, b, versions, []contracts.AdapterFigures{
		{Version: "lora-v1", Sessions: 20, Ratings: [5]int{0, 0, 20, 0, 0}, Success: share(10, 20)},
		{Version: "lora-v2", Sessions: 20, Ratings: [5]int{0, 0, 0, 20, 0}, Success: share(15, 20)},
	})
	diff := func(args ...string) []string { return append(append([]string{"adapters", "diff"}, args...), flags...) }
	out := ok(t, diff("lora-v1", "lora-v2")...)
	t.Logf("\n%s", out)
	for _, want := range []string{
		"lora-v2 comes from lora-v1, 1 training later\n", "only lora-v2 learned from 1 session: s3\n", "only lora-v1 learned from 1 session: s1\n",
		"recipe, rank       8  ", "gate, corrections  80.0 % of 20 right, +25.0 over starter", "+1.00 (+0.", "+25 (",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if strings.Contains(out, "epochs") || strings.Contains(out, "base model") {
		t.Errorf("it says what is the same:\n%s", out)
	}
	for _, c := range []struct{ a, b, want string }{
		{"lora-v2", "starter", "lora-v2 comes from starter, 2 trainings later\n"}, {"lora-v2", "lora-v3", "both come from starter: lora-v2 by 2 trainings, lora-v3 by 1 training\n"},
		{"lora-v1", "lora-v1", "they are the same version\ntheir weights are the same\n"}, {"lora-v1", "lora-v4", "no version in common"},
		{"lora-v4", "starter", "the settings of lora-v4 cannot be read: metadata.json of lora-v4 is damaged"},
	} {
		if out := ok(t, diff(c.a, c.b)...); !strings.Contains(out, c.want) {
			t.Errorf("%s and %s: %q is not in\n%s", c.a, c.b, c.want, out)
		}
	}
	got := decode[struct {
		Added     []string           `json:"added"`
		Fields    []map[string]any   `json:"fields"`
		StarsGain contracts.Estimate `json:"stars_gain"`
	}](t, ok(t, diff("lora-v1", "lora-v2", "--json")...))
	if len(got.Added) != 1 || got.Added[0] != "s3" || got.StarsGain.Value != 1 || got.StarsGain.Low <= 0 || len(got.Fields) != 2 {
		t.Errorf("%+v", got)
	}
	fails(t, 1, `there is no adapter "lora-v9"`, diff("lora-v1", "lora-v9")...)
}
