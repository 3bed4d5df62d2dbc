package pages_test

import (
	"fmt"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

func TestListShowsEverySessionInWords(t *testing.T) {
	t.Parallel()
	rated := ended("s-2", "open the editor")
	rated.Outcome, rated.Reason, rated.Answer = contracts.VerbCompleted, "", "all of it"
	rated.Rating = &feedback.Rating{Stars: 4}
	d := &desk{sessions: []feedback.Session{ended("s-1", "log in"), rated}}
	got := ask(t, serve(t, d), "GET", "/", nil)
	got.shows(t, 200, `<html lang="en">`, "<title>Sessions", `href="/sessions/s-1">log in`, "Failed", "Completed", "Not rated",
		"4 of 5 stars", "2 steps", "starter", "Today, 11:00", "the same action kept having no effect", "all of it", "Not rated yet")
	got.hides(t, "http-equiv", "data-refresh", "<style", "style=")
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	good := ended("s-2", "open the editor")
	good.Outcome = contracts.VerbCompleted
	good.Rating = &feedback.Rating{Stars: 5}
	low := ended("s-3", "low one")
	low.Rating = &feedback.Rating{Stars: 1}
	server := serve(t, &desk{sessions: []feedback.Session{ended("s-1", "log in"), good, low}})
	failed := ask(t, server, "GET", "/?show=failed", nil)
	failed.shows(t, 200, "/sessions/s-1", "/sessions/s-3", `href="/?show=failed" aria-current="page"`)
	failed.hides(t, "/sessions/s-2")
	unrated := ask(t, server, "GET", "/?show=unrated", nil)
	unrated.shows(t, 200, "/sessions/s-1", `href="/?show=unrated" aria-current="page"`)
	unrated.hides(t, "/sessions/s-2", "/sessions/s-3")
}

func TestListSaysWhyItIsEmpty(t *testing.T) {
	t.Parallel()
	server := serve(t, &desk{})
	for path, want := range map[string]string{
		"/": "There is no session yet", "/?show=failed": "No session failed", "/?show=unrated": "Every session that has ended is rated",
	} {
		ask(t, server, "GET", path, nil).shows(t, 200, want)
	}
}

func TestListShowsOlderSessionsOnDemand(t *testing.T) {
	t.Parallel()
	d := &desk{}
	for i := range 101 {
		d.sessions = append(d.sessions, ended(fmt.Sprint("s-", i), "a task"))
	}
	server := serve(t, d)
	first := ask(t, server, "GET", "/", nil)
	first.shows(t, 200, "/sessions/s-99", `href="/?last=200"`)
	first.hides(t, "/sessions/s-100")
	all := ask(t, server, "GET", "/?last=200", nil)
	all.shows(t, 200, "/sessions/s-100")
	all.hides(t, "Show older")
}

func TestListIsRefreshedWhileSomethingRuns(t *testing.T) {
	t.Parallel()
	server := serve(t, &desk{sessions: []feedback.Session{running("s-1")}})
	ask(t, server, "GET", "/", nil).shows(t, 200, "Running", `data-refresh="3"`, `<noscript><meta http-equiv="refresh"`)
}

func TestListShowsHowTheAgentDoes(t *testing.T) {
	t.Parallel()
	d := &desk{stats: feedback.Stats{
		Sessions: 9, Rated: 4, Window: 4, Average: 2.75, Failures: 3, Stars: [5]int{1, 0, 2, 0, 1},
		Issues:   map[contracts.Issue]int{contracts.IssueTimeout: 2},
		Training: &contracts.TrainingStatus{Why: "two more failures are needed", Uncorrected: []string{"s-1"}},
	}}
	server := serve(t, d)
	ask(t, server, "GET", "/", nil).shows(t, 200, "2.8", "of the last 4 rated sessions", "4 of 9 sessions rated",
		"<strong>3</strong> failures", `width="50.0"`, "2 × Timeout", "Not due", "Two more failures are needed.", `href="/sessions/s-1"`)
}

func TestListShowsTheTraining(t *testing.T) {
	t.Parallel()
	job := func(phase contracts.JobPhase, reason string) *contracts.TrainingStatus {
		return &contracts.TrainingStatus{Due: true, Why: "low ratings", Job: &contracts.JobState{
			Version: "lora-v3", Phase: phase, Reason: reason, Why: "five failures", Updated: clock(),
		}}
	}
	training := job(contracts.JobTraining, "")
	training.Progress = &contracts.TrainingProgress{Step: 12, Steps: 60, Loss: 0.5, TokensPerSecond: 90, LeftSeconds: 130}
	resting := job(contracts.JobTraining, "")
	resting.Held = "quiet hours"
	failed := job(contracts.JobFailed, "the disk is full")
	failed.Failed = "the last training failed: the disk is full; what to do"
	for _, c := range []struct {
		stats feedback.Stats
		want  []string
	}{
		{feedback.Stats{Training: failed}, []string{`<p class="note">The last training failed: the disk is full; what to do.</p>`}},
		{feedback.Stats{}, []string{"The trainer cannot be asked for the moment."}},
		{feedback.Stats{TrainingError: "no trainer answers"}, []string{"No trainer answers."}},
		{feedback.Stats{Training: &contracts.TrainingStatus{Due: true, Why: "low ratings"}}, []string{">Due<", "Low ratings."}},
		{feedback.Stats{Training: &contracts.TrainingStatus{Why: "low ratings", Held: "quiet hours"}}, []string{"Waiting<", "Low ratings.", "Quiet hours."}},
		{feedback.Stats{Training: resting}, []string{"Resting<", "Quiet hours.", "<progress"}},
		{feedback.Stats{Training: training}, []string{
			`value="12" max="60"`, "Step 12 of 60, loss 0.500, 90 tokens a second, about 2 min 10 s left", "Training lora-v3", "Five failures.", `data-refresh="3"`,
		}},
		{feedback.Stats{Training: job(contracts.JobDataset, "")}, []string{"Putting the examples of lora-v3 together", "<progress"}},
		{feedback.Stats{Training: job(contracts.JobUpload, "")}, []string{"Uploading lora-v3"}},
		{feedback.Stats{Training: job(contracts.JobPublish, "")}, []string{"Publishing lora-v3"}},
		{feedback.Stats{Training: job(contracts.JobCompleted, "")}, []string{"lora-v3 was trained and published (Today, 12:00)"}},
		{feedback.Stats{Training: job(contracts.JobCancelled, "")}, []string{"The last training was cancelled"}},
		{feedback.Stats{Training: job(contracts.JobFailed, "the disk is full")}, []string{"The last training failed: the disk is full"}},
	} {
		ask(t, serve(t, &desk{stats: c.stats}), "GET", "/", nil).shows(t, 200, c.want...)
	}
}

func TestListLivesWithoutTheSums(t *testing.T) {
	t.Parallel()
	d := &desk{sessions: []feedback.Session{ended("s-1", "log in")}, fails: map[string]error{"Stats": errSurprise}}
	got := ask(t, serve(t, d), "GET", "/", nil)
	got.shows(t, 200, "log in", "cannot be had for the moment")
	got.hides(t, "surprise")
}

func TestListSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for err, status := range map[error]int{feedback.ErrUnavailable: 503, feedback.ErrConflict: 409, errSurprise: 500} {
		got := ask(t, serve(t, &desk{fails: map[string]error{"List": err}}), "GET", "/?show=failed", nil)
		got.shows(t, status, "All sessions")
		got.hides(t, "surprise")
		if status == 503 {
			got.shows(t, 503, `href="/?show=failed">Try again`)
		}
	}
}
