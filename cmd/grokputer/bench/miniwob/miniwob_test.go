package miniwob_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/stage"
	"github.com/grokputer/grokputer/contracts/screen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSeeds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]int64{
		"2":               {1000000, 1000001},
		"5-7":             {5, 6, 7},
		"1000049-1000049": {1000049},
		"1-2, 1":          {1, 2, 1000000},
	} {
		if got, err := miniwob.ParseSeeds(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "0", "7-5", "-3", "1-", "1-99999999999"} {
		if got, err := miniwob.ParseSeeds(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// The values are those of the formula in the literature (Brown, Cai, DasGupta
// 2001) for 10 of 50 and for the two ends.
func TestWilson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		met, n    int
		low, high float64
	}{{10, 50, 0.1124, 0.3304}, {0, 50, 0, 0.0713}, {50, 50, 0.9287, 1}, {0, 0, 0, 1}} {
		low, high := miniwob.Wilson(c.met, c.n)
		if math.Abs(low-c.low) > 5e-4 || math.Abs(high-c.high) > 5e-4 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.met, c.n, low, high, c.low, c.high)
		}
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	result := miniwob.Summarise([]miniwob.Episode{
		{Task: "a", Success: true, Steps: 2, Seconds: 3}, {Task: "a", Steps: 4, Seconds: 3}, {Task: "b", Success: true, Steps: 0},
	})
	a, b := result.Tasks["a"], result.Tasks["b"]
	if a.N != 2 || a.Success != 1 || a.Rate != 0.5 || a.Steps != 3 || a.SecondsPerStep != 1 || a.Low >= 0.5 || a.High <= 0.5 {
		t.Errorf("a is %+v", a)
	}
	if b.Rate != 1 || b.SecondsPerStep != 0 || result.Mean != 0.75 {
		t.Errorf("b is %+v, the mean %g", b, result.Mean)
	}
}

func wanted(kind screen.Kind, text string, x, y float64, paragraph int) miniwob.Wanted {
	return miniwob.Wanted{
		Kinds: []screen.Kind{kind}, Text: text, Judged: true, Paragraph: paragraph, Left: x, Top: y, Right: x + 100, Bottom: y + 20,
	}
}

func seen(kind screen.Kind, text string, x, y, w, h int) screen.Element {
	return screen.Element{Kind: kind, Text: text, Box: screen.Box{X: x, Y: y, W: w, H: h}}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	button := wanted(screen.Button, "Log in", 10, 10, 0)
	for _, c := range []struct {
		name  string
		seen  []screen.Element
		cause miniwob.Cause
	}{
		{"found", []screen.Element{seen(screen.Button, "Log in", 12, 12, 90, 16)}, ""},
		{"other spaces between words are none", []screen.Element{seen(screen.Button, "Log\nin", 12, 12, 90, 16)}, ""},
		{"nothing", nil, miniwob.CauseUnseen},
		{"spaces", []screen.Element{seen(screen.Button, "Login", 12, 12, 90, 16)}, miniwob.CauseSpaces},
		{"kind", []screen.Element{seen(screen.Text, "Log in", 12, 12, 90, 16)}, miniwob.CauseKind},
		{"joined", []screen.Element{seen(screen.Text, "Log in now", 12, 12, 300, 16)}, miniwob.CauseJoined},
		{"split", []screen.Element{seen(screen.Text, "Log", 12, 12, 40, 16)}, miniwob.CauseSplit},
		{"text", []screen.Element{seen(screen.Button, "Lag in", 12, 12, 90, 16)}, miniwob.CauseText},
		{"place", []screen.Element{seen(screen.Button, "Log in", 12, 200, 90, 16)}, miniwob.CausePlace},
		{"both", []screen.Element{seen(screen.Text, "Lag", 12, 12, 90, 16)}, miniwob.CauseBoth},
	} {
		v := miniwob.Judge([]miniwob.Wanted{button}, c.seen)[0]
		if v.Found != (c.cause == "") || v.Cause != c.cause {
			t.Errorf("%s: %s", c.name, v)
		}
	}
	on := wanted(screen.Check, "Log", 10, 10, 0)
	on.Checked = true
	off := seen(screen.Check, "Log", 12, 12, 16, 16)
	if v := miniwob.Judge([]miniwob.Wanted{on}, []screen.Element{off})[0]; v.Found || v.Cause != miniwob.CauseState {
		t.Errorf("a check box of the other state: %s", v)
	}
	symbol := wanted(screen.Button, "", 0, 0, 0)
	symbol.Kinds, symbol.Judged = []screen.Kind{screen.Button, screen.Icon}, false
	if v := miniwob.Judge([]miniwob.Wanted{symbol}, []screen.Element{seen(screen.Icon, "x", 40, 4, 10, 10)})[0]; !v.Found {
		t.Errorf("a symbol: %s", v)
	}
}

// One element at the border of two things is one of them.
func TestJudgeTakesAnElementOnce(t *testing.T) {
	t.Parallel()
	up, down := wanted(screen.Button, "", 0, 0, 0), wanted(screen.Button, "", 0, 19.5, 0)
	up.Judged, down.Judged = false, false
	verdicts := miniwob.Judge([]miniwob.Wanted{up, down}, []screen.Element{seen(screen.Button, "", 0, 0, 100, 39)})
	if !verdicts[0].Found || verdicts[1].Found {
		t.Errorf("%s; %s", verdicts[0], verdicts[1])
	}
}

// Lines of a paragraph count as found when they are seen as one, and one by one.
func TestJudgeParagraph(t *testing.T) {
	t.Parallel()
	lines := []miniwob.Wanted{
		wanted(screen.Text, "one two", 0, 0, 1), wanted(screen.Text, "three", 0, 20, 1), wanted(screen.Text, "four", 0, 40, 1),
		wanted(screen.Text, "other", 0, 60, 2),
	}
	count := func(elements ...screen.Element) (n int) {
		for _, v := range miniwob.Judge(lines, elements) {
			if v.Found {
				n++
			}
		}
		return n
	}
	whole := seen(screen.Text, "one two three four", 0, 0, 100, 60)
	if n := count(whole, seen(screen.Text, "other", 0, 60, 50, 20)); n != 4 {
		t.Errorf("%d of 4 found in a whole paragraph", n)
	}
	if n := count(seen(screen.Text, "three", 0, 20, 50, 20), seen(screen.Text, "four other", 0, 40, 100, 40)); n != 1 {
		t.Errorf("%d found; one line is right, and two of different paragraphs are one", n)
	}
}

// An interrupted write leaves the beginning of a line, which is dropped.
func TestLog(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	log, err := miniwob.OpenLog(folder)
	if err != nil {
		t.Fatal(err)
	}
	e := miniwob.Episode{Task: "a", Seed: 7, With: "me", Success: true}
	if err := errors.Join(log.Add(e), log.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "episodes.jsonl")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteString(`{"task":"b","se`)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	if log, err = miniwob.OpenLog(folder); err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if got, ok := log.Find("me", "a", 7); !ok || !got.Success {
		t.Errorf("the episode is %+v, %v", got, ok)
	}
	if _, ok := log.Find("another", "a", 7); ok {
		t.Error("an episode of another planner was found")
	}
	if err := log.Add(miniwob.Episode{Task: "b"}); err != nil {
		t.Fatal(err)
	}
	if body, err := os.ReadFile(path); err != nil || bytes.Count(body, []byte("\n")) != 2 {
		t.Errorf("the file is %q, %v", body, err)
	}
}

func TestSection(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "docs", "a.md")
	for _, s := range [][2]string{{"one", "first\n"}, {"two", "second\n"}, {"one", "again\n"}} {
		if err := miniwob.Desktop(file).WriteSection(s[0], s[1]); err != nil {
			t.Fatal(err)
		}
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const want = "# On a real desktop\n\nWritten by the tools that measure; each section says how.\n\n" +
		"<!-- begin one -->\nagain\n<!-- end one -->\n\n<!-- begin two -->\nsecond\n<!-- end two -->\n"
	if string(body) != want {
		t.Errorf("the file is\n%s", body)
	}
}

// fakePages are a folder with one page.
func fakePages(t *testing.T) miniwob.Pages {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"core/core.js": "var core = {};", "miniwob/click-test.html": "<html><head></head><body>here</body></html>"} {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	pages, err := miniwob.OpenPages(folder)
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func TestPagesAreMissing(t *testing.T) {
	t.Parallel()
	if _, err := miniwob.OpenPages(t.TempDir()); !errors.Is(err, miniwob.ErrNoPages) || !strings.Contains(err.Error(), "make miniwob") {
		t.Errorf("the error is %v", err)
	}
	if err := fakePages(t).Check([]string{"click-test", "clik-test"}); err == nil || !strings.Contains(err.Error(), "near are click-test") {
		t.Errorf("the error is %v", err)
	}
}

// visitor speaks to the server as the browser does.
type visitor struct {
	*testing.T
	client *http.Client
	base   string
}

func (v visitor) get(path string) string {
	v.Helper()
	response, err := v.client.Get(v.base + path)
	if err != nil {
		v.Fatal(err)
	}
	defer response.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(response.Body); err != nil {
		v.Fatal(err)
	}
	return b.String()
}

func (v visitor) post(path, body string) {
	v.Helper()
	response, err := v.client.Post(v.base+path, "application/json", strings.NewReader(body))
	if err != nil {
		v.Fatal(err)
	}
	response.Body.Close()
}

// A page is served once for a visit, with the seed in it, and heard only while
// it is the visit.
func TestServer(t *testing.T) {
	t.Parallel()
	pages := fakePages(t)
	s, err := stage.NewServer(t.Context(), pages.Files())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	v := visitor{t, &http.Client{Transport: transport}, strings.TrimSuffix(s.Start(), "harness/wait")}
	defer func() {
		if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		transport.CloseIdleConnections()
	}()
	if body := v.get("harness/wait"); !strings.Contains(body, `"id":0`) {
		t.Errorf("the waiting page is %s", body)
	}
	visit := pages.Visit("click-test", 1000007, true)
	s.Visit(visit)
	if body := v.get("harness/next?after=0"); !strings.Contains(body, "miniwob/click-test.html?visit=1") {
		t.Errorf("next is %s", body)
	}
	if body := v.get("miniwob/click-test.html?visit=1"); !strings.Contains(body, `"seed":1000007`) || !strings.Contains(body, "<body>here") {
		t.Errorf("the page is %s", body)
	}
	if body := v.get("miniwob/click-test.html?visit=1"); strings.Contains(body, "<body>here") {
		t.Error("the page was served twice")
	}
	if body := v.get("core/core.js"); body != "var core = {};" {
		t.Errorf("the script is %q", body)
	}
	v.post("harness/post?visit=1&kind=ready", `{"goal":"click","wanted":[{"kinds":["button"],"text":"OK","judged":true}]}`)
	ready, err := visit.Ready(t.Context())
	if err != nil || ready.Goal != "click" || len(ready.Wanted) != 1 {
		t.Errorf("ready is %+v, %v", ready, err)
	}
	s.Tell(visit, "change")
	if body := v.get("harness/next?after=1"); !strings.Contains(body, `"order":"change"`) {
		t.Errorf("next is %s", body)
	}
	v.post("harness/post?visit=1&kind=changed", "{}")
	if err := visit.Changed(t.Context()); err != nil {
		t.Error(err)
	}
	second := pages.Visit("click-test", 1000008, false)
	s.Visit(second)
	v.post("harness/post?visit=1&kind=over", `{"raw":1}`)
	if _, over := second.Reward(); over {
		t.Error("a page that was left has given a reward")
	}
	v.post("harness/post?visit=2&kind=over", `{"raw":-1,"reason":"wrong"}`)
	<-second.Over()
	if reward, over := second.Reward(); !over || reward.Raw != -1 {
		t.Errorf("the reward is %+v, %v", reward, over)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := second.Ready(ctx); err == nil {
		t.Error("a page that says nothing is ready")
	}
}
