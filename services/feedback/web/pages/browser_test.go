package pages_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

// browser is a headless Chromium with one tab. complaints are what it reports of errors
// in scripts and of what the Content-Security-Policy stopped.
type browser struct {
	ctx        context.Context //nolint:containedctx // chromedp's tab is a context
	mu         sync.Mutex
	complaints []string
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("install chromium (tools/deps does)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancelTime := context.WithTimeout(context.WithoutCancel(t.Context()), 40*time.Second)
	allocator, cancelAllocator := chromedp.NewExecAllocator(ctx, options...)
	tab, cancelTab := chromedp.NewContext(allocator)
	b := &browser{ctx: tab}
	t.Cleanup(func() {
		if err := chromedp.Cancel(tab); err != nil {
			t.Error("the browser did not end by itself:", err)
		}
		cancelTab()
		cancelAllocator()
		cancelTime()
	})
	if err := chromedp.Do(tab); err != nil {
		t.Fatal("chromium does not start:", err)
	}
	err = chromedp.Listen(tab, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.complain(e.ExceptionDetails.Text + " " + e.ExceptionDetails.URL)
		case *log.EventEntryAdded:
			// A form that is sent back has a status of its own: that is no defect.
			if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "status of 422") {
				b.complain(e.Entry.Text + " " + e.Entry.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// call sends one command of the DevTools protocol to the tab.
func call[P, R any](t *testing.T, b *browser, command cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		t.Fatal(command.Method, err)
	}
}

func (b *browser) complain(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, text)
}

func (b *browser) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		shown, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body?.innerText"))
		t.Fatalf("%v; the page shows %s", err, shown)
	}
}

// read returns what a JavaScript expression gives: the tool's own, also where the page may run none.
func read[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// click clicks an element. It needs no script in the page: NodeReady asks for none.
func (b *browser) click(t *testing.T, selector string) {
	t.Helper()
	b.do(t, chromedp.Click(chromedp.CSS(selector), chromedp.NodeReady))
}

// write types into an element, which needs no script either.
func (b *browser) write(t *testing.T, selector, text string) {
	t.Helper()
	b.do(t, chromedp.SendKeys(chromedp.CSS(selector), text, chromedp.NodeReady))
}

// follow clicks what leads to another page, and waits until that one is loaded.
func (b *browser) follow(t *testing.T, selector string) {
	t.Helper()
	loaded := func(page.EventLoadEventFired) bool { return true }
	click := chromedp.Click(chromedp.CSS(selector), chromedp.NodeReady)
	if _, err := chromedp.Run(b.ctx, chromedp.WaitEvent(page.LoadEventFired, loaded, click)); err != nil {
		t.Fatalf("after a click on %s: %v", selector, err)
	}
}

func (b *browser) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.complaints {
		t.Error("the browser complains:", text)
	}
}

// A person opens the list, opens a session, gives two stars, an issue and a correction
// that names nothing; mends it, stores it, and sees it in the list.
func TestRatingInABrowser(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]bool{"with JavaScript": false, "without JavaScript": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &desk{sessions: []feedback.Session{ended("s-1", "log in as anna")}}
			server := serve(t, d)
			b := openBrowser(t)
			call(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
			b.do(t, chromedp.Navigate(server.URL+"/"))
			if got, want := read[bool](t, b, `document.querySelector("#filter") === null`), off; got != want {
				t.Errorf("the script did not run: %t, want %t", got, want)
			}
			b.follow(t, `a.task`)
			b.click(t, `#rating-2`)
			b.click(t, `#issue-wrong_action`)
			b.write(t, `#comment`, "the other button")
			b.write(t, `#corrected-1`, `click button "Sign up"`)
			if wrong := read[bool](t, b, `document.querySelector('[name=verdict-1][value=wrong]').checked`); wrong == off {
				t.Errorf("a correction marks the step as wrong: %t, with the script off: %t", wrong, off)
			}
			b.follow(t, `.rate button[type=submit]`)
			if got := read[string](t, b, `document.querySelector("#error-1").textContent`); !strings.Contains(got, `button "Sign up"`) {
				t.Errorf("beside the field stands %q", got)
			}
			if n := len(d.ratings()); n != 0 {
				t.Errorf("%d ratings are stored", n)
			}
			kept := read[[]string](t, b, `[document.querySelector('[name=rating]:checked').value, document.querySelector('[name=issue]:checked').value,
				document.querySelector('#comment').value, document.querySelector('#corrected-1').value]`)
			if got, want := strings.Join(kept, "|"), `2|wrong_action|the other button|click button "Sign up"`; got != want {
				t.Errorf("kept %s, want %s", got, want)
			}
			b.write(t, `#corrected-1`, kb.End+strings.Repeat(kb.Backspace, len(`"Sign up"`))+`"Log in"`)
			b.follow(t, `.rate button[type=submit]`)
			if got := read[string](t, b, `document.querySelector("[role=status]").textContent`); got != "The rating is stored." {
				t.Errorf("the page says %q", got)
			}
			b.follow(t, `.crumb a`)
			if got := read[string](t, b, `document.querySelector(".rows .stars .hide").textContent`); got != "2 of 5 stars" {
				t.Errorf("the list shows %q", got)
			}
			if got := d.ratings(); len(got) != 1 || len(got[0].Steps) != 1 || got[0].Steps[0].Corrected.String() != `click button "Log in"` ||
				got[0].Comment != "the other button" || got[0].Issues[0] != contracts.IssueWrongAction {
				t.Errorf("stored %+v", got)
			}
			b.quiet(t)
		})
	}
}

// What runs is brought up to date in place: the ended task can be rated, opened details stay open.
func TestARunningSessionIsRefreshedInPlace(t *testing.T) {
	t.Parallel()
	d := &desk{sessions: []feedback.Session{running("s-1")}}
	server := serve(t, d)
	b := openBrowser(t)
	b.do(t, chromedp.Navigate(server.URL+"/sessions/s-1"), chromedp.WaitVisible(chromedp.CSS("#told-1")), chromedp.Click(chromedp.CSS("#told-1 summary")))
	d.change(func() { d.sessions[0] = ended("s-1", "write a letter") })
	b.do(t, chromedp.WaitVisible(chromedp.CSS("#rate")))
	if !read[bool](t, b, `document.querySelector("#told-1").open && !document.body.dataset.refresh`) {
		t.Error("the details closed, or what has ended is still refreshed")
	}
	b.quiet(t)
}

func TestTheListIsFilteredAsOneTypes(t *testing.T) {
	t.Parallel()
	server := serve(t, &desk{sessions: []feedback.Session{ended("s-1", "log in"), ended("s-2", "write a letter")}})
	b := openBrowser(t)
	b.do(t, chromedp.Navigate(server.URL+"/"), chromedp.SendKeys(chromedp.CSS("#filter"), "LETTER failed"))
	shown := read[[]string](t, b, `[...document.querySelectorAll("[data-row]:not([hidden]) .task")].map((e) => e.textContent)`)
	if strings.Join(shown, "|") != "write a letter" {
		t.Errorf("shown: %v", shown)
	}
	b.quiet(t)
}

// No page is wider than the screen, from a phone's to a desktop's, in light and in dark;
// PAGES_SHOTS names a folder for pictures of them.
func TestPagesFitTheScreen(t *testing.T) {
	t.Parallel()
	server := serve(t, gallery())
	b := openBrowser(t)
	for _, width := range []int64{320, 390, 800, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			for name, path := range map[string]string{"list": "/", "session": "/sessions/s-2", "delete": "/sessions/s-2/delete", "missing": "/none"} {
				call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
				})
				b.do(t, chromedp.EmulateViewport(width, 900), chromedp.Navigate(server.URL+path))
				if got := read[int64](t, b, `document.documentElement.scrollWidth`); got > width {
					t.Errorf("%s is %d pixels wide on a screen of %d", name, got, width)
				}
				b.shoot(t, fmt.Sprintf("%s-%d-%s.png", name, width, scheme))
			}
		}
	}
}

func (b *browser) shoot(t *testing.T, name string) {
	t.Helper()
	folder := os.Getenv("PAGES_SHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), picture, 0o600); err != nil {
		t.Fatal(err)
	}
}

// gallery is a desk with something of everything.
func gallery() *desk {
	good := ended("s-1", `log in as "anna" with password "k3f"`)
	good.Outcome, good.Reason, good.Answer = contracts.VerbCompleted, "", "You are logged in as anna"
	good.Rating = &feedback.Rating{Stars: 5}
	low := ended("s-2", "open the shop and put the cheapest blue umbrella that can be delivered tomorrow into the basket")
	low.Rating = &feedback.Rating{Stars: 2, Comment: "It clicked Cancel.", Issues: []contracts.Issue{contracts.IssueWrongAction}}
	low.Steps[0].Verdict = contracts.VerdictWrong
	low.Steps[0].Corrected = &low.Steps[1].Action
	cancelled := ended("s-3", strings.Repeat("word-without-an-end", 12))
	cancelled.Outcome, cancelled.Adapter = contracts.VerbCancelled, "lora-v12"
	return &desk{
		sessions: []feedback.Session{running("s-0"), low, good, cancelled},
		stats: feedback.Stats{
			Sessions: 41, Rated: 23, Window: 23, Average: 3.61, Failures: 9, Stars: [5]int{2, 3, 4, 6, 8},
			Issues: map[contracts.Issue]int{contracts.IssueOCR: 2, contracts.IssueWrongAction: 5},
			Training: &contracts.TrainingStatus{
				Job: &contracts.JobState{Version: "lora-v3", Phase: contracts.JobTraining, Why: "the last 23 ratings average 3.6, below 3.8, with 9 failures"},
				Progress: &contracts.TrainingProgress{
					Step: 22, Steps: 60, Loss: 0.412, TokensPerSecond: 310, LeftSeconds: 95,
				},
			},
		},
	}
}
