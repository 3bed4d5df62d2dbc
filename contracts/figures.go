package contracts

import "time"

// Estimate is a mean or a share of some sessions, or a difference of two, with the interval
// that holds what it estimates with 95 %, if one looks once.
type Estimate struct {
	// N is how many sessions it is of; 0 means that nothing is known, and all else is 0.
	N     int     `json:"n"`
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// AdapterFigures is how a version does in the eyes of its user.
type AdapterFigures struct {
	Version string `json:"version"`
	// Parent is the version that the gains are over: VersionNone for one that began from the
	// base model, and empty for one that is not on record.
	Parent string `json:"parent,omitempty"`
	// Sessions is how many the version planned, but for those that were deleted.
	Sessions int `json:"sessions"`
	// Stars is the mean of its rated sessions, 1 to 5, and Success the share of those that
	// completed of those that completed or failed, 0 to 1.
	Stars   Estimate `json:"stars"`
	Success Estimate `json:"success"`
	// Ratings are how many of its sessions have 1, 2, 3, 4 and 5 stars.
	Ratings [MaxRating]int `json:"ratings"`
	// StarsGain and SuccessGain are how much better it did than its parent, -4 to 4 and -1 to 1;
	// N is that of the smaller side. They describe: the two may have had other tasks.
	StarsGain   Estimate `json:"stars_gain"`
	SuccessGain Estimate `json:"success_gain"`
}

// FiguresWeek is how the agent did in the sessions that ended in a week.
type FiguresWeek struct {
	Week    string   `json:"week"` // ISO 8601, of UTC, such as 2026-W48
	Stars   Estimate `json:"stars"`
	Success Estimate `json:"success"`
	// Champions are the versions that came into use in the week, in order.
	Champions []ChampionSince `json:"champions,omitempty"`
}

// ChampionSince says when a version came into use.
type ChampionSince struct {
	Version string      `json:"version"` // empty for the base model alone
	Verb    AdapterVerb `json:"verb"`    // promoted or rolledback: how it came into use
	Time    time.Time   `json:"time"`
}

// Figures is the registry's answer to how the versions do.
type Figures struct {
	// Versions are those on record, the oldest first, then others that planned sessions.
	Versions []AdapterFigures `json:"versions"`
	// Weeks are all from the first one with a session or a new champion to the last one.
	Weeks []FiguresWeek `json:"weeks"`
}
