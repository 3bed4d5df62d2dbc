package tests

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/grokputer/grokputer/contracts"
)

// A person sees on the page what waits and why, allows it there, denies another
// over HTTP, and stops a third with the button. The audit knows who said what.
func TestApprovalOnThePage(t *testing.T) {
	t.Parallel()
	h := newHome(t, scripted(t, inTurn("key ctrl+p", `open "text editor"`, "done"))...)
	up := h.up()
	nc := h.connect()
	b := browse(t)
	waits := func(id string) {
		t.Helper()
		events := listen(t, nc)
		publish(t, nc, `{"task": "print it", "id": "`+id+`"}`)
		events.next(contracts.VerbApproval)
	}
	waits("allowed")
	b.do(chromedp.Navigate(h.state().HTTP + "/"))
	if card := b.text(".approval"); !strings.Contains(card, "key ctrl+p") || !strings.Contains(card, "print key") {
		t.Errorf("the page shows %q", b.text("main"))
	}
	shown, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("(async () => { const i = document.querySelector('.approval img'); i.loading = 'eager'; await i.decode(); return i.naturalWidth > 0 })()", chromedp.EvalAwaitPromise))
	if err != nil || !shown {
		t.Errorf("the picture is shown: %t, %v", shown, err)
	}
	b.follow(`.approval button[value="allow"]`)
	if end := last(t, h, "allowed"); end != contracts.VerbCompleted {
		t.Errorf("what was allowed is %s", end)
	}

	waits("denied")
	var waiting struct {
		Sessions []struct {
			TaskID  string                  `json:"task_id"`
			Waiting *contracts.TaskApproval `json:"waiting"`
		} `json:"sessions"`
	}
	fetch(t, "GET", h.state().HTTP+"/v1/approvals", "", &waiting)
	if len(waiting.Sessions) != 1 || waiting.Sessions[0].TaskID != "denied" || waiting.Sessions[0].Waiting.Rule != "print key" {
		t.Fatalf("what waits is %+v", waiting)
	}
	fetch(t, "POST", h.state().HTTP+"/v1/approvals/denied", `{"step": 1, "answer": "deny", "reason": "no paper"}`, new(any))
	if end := last(t, h, "denied"); end != contracts.VerbFailed {
		t.Errorf("what was denied is %s", end)
	}

	waits("stopped")
	b.do(chromedp.Navigate(h.state().HTTP + "/"))
	b.follow(`form[action="/stop"] button`)
	if said := b.text("main"); !strings.Contains(said, "Desktop main: the task stopped was cancelled") {
		t.Errorf("the page says %q", said)
	}
	if end := last(t, h, "stopped"); end != contracts.VerbCancelled {
		t.Errorf("what was stopped is %s", end)
	}

	for id, want := range map[string]string{"allowed": "approved by page", "denied": "denied by http"} {
		var audit []contracts.AuditEntry
		h.run(0, "audit", id, "--json").decode(t, &audit)
		if len(audit) < 2 || string(audit[1].Verdict)+" by "+audit[1].By != want {
			t.Errorf("the audit of %s is %+v", id, audit)
		}
	}
	up.interrupt()
}

// last is the verb of a task's last event.
func last(t *testing.T, h home, id string) contracts.Verb {
	t.Helper()
	events := ended(t, h.bus(), id)
	return verb(events[len(events)-1].Subject)
}

// fetch makes a request and reads the answer.
func fetch(t *testing.T, method, url, body string, answer any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode == http.StatusOK {
		err = json.Unmarshal(said, answer)
	}
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s %s, %v", method, url, response.Status, said, err)
	}
}
