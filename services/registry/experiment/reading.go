package experiment

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// reading is a value of a session at the time from which it counts: its success, or its stars.
type reading struct {
	at      time.Time
	session session
	rating  bool
}

// readings returns what counts until a time, in that order.
func readings(all []session, settle time.Duration, until time.Time) []reading {
	var list []reading
	for _, s := range all {
		if s.success != nil {
			list = append(list, reading{at: s.ended, session: s})
		}
		if s.stars > 0 {
			list = append(list, reading{at: s.rated.Add(settle), session: s, rating: true})
		}
	}
	list = slices.DeleteFunc(list, func(r reading) bool { return r.at.After(until) })
	slices.SortFunc(list, func(a, b reading) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.session.id, b.session.id), cmp.Compare(rank(a), rank(b)))
	})
	return list
}

// rank puts a session's success before its stars.
func rank(r reading) int {
	if r.rating {
		return 1
	}
	return 0
}
