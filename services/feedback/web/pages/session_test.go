package pages_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/feedback"
)

func TestSessionShowsStepsAndForm(t *testing.T) {
	t.Parallel()
	got := ask(t, serve(t, &desk{sessions: []feedback.Session{ended("s-1", "log in")}}), "GET", "/sessions/s-1", nil)
	got.shows(t, 200, "<h1>log in</h1>", "1 min 15 s", "SmolLM2-135M", "action:lora-v7",
		`<code>click button &#34;Cancel&#34;</code>`, "sure to 87 %", "Another window",
		`<img src="/v1/sessions/s-1/steps/1/screenshot" alt="The screen before step 1" width="640" height="400" loading="lazy"`,
		`/v1/sessions/s-1/steps/0/screenshot`, `<rect x="40" y="120" width="120" height="40"`,
		"There is no picture of this step any more", "Done so far: nothing",
		`<option value="click button &#34;Log in&#34;">`, `name="csrf" value="token-1"`, "Store the rating", "OCR confidence low", `/sessions/s-1/delete`)
	got.hides(t, "/steps/2/screenshot", "Replace the rating", "<style", "style=", "onclick")
}

func TestARunningSessionCannotBeRatedYet(t *testing.T) {
	t.Parallel()
	got := ask(t, serve(t, &desk{sessions: []feedback.Session{running("s-1")}}), "GET", "/sessions/s-1", nil)
	got.shows(t, 200, "Running", `data-refresh="3"`)
	got.hides(t, `class="work"`, "verdict-1", "Waits for your answer")
}

// What a screen, a task or a person says stays text wherever it stands.
func TestHostileTextIsEscaped(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	s := ended("s-1", evil)
	s.SessionID = `s"><b>1/../..`
	s.Reason, s.Answer, s.Model, s.Adapter = evil, evil, evil, evil
	s.Rating = &feedback.Rating{Stars: 1, Comment: "</textarea>" + evil}
	for i := range s.Steps {
		s.Steps[i].Result = evil
		s.Steps[i].State.Screen.Title = evil
		s.Steps[i].State.Screen.Elements[0].Text = evil
		s.Steps[i].Corrected = &action.Action{Verb: action.Type, Text: evil}
	}
	d := &desk{sessions: []feedback.Session{s}, stats: feedback.Stats{TrainingError: evil}}
	server := serve(t, d)
	for _, path := range []string{"/", "/sessions/" + url.PathEscape(s.SessionID), "/sessions/" + url.PathEscape(s.SessionID) + "/delete"} {
		got := ask(t, server, "GET", path, nil)
		got.shows(t, 200, "&lt;script&gt;alert(1)", "s%22%3E%3Cb%3E1%2F..%2F..")
		got.hides(t, "<script>", "<img src=x", `s"><b>`, "</textarea>\"")
	}
}

func form(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values
}

func TestRatingIsStoredShownAndReplaced(t *testing.T) {
	t.Parallel()
	d := &desk{sessions: []feedback.Session{ended("s-1", "log in")}}
	server := serve(t, d)
	got := ask(t, server, "POST", "/sessions/task-s-1/rating", form("rating", "2", "comment", " two\r\nlines ", "issue", "wrong_action", "issue", "other",
		"verdict-1", "", "corrected-1", `click  button "Log in"`, "verdict-2", "right", "corrected-2", ""))
	if got.status != 303 || got.header.Get("Location") != "/sessions/s-1?stored" {
		t.Fatalf("%d to %q", got.status, got.header.Get("Location"))
	}
	right := action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: "Log in"}}
	want := []contracts.Feedback{{
		SessionID: "s-1", Rating: 2, Comment: "two\nlines", Issues: []contracts.Issue{contracts.IssueWrongAction, contracts.IssueOther},
		Steps: []contracts.StepFeedback{{Step: 1, Verdict: contracts.VerdictWrong, Corrected: &right}, {Step: 2, Verdict: contracts.VerdictRight}},
	}}
	if diff := cmp.Diff(want, d.ratings()); diff != "" {
		t.Error(diff)
	}
	ask(t, server, "GET", "/sessions/s-1?stored", nil).shows(t, 200, "The rating is stored.", "Replace the rating",
		`value="2" required checked`, `value="wrong_action" checked`, `value="other" checked`, "\ntwo\nlines</textarea>",
		`name="verdict-1" value="wrong" checked`, `name="verdict-2" value="right" checked`, `value="click button &#34;Log in&#34;" autocomplete`)

	ask(t, server, "POST", "/sessions/s-1/rating", form("rating", "5"))
	ask(t, server, "GET", "/sessions/s-1", nil).hides(t, `value="wrong_action" checked`, `value="wrong" checked`, "two\nlines", "is stored")
}

func TestNothingIsSaidToBeStoredBeforeItIs(t *testing.T) {
	t.Parallel()
	server := serve(t, &desk{sessions: []feedback.Session{ended("s-1", "log in")}})
	ask(t, server, "GET", "/sessions/s-1?stored", nil).hides(t, "is stored")
}

// A form with a mistake comes back as it was sent, with the reason beside the field.
func TestMistakesComeBackWithTheInput(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change []string
		want   string
	}{
		"no stars":         {[]string{"rating", ""}, `<a href="#rating-1">Choose from 1 to 5 stars.</a>`},
		"stars in letters": {[]string{"rating", "x"}, "Choose from 1 to 5 stars."},
		"six stars":        {[]string{"rating", "6"}, "Choose from 1 to 5."},
		"no action":        {[]string{"corrected-1", "press <the> button"}, `unknown verb &#34;press&#34;`},
		"not there":        {[]string{"corrected-1", `click button "Sign up"`}, `<a href="#corrected-1">Step 1: No such element on the screen: button`},
		"right and not":    {[]string{"corrected-1", "done", "verdict-1", "right"}, "marked as right and corrected as well"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values := form("rating", "2", "comment", "keep <me>", "issue", "ocr", "verdict-2", "right", "corrected-1", "")
			for i := 0; i < len(c.change); i += 2 {
				values.Set(c.change[i], c.change[i+1])
			}
			d := &desk{sessions: []feedback.Session{ended("s-1", "log in")}}
			got := ask(t, serve(t, d), "POST", "/sessions/s-1/rating", values)
			got.shows(t, 422, c.want, "The rating is not stored", `role="alert"`, "keep &lt;me&gt;", `value="ocr" checked`,
				`name="verdict-2" value="right" checked`, "<title>Not stored")
			if text := values.Get("corrected-1"); text != "" {
				escaped := strings.NewReplacer(`"`, "&#34;", "<", "&lt;", ">", "&gt;").Replace(text)
				got.shows(t, 422, `value="`+escaped+`" autocomplete`, `aria-invalid="true" aria-describedby="error-1"`, `id="error-1"`)
			}
			if n := len(d.ratings()); n != 0 {
				t.Errorf("%d ratings were stored", n)
			}
		})
	}
}

func TestWhatTheDeskRefusesComesBackWithTheInput(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		status int
		want   string
	}{
		"comment":     {&feedback.InvalidError{Field: "comment", Why: "too long"}, 422, `id="error-comment">Too long.`},
		"issues":      {&feedback.InvalidError{Field: "issues[0]", Why: "unknown issue"}, 422, `<p class="error">Unknown issue.`},
		"elsewhere":   {&feedback.InvalidError{Field: "session_id", Why: "is odd"}, 422, "Is odd."},
		"no field":    {feedback.ErrInvalid, 422, "The rating cannot be taken."},
		"conflict":    {feedback.ErrConflict, 409, "Not in this state."},
		"unavailable": {feedback.ErrUnavailable, 503, "Nothing was stored, try again."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &desk{sessions: []feedback.Session{ended("s-1", "log in")}, fails: map[string]error{"Rate": c.err}}
			got := ask(t, serve(t, d), "POST", "/sessions/s-1/rating", form("rating", "3", "comment", "keep me", "corrected-1", "done"))
			got.shows(t, c.status, c.want, "keep me</textarea>", `value="3" required checked`, `value="done" autocomplete`)
			if (got.header.Get("Retry-After") != "") != (c.status == 503) {
				t.Errorf("Retry-After is %q", got.header.Get("Retry-After"))
			}
		})
	}
}

func TestRatingOfNothing(t *testing.T) {
	t.Parallel()
	d := &desk{sessions: []feedback.Session{ended("s-1", "log in")}}
	server := serve(t, d)
	ask(t, server, "POST", "/sessions/none/rating", form("rating", "3")).shows(t, 404, "There is no such session")
	ask(t, server, "POST", "/sessions/s-1/rating", form("comment", strings.Repeat("a", 2<<20))).shows(t, 413, "Nothing was stored")
	ask(t, server, "POST", "/sessions/s-1/rating?%zz", form("rating", "3")).shows(t, 400, "cannot be read")
	d.change(func() { d.fails = map[string]error{"Rate": errors.Join(errSurprise)} })
	ask(t, server, "POST", "/sessions/s-1/rating", form("rating", "3")).shows(t, 500, "Something went wrong")
}

func TestTheAddressOfAFormLeadsBack(t *testing.T) {
	t.Parallel()
	got := ask(t, serve(t, &desk{}), "GET", "/sessions/s-1/rating", nil)
	if got.status != 303 || got.header.Get("Location") != "/sessions/s-1" {
		t.Errorf("%d to %q", got.status, got.header.Get("Location"))
	}
}
