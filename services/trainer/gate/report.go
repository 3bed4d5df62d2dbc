package gate

import (
	"fmt"
	"strings"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// Report is what a gate measured and said, for those who ask later. It lies beside the
// adapter as JSON, as Markdown and with two plots.
type Report struct {
	Version string `json:"version"`
	// Champion is the version that it was compared with, empty for the base model.
	Champion string  `json:"champion,omitempty"`
	JobID    string  `json:"job_id"`
	Dataset  string  `json:"dataset_sha256"`
	Rules    Rules   `json:"rules"`
	Sets     []Set   `json:"sets"`
	Verdict  Verdict `json:"verdict"`
	// LeftOut says how the corrections were measured with when none were held out.
	LeftOut string `json:"left_out,omitempty"`
	// Kept says how the well-rated steps were measured with, or why none was.
	Kept string `json:"kept,omitempty"`
	// Search is how its settings were found; nil when they are the ones that are set.
	Search *Search   `json:"search,omitempty"`
	Curve  []Point   `json:"curve,omitempty"`
	Time   time.Time `json:"time"`
}

// Point is a step of the training and the losses there, in nats per label token; 0 where
// one was not measured.
type Point struct {
	Step    int     `json:"step"`
	Loss    float64 `json:"loss,omitempty"`
	HeldOut float64 `json:"held_out,omitempty"`
}

// Names of a report's files.
const (
	JSONFile     = contracts.ReportFile
	MarkdownFile = "report.md"
	LossFile     = "loss.svg"
	SetsFile     = "sets.svg"
)

// Markdown is the report for a person.
func (r Report) Markdown() string {
	champion := r.Champion
	if champion == "" {
		champion = "the base model"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s against %s: %s\n\n", r.Version, champion, r.Verdict.Outcome)
	fmt.Fprintf(&b, "Job %s, dataset %s, %s.\n\n", r.JobID, short(r.Dataset), r.Time.UTC().Format(time.RFC3339))
	b.WriteString("| set | steps | " + champion + " | " + r.Version + " | gained | lost | difference | 90 % interval |\n|---|---|---|---|---|---|---|---|\n")
	for _, s := range r.Sets {
		low, high := s.Interval()
		fmt.Fprintf(&b, "| %s | %d | %.1f %% | %.1f %% | %d | %d | %+.1f | %+.1f to %+.1f |\n",
			s.Name, s.N(), 100*s.Champion(), 100*s.Candidate(), s.Gained, s.Lost, 100*s.Difference(), 100*low, 100*high)
	}
	b.WriteString("\nRight is a step at which exactly the right action is said. Differences are in points.\n\n")
	if r.LeftOut != "" {
		b.WriteString("- for the corrections " + r.LeftOut + "\n")
	}
	if r.Kept != "" {
		b.WriteString("- of the steps that you rated well " + r.Kept + "\n")
	}
	for _, why := range r.Verdict.Why {
		b.WriteString("- " + why + "\n")
	}
	if len(r.Curve) > 0 {
		fmt.Fprintf(&b, "\n![loss](%s)\n", LossFile)
	}
	fmt.Fprintf(&b, "\n![right steps](%s)\n", SetsFile)
	if r.Search != nil {
		b.WriteString(r.Search.markdown())
	}
	return b.String()
}

// short is the beginning of a hash.
func short(hash string) string { return hash[:min(len(hash), 12)] }
