package pages

import (
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

// standing is how the agent does in its user's eyes.
type standing struct {
	Missing  string // why nothing can be said; empty when it can
	Average  string // empty when nothing is rated
	Window   string // over what the average is taken
	Rated    string
	Failures int
	Bars     []bar
	Issues   []issueCount
	Training training
}

// bar is how many of the last ratings have so many stars.
type bar struct {
	Stars int
	Count int
	// Width is the part of the fullest bar, in percent.
	Width float64
}

// issueCount is how often something went wrong.
type issueCount struct {
	Name  string
	Count int
}

// training is what the trainer says.
type training struct {
	Error   string // why it could not be asked; empty when it was
	Due     bool
	Why     string
	Held    string // why one that is due waits, or one that runs rests
	Last    string // what became of the last job; empty before the first, and if it failed
	Failed  string // that it failed, why, and what to do
	Correct []link // low-rated sessions that teach nothing yet

	Running bool
	Doing   string // what the running job does
	Step    int
	Steps   int // 0 while the number is not known
	Detail  string
}

// link is a name with its address.
type link struct{ Name, Link string }

// mostToCorrect is how many sessions to correct are named.
const mostToCorrect = 5

func (p *pages) standing(s feedback.Stats) standing {
	view := standing{
		Window:   "of the last " + count(s.Window, "rated session", "rated sessions"),
		Rated:    fmt.Sprintf("%d of %s rated", s.Rated, count(s.Sessions, "session", "sessions")),
		Failures: s.Failures,
		Training: p.training(s),
	}
	if s.Window > 0 {
		view.Average = fmt.Sprintf("%.1f", s.Average)
	}
	fullest := 1
	for _, n := range s.Stars {
		fullest = max(fullest, n)
	}
	for i := len(s.Stars) - 1; i >= 0; i-- {
		view.Bars = append(view.Bars, bar{Stars: i + 1, Count: s.Stars[i], Width: 100 * float64(s.Stars[i]) / float64(fullest)})
	}
	for _, issue := range contracts.Issues() {
		if n := s.Issues[issue]; n > 0 {
			view.Issues = append(view.Issues, issueCount{Name: issue.Describe(), Count: n})
		}
	}
	return view
}

func (p *pages) training(s feedback.Stats) training {
	if s.Training == nil {
		view := training{Error: "The trainer cannot be asked for the moment."}
		if s.TrainingError != "" {
			view.Error = capital(s.TrainingError)
		}
		return view
	}
	status := s.Training
	view := training{Due: status.Due, Why: capital(status.Why), Held: capital(status.Held)}
	for _, id := range status.Uncorrected[:min(len(status.Uncorrected), mostToCorrect)] {
		view.Correct = append(view.Correct, link{Name: cut(id, 12), Link: sessionLink(id)})
	}
	job := status.Job
	if job == nil {
		return view
	}
	if status.Failed != "" {
		view.Failed = capital(status.Failed)
		return view
	}
	if job.Phase.Ends() {
		view.Last = lastJob(job) + " (" + p.moment(job.Updated).Text + ")"
		return view
	}
	view.Running, view.Doing, view.Why = true, doing(job), capital(job.Why)
	if progress := status.Progress; progress != nil {
		view.Step, view.Steps, view.Detail = progress.Step, progress.Steps, detail(progress)
	}
	return view
}

func doing(job *contracts.JobState) string {
	switch job.Phase {
	case contracts.JobDataset:
		return "Putting the examples of " + job.Version + " together"
	case contracts.JobUpload:
		return "Uploading " + job.Version
	case contracts.JobPublish:
		return "Publishing " + job.Version
	default:
		return "Training " + job.Version
	}
}

func lastJob(job *contracts.JobState) string {
	switch job.Phase {
	case contracts.JobCompleted:
		return job.Version + " was trained and published"
	case contracts.JobCancelled:
		return "The last training was cancelled"
	default:
		if job.Reason == "" {
			return "The last training failed"
		}
		return "The last training failed: " + job.Reason
	}
}

func detail(p *contracts.TrainingProgress) string {
	if p.Doing != "" && p.Steps == 0 {
		return capital(p.Doing)
	}
	text := fmt.Sprintf("Step %d of %d", p.Step, p.Steps)
	if p.Doing != "" {
		text = capital(p.Doing) + ": step " + fmt.Sprintf("%d of %d", p.Step, p.Steps)
	}
	if p.Loss > 0 {
		text += fmt.Sprintf(", loss %.3f", p.Loss)
	}
	if p.TokensPerSecond > 0 {
		text += fmt.Sprintf(", %.0f tokens a second", p.TokensPerSecond)
	}
	if p.LeftSeconds > 0 {
		text += ", about " + span(time.Duration(p.LeftSeconds*float64(time.Second))) + " left"
	}
	return text
}
