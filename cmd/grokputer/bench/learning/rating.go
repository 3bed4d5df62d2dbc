package learning

import (
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/lines"
)

// Rating is what the scripted user said of a session, as it was stored.
type Rating struct {
	Task    string `json:"task"`
	Seed    int64  `json:"seed"`
	Session string `json:"session"`
	Adapter string `json:"adapter"` // that planned it
	Stars   int    `json:"stars"`
	Fault   string `json:"fault,omitempty"`
	// Step and Corrected are the step that was corrected, and what was right there.
	Step      int    `json:"step,omitempty"`
	Corrected string `json:"corrected,omitempty"`
	// Refused is why the service did not take the correction; the stars are stored then.
	Refused string    `json:"refused,omitempty"`
	Time    time.Time `json:"time"`
}

// Ratings keeps the ratings that were given, in a file of a folder.
type Ratings struct{ *lines.File[Rating] }

// OpenRatings opens them.
func OpenRatings(folder string) (*Ratings, error) {
	file, err := lines.Open[Rating](filepath.Join(folder, "ratings.jsonl"), "ratings")
	if err != nil {
		return nil, err
	}
	return &Ratings{file}, nil
}

// Find is the rating of a session, if it was given.
func (r *Ratings) Find(s Session) (Rating, bool) {
	for _, given := range r.All() {
		if given.Task == s.Task && given.Seed == s.Seed {
			return given, true
		}
	}
	return Rating{}, false
}

// Of are the ratings of these sessions, as far as they were given.
func (r *Ratings) Of(sessions []Session) []Rating {
	var list []Rating
	for _, s := range sessions {
		if given, ok := r.Find(s); ok {
			list = append(list, given)
		}
	}
	return list
}
