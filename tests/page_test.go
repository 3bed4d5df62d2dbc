package tests

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// tab is a page in a real headless browser.
type tab struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // chromedp's tab is a context
}

func browse(t *testing.T) tab {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("install chromium (tools/deps does)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.Env(ofNoScreen))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancelTime := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	allocator, cancelAllocator := chromedp.NewExecAllocator(ctx, options...)
	b := tab{t: t}
	var cancelTab context.CancelFunc
	b.ctx, cancelTab = chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(b.ctx); err != nil {
			t.Error("the browser did not end by itself:", err)
		}
		cancelTab()
		cancelAllocator()
		cancelTime()
	})
	return b
}

func (b tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("%v; the page shows %s", err, b.text("body"))
	}
}

// follow does what leads to another page, and waits until that one is loaded.
func (b tab) follow(selector string) {
	b.t.Helper()
	loaded := func(page.EventLoadEventFired) bool { return true }
	click := chromedp.Click(chromedp.CSS(selector), chromedp.NodeReady)
	if _, err := chromedp.Run(b.ctx, chromedp.WaitEvent(page.LoadEventFired, loaded, click)); err != nil {
		b.t.Fatalf("after a click on %s: %v", selector, err)
	}
}

// text is what an element of the page shows.
func (b tab) text(selector string) string {
	b.t.Helper()
	shown, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.querySelector('"+selector+"')?.innerText ?? ''"))
	if err != nil {
		b.t.Logf("read %s: %v", selector, err)
	}
	return shown
}

// A person opens the page of a running program, gives a session one star, says what
// would have been right, and sees the rating in the list. The rating is on the bus.
func TestThePage(t *testing.T) {
	t.Parallel()
	h := newHome(t, scripted(t, inTurn("wait 1", `answer "four"`))...)
	up := h.up()
	publish(t, h.connect(), `{"task": "add two and two", "id": "sum"}`)
	ended(t, h.bus(), "sum")
	b := browse(t)
	b.do(chromedp.Navigate(h.state().HTTP + "/"))
	if list := b.text("main"); !strings.Contains(list, "add two and two") {
		t.Errorf("the list shows %q", list)
	}
	b.follow("a.task")
	b.do(
		chromedp.Click(chromedp.CSS("#rating-1"), chromedp.NodeReady),
		chromedp.Click(chromedp.CSS("#issue-wrong_action"), chromedp.NodeReady),
		chromedp.SendKeys(chromedp.CSS("#comment"), "no need to wait", chromedp.NodeReady),
		chromedp.SendKeys(chromedp.CSS("#corrected-1"), `answer "4"`, chromedp.NodeReady),
	)
	b.follow(".rate button[type=submit]")
	if said := b.text("[role=status]"); said != "The rating is stored." {
		t.Fatalf("the page says %q; it shows %s", said, b.text("main"))
	}
	b.follow(".crumb a")
	if row := b.text(".rows"); !strings.Contains(row, "add two and two") || !strings.Contains(b.text("main"), "1.0") {
		t.Errorf("the list shows %q", b.text("main"))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := h.bus().Watch(ctx, contracts.StreamFeedback, []string{contracts.SubjectFeedbackLow("sum")}, bus.FromStart(), func(m bus.Message) error {
		if e := decode[contracts.FeedbackSubmitted](t, m.Data); e.Rating != 1 || e.Corrected != 1 || e.Issues[0] != contracts.IssueWrongAction {
			t.Errorf("the event is %s", m.Data)
		}
		return bus.ErrStop
	})
	if err != nil {
		t.Error(err)
	}
	up.interrupt()
}
