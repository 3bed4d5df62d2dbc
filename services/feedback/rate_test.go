package feedback_test

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

func TestARatingIsFrozenAndTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.session("a", contracts.VerbCompleted)
	s, _ := w.run()
	rated, err := s.Rate(t.Context(), contracts.Feedback{
		SessionID: "session_a", Rating: 2, Comment: "tea again", Issues: []contracts.Issue{contracts.IssueWrongAction},
		Steps: corrected(t, `click button "Espresso"`),
	}, "")
	if err != nil || !rated.New {
		t.Fatalf("%+v, %v", rated, err)
	}
	got, err := s.Session(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if got.Rating == nil || got.Rating.Stars != 2 || got.Rating.Comment != "tea again" || got.Rating.Corrected != 1 ||
		got.Steps[0].Corrected.String() != `click button "Espresso"` || got.Steps[0].Verdict != contracts.VerdictWrong || got.Steps[1].Verdict != "" {
		t.Errorf("%+v", got)
	}
	events := w.submitted()
	for len(events["feedback.low"]) == 0 { // it follows the other
		events = w.submitted()
	}
	if len(events["feedback.submitted"]) != 1 || events["feedback.low"][0].ID != rated.Event.ID {
		t.Errorf("%+v", events)
	}
	event := events["feedback.submitted"][0]
	if event.Corrected != 1 || event.Steps != 2 || event.Adapter != "starter" || contracts.Own(event.Adapters, contracts.RolePlanner) != "starter" || event.Outcome != contracts.VerbCompleted || event.Bundle != rated.Event.Bundle {
		t.Errorf("%+v", event)
	}
	body, err := w.blobs.Get(t.Context(), event.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	var b contracts.Bundle
	if err := json.Unmarshal(body, &b); err != nil {
		t.Fatal(err)
	}
	if b.Comment != "tea again" || len(b.Steps[0].State.Screen.Elements) != 3 || b.Steps[0].State.Task != "get me the usual" {
		t.Errorf("%+v", b)
	}
	if at := b.Steps[1].Landed; at == nil || at.X != 30 || at.Y != 1 {
		t.Errorf("the click of step 2 went to %v", at)
	}
	// The observer makes room: the bundle has its own pictures.
	for _, key := range w.keys("frames/") {
		if err := w.blobs.Remove(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	for step, content := range map[int]string{1: "a0", 2: "a1", 0: "a last"} {
		if p, err := s.Screenshot(t.Context(), "session_a", step); err != nil || !hasPicture(p, content) {
			t.Errorf("picture %d: %q, %v", step, p.PNG, err)
		}
	}
	if strings.Contains(string(body), "frames/"+b.Steps[0].Frame.Image.SHA256) && !strings.Contains(b.Steps[0].Frame.Image.Key, "bundles/a/frames/") {
		t.Errorf("the bundle points to %s", b.Steps[0].Frame.Image.Key)
	}
}

func TestRateRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.session("a", contracts.VerbFailed)
	w.session("running", "")
	w.publish(contracts.VerbAccepted, "old", contracts.TaskAccepted{TaskID: "old", SessionID: "session_old", Task: "x", Time: w.at})
	w.publish(contracts.VerbStep, "old", contracts.TaskStep{TaskID: "old", Step: 1, Action: parse(t, "done"), Outcome: contracts.OutcomeResult})
	w.publish(contracts.VerbCompleted, "old", contracts.TaskEnded{TaskID: "old", Time: w.at})
	s, _ := w.run()
	right := parse(t, `click button "Espresso"`)
	for name, c := range map[string]struct {
		f    contracts.Feedback
		is   error
		says string
	}{
		"no stars":           {contracts.Feedback{TaskID: "a"}, feedback.ErrInvalid, "rating: it is 0"},
		"six stars":          {contracts.Feedback{TaskID: "a", Rating: 6}, feedback.ErrInvalid, "rating: it is 6"},
		"an unknown session": {contracts.Feedback{SessionID: "b", Rating: 1}, feedback.ErrNotFound, `"b"`},
		"one that runs":      {contracts.Feedback{TaskID: "running", Rating: 1}, feedback.ErrConflict, "has not ended"},
		"two sessions":       {contracts.Feedback{TaskID: "a", SessionID: "session_old", Rating: 1}, feedback.ErrInvalid, "session_id"},
		"an unknown issue":   {contracts.Feedback{TaskID: "a", Rating: 1, Issues: []contracts.Issue{"luck"}}, feedback.ErrInvalid, "issues[0]"},
		"an issue twice":     {contracts.Feedback{TaskID: "a", Rating: 1, Issues: []contracts.Issue{"ocr", "ocr"}}, feedback.ErrInvalid, "issues[1]"},
		"a long comment":     {contracts.Feedback{TaskID: "a", Rating: 1, Comment: strings.Repeat("x", 4001)}, feedback.ErrInvalid, "comment: it has 4001"},
		"not UTF-8":          {contracts.Feedback{TaskID: "a", Rating: 1, Comment: "\xff"}, feedback.ErrInvalid, "UTF-8"},
		"no such step":       {contracts.Feedback{TaskID: "a", Rating: 1, Steps: []contracts.StepFeedback{{Step: 3}}}, feedback.ErrInvalid, "the session has 2"},
		"a step twice":       {contracts.Feedback{TaskID: "a", Rating: 1, Steps: []contracts.StepFeedback{{Step: 1}, {Step: 1}}}, feedback.ErrInvalid, "steps[1].step"},
		"a verdict":          {contracts.Feedback{TaskID: "a", Rating: 1, Steps: []contracts.StepFeedback{{Step: 1, Verdict: "so-so"}}}, feedback.ErrInvalid, "so-so"},
		"right and another":  {contracts.Feedback{TaskID: "a", Rating: 1, Steps: []contracts.StepFeedback{{Step: 1, Verdict: "right", Corrected: &right}}}, feedback.ErrInvalid, "needs no other"},
		"nothing there":      {contracts.Feedback{TaskID: "a", Rating: 1, Steps: corrected(t, `click button "Milk"`)}, feedback.ErrInvalid, `cannot be done on the screen of step 1`},
		"what was done":      {contracts.Feedback{TaskID: "a", Rating: 1, Steps: corrected(t, `click button "Tea"`)}, feedback.ErrInvalid, "is what was done"},
		"an unknown screen":  {contracts.Feedback{TaskID: "old", Rating: 1, Steps: corrected(t, `wait 2`)}, feedback.ErrInvalid, "not known what the screen"},
	} {
		_, err := s.Rate(t.Context(), c.f, "")
		if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v with %q", name, err, c.is, c.says)
		}
	}
	if events := w.submitted(); len(events) != 0 || len(w.keys("bundles/")) != 0 {
		t.Errorf("something was stored: %+v, %v", events, w.keys("bundles/"))
	}
}

func TestTheSameRatingTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.session("a", contracts.VerbCompleted)
	s, _ := w.run()
	rate := func(stars int, key string) (feedback.Rated, error) {
		return s.Rate(t.Context(), contracts.Feedback{TaskID: "a", Rating: stars}, key)
	}
	var wait sync.WaitGroup
	ids, news := make(chan string, 8), make(chan bool, 8)
	for range 8 { // at once
		wait.Go(func() {
			rated, err := rate(1, "")
			if err != nil {
				t.Error(err)
			}
			ids <- rated.Event.ID
			news <- rated.New
		})
	}
	wait.Wait()
	first, n := <-ids, 0
	for range 7 {
		if id := <-ids; id != first {
			t.Errorf("one rating has two ids: %s and %s", id, first)
		}
	}
	for range 8 {
		if <-news {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d of 8 were new", n)
	}
	second, err := rate(4, "k") // changed
	if err != nil || !second.New || second.Event.Replaces != first {
		t.Errorf("%+v, %v", second, err)
	}
	if again, err := rate(4, "k"); err != nil || again.New || again.Event.ID != second.Event.ID || again.Event.Bundle != second.Event.Bundle {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := rate(5, "k"); !errors.Is(err, feedback.ErrConflict) {
		t.Errorf("one key for two ratings: %v", err)
	}
	third, err := rate(1, "") // back to what it was
	if err != nil || !third.New || third.Event.ID == first || third.Event.Replaces != second.Event.ID {
		t.Errorf("%+v, %v", third, err)
	}
	if events := w.submitted()["feedback.submitted"]; len(events) != 3 {
		t.Errorf("%d events", len(events))
	}
	stats, err := s.Stats(t.Context())
	if err != nil || stats.Rated != 1 || stats.Average != 1 || stats.Failures != 1 || stats.TrainingError == "" {
		t.Errorf("%+v, %v", stats, err)
	}
}

// A request that comes late, after another rating, changes nothing.
func TestALateRepetition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.session("a", contracts.VerbCompleted)
	s, stop := w.run()
	rate := func(stars int, key string) feedback.Rated {
		t.Helper()
		rated, err := s.Rate(t.Context(), contracts.Feedback{TaskID: "a", Rating: stars, Comment: key}, key)
		if err != nil {
			t.Fatal(err)
		}
		return rated
	}
	first := rate(1, "k1")
	rate(5, "k2")
	if late := rate(1, "k1"); late.New || late.Event.ID != first.Event.ID || late.Event.Bundle != first.Event.Bundle {
		t.Errorf("%+v, the first was %+v", late, first)
	}
	if _, err := s.Rate(t.Context(), contracts.Feedback{TaskID: "a", Rating: 3}, "k1"); !errors.Is(err, feedback.ErrConflict) {
		t.Errorf("an old key for another rating: %v", err)
	}
	for _, e := range w.submitted()["feedback.submitted"] {
		if _, err := w.blobs.Get(t.Context(), e.Bundle); err != nil {
			t.Errorf("the bundle of %d stars: %v", e.Rating, err)
		}
	}
	if got := must(s.Session(t.Context(), "a")); got.Rating.Stars != 5 {
		t.Errorf("%d stars", got.Rating.Stars)
	}
	lows := len(w.submitted()["feedback.low"])
	stop()
	if err := os.Remove(w.db); err != nil {
		t.Fatal(err)
	}
	s, _ = w.run()
	if got := must(s.Session(t.Context(), "a")); got.Rating.Stars != 5 {
		t.Errorf("%d stars after the projection was made anew", got.Rating.Stars)
	}
	if n := len(w.submitted()["feedback.low"]); n != max(1, lows) {
		t.Errorf("%d events of low ratings, before %d", n, lows)
	}
}

// The service ends between each two writes of a rating. Repeating the request is
// harmless, and what was stored is known to the next service.
func TestEndsInTheMiddleOfARating(t *testing.T) {
	t.Parallel()
	for _, moment := range []feedback.Moment{feedback.AfterBundle, feedback.AfterPublish} {
		t.Run(string(moment), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.session("a", contracts.VerbCompleted)
			failing := errors.New("the power is gone")
			w.options.Hook = func(m feedback.Moment) error {
				if m == moment {
					return failing
				}
				return nil
			}
			s, stop := w.run()
			f := contracts.Feedback{TaskID: "a", Rating: 1}
			if _, err := s.Rate(t.Context(), f, "k"); !errors.Is(err, failing) {
				t.Fatal(err)
			}
			stop()
			w.options.Hook = nil
			s, _ = w.run()
			rated, err := s.Rate(t.Context(), f, "k")
			if err != nil || rated.New != (moment == feedback.AfterBundle) {
				t.Errorf("%+v, %v", rated, err)
			}
			if events := w.submitted()["feedback.submitted"]; len(events) != 1 {
				t.Errorf("%d events", len(events))
			}
			for len(w.submitted()["feedback.low"]) == 0 { // no crash loses it
			}
		})
	}
}

func TestS3IsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.session("a", contracts.VerbCompleted)
	w.options.Patience = 300 * time.Millisecond
	s, _ := w.run()
	if _, err := s.Session(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := w.s3.Shutdown(); err != nil {
		t.Fatal(err)
	}
	f := contracts.Feedback{TaskID: "a", Rating: 1}
	if _, err := s.Rate(t.Context(), f, ""); !errors.Is(err, feedback.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
	if err := s.Live(t.Context()); err == nil {
		t.Error("it says that all is well")
	}
	if events := w.submitted(); len(events) != 0 {
		t.Errorf("it told of %+v", events)
	}
	w.restartS3()
	if rated, err := s.Rate(t.Context(), f, ""); err != nil || !rated.New {
		t.Errorf("%+v, %v", rated, err)
	}
	if err := s.Live(t.Context()); err != nil {
		t.Error(err)
	}
}

// The projection is thrown away and made anew: every list and session is as before,
// also when the tasks' events are gone.
func TestTheProjectionIsMadeAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []string{"a", "b", "c"} {
		w.session(id, contracts.VerbCompleted)
	}
	w.session("d", contracts.VerbFailed)
	s, stop := w.run()
	for id, stars := range map[string]int{"a": 1, "b": 5} {
		if _, err := s.Rate(t.Context(), contracts.Feedback{TaskID: id, Rating: stars, Comment: id}, ""); err != nil {
			t.Fatal(err)
		}
	}
	look := func(s *feedback.Service) (list []feedback.Summary, sessions []feedback.Session) {
		t.Helper()
		list, err := s.List(t.Context(), feedback.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			session, err := s.Session(t.Context(), l.TaskID)
			if err != nil {
				t.Fatal(err)
			}
			sessions = append(sessions, session)
		}
		return list, sessions
	}
	list, sessions := look(s)
	stop()
	for _, damage := range []func() error{
		func() error { return os.Remove(w.db) },
		func() error {
			return os.WriteFile(w.db, []byte("no database at all, but long enough to look at"), 0o600)
		},
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		s, stop = w.run()
		again, sessionsAgain := look(s)
		if diff := cmp.Diff(list, again, cmpopts.EquateApproxTime(0)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(sessions, sessionsAgain); diff != "" {
			t.Error(diff)
		}
		stop()
	}
	stream, err := w.bus.JetStream().Stream(t.Context(), contracts.StreamTasks)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Purge(t.Context()); err != nil { // 90 days later
		t.Fatal(err)
	}
	if err := os.Remove(w.db); err != nil {
		t.Fatal(err)
	}
	s, _ = w.run()
	again, _ := look(s)
	if len(again) != 2 || again[0].TaskID != "b" || again[1].Rating.Comment != "a" {
		t.Errorf("%+v", again)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.session("a", contracts.VerbCompleted)
	w.session("b", contracts.VerbFailed)
	w.session("c", contracts.VerbCompleted)
	w.session("d", "")
	s, _ := w.run()
	if _, err := s.Rate(t.Context(), contracts.Feedback{TaskID: "a", Rating: 3}, ""); err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]feedback.Filter{
		"d c b a": {}, "b a": {Failed: true}, "c b": {Unrated: true}, "d c": {Last: 2}, "b": {Failed: true, Unrated: true},
	} {
		list, err := s.List(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, l := range list {
			ids = append(ids, l.TaskID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%+v: %s, want %s", f, got, want)
		}
	}
	if !reflect.DeepEqual(must(s.Stats(t.Context())).Stars, [5]int{0, 0, 1, 0, 0}) {
		t.Error("the stars are counted wrongly")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
