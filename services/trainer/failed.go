package trainer

import (
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// failed says that a job failed, why, and what to do, in a sentence; empty for one that did not.
// No training begins by itself for the ratings of one that failed: what failed three times would
// fail again.
func failed(job *contracts.JobState, now time.Time) string {
	if job == nil || job.Phase != contracts.JobFailed {
		return ""
	}
	why := job.Reason
	if why == "" {
		why = "no reason is on record"
	}
	again := "its ratings are kept: when that is mended, `grokputer train now` learns from them"
	if job.Dataset.Key != "" {
		again = "when that is mended, `grokputer train import FILE` tries again"
	}
	return fmt.Sprintf("the last training, of %s, failed at %s: %s; %s", job.Version, clock(job.Updated, now), why, again)
}
