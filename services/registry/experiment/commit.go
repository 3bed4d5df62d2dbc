package experiment

import "fmt"

// Commit ends an experiment that the test has not decided: the version that did better stays,
// however little that shows. It is for one person, whose ratings come a few a day, and for versions
// that passed a gate: choosing wrongly between two that hardly differ costs little,
// and comparing them for weeks keeps the better one from most of the tasks.
type Commit struct {
	// Ratings are the ratings, of both arms, at which the versions are compared. A session that
	// nobody rated does not bring that nearer: its success says too little.
	Ratings int `json:"ratings"`
	// Least are the ratings that each arm has at least by then: until it has, it goes on.
	Least int `json:"least"`
}

func (c Commit) validate() error {
	switch {
	case c.Least < 1:
		return fmt.Errorf("plan: commit.least is %d, want 1 or more ratings", c.Least)
	case c.Ratings < 2*c.Least:
		return fmt.Errorf("plan: commit.ratings is %d, want at least %d, the %d that each arm needs", c.Ratings, 2*c.Least, c.Least)
	}
	return nil
}

// comparable reports whether each arm has the ratings that it needs.
func (c Commit) comparable(champion, challenger score) bool {
	return champion.rated >= c.Least && challenger.rated >= c.Least
}

// due reports whether the versions are compared now.
func (c Commit) due(champion, challenger score) bool {
	return champion.rated+challenger.rated >= c.Ratings && c.comparable(champion, challenger)
}

// waiting is what is still missing, in words.
func (c Commit) waiting(champion, challenger score) string {
	n := champion.rated + challenger.rated
	if n < c.Ratings {
		return fmt.Sprintf("after %d ratings the better version stays, %d are there", c.Ratings, n)
	}
	return fmt.Sprintf("the better version stays once each has %d ratings: the champion has %d, the challenger %d", c.Least, champion.rated, challenger.rated)
}

// score is what an arm has come to.
type score struct{ rated, stars, judged, succeeded int }

func (s score) mean() float64 {
	if s.rated == 0 {
		return 0
	}
	return float64(s.stars) / float64(s.rated)
}

// verdict is what speaks against a challenger when a trial is over; nothing is a tie or better,
// and then it stays: the gate found it better.
type verdict struct{ fewerStars, fewerDone bool }

// against compares a challenger with a champion. Stars are counted exactly, so that a tie is
// one. A loss of successes is passed over up to what a promotion passes over, because of
// so few sessions one shows by chance; with equal stars none is. What nobody knows is no loss.
func (s score) against(champion score, loss float64) verdict {
	ahead := s.stars*champion.rated - champion.stars*s.rated
	v := verdict{fewerStars: ahead < 0}
	if s.judged == 0 || champion.judged == 0 {
		return v
	}
	lost := float64(champion.succeeded)/float64(champion.judged) - float64(s.succeeded)/float64(s.judged)
	const rounding = 1e-9
	v.fewerDone = lost > loss+rounding || ahead == 0 && lost > rounding
	return v
}

// outcome is which version stays.
func (v verdict) outcome() Outcome {
	if v.fewerStars || v.fewerDone {
		return Ended
	}
	return Promote
}

func (v verdict) String() string {
	switch {
	case v.fewerStars && v.fewerDone:
		return "its stars are fewer and it does fewer tasks, so the champion stays"
	case v.fewerStars:
		return "its stars are fewer, so the champion stays"
	case v.fewerDone:
		return "it does fewer tasks, so the champion stays"
	default:
		return "it is no worse than the champion"
	}
}

// why says in a sentence which version stays.
func (v verdict) why(challenger, champion score) string {
	known := fmt.Sprintf("%.2f stars in the mean against %.2f", challenger.mean(), champion.mean())
	if challenger.judged > 0 && champion.judged > 0 {
		known += fmt.Sprintf(", %d of %d tasks done against %d of %d", challenger.succeeded, challenger.judged, champion.succeeded, champion.judged)
	}
	return fmt.Sprintf("the trial is over after %d ratings: %s (%s)", challenger.rated+champion.rated, v, known)
}
