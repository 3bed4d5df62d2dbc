package web

import (
	"math/rand/v2"
	"slices"
)

// family is one kind of task with its share of the sessions.
type family struct {
	name   string
	weight int
	make   func(*page) Session
}

// families are all kinds of tasks. What the planner does worst has 70 % of the weight.
func families() []family {
	return []family{
		{"only", 6, (*page).only},
		{"named", 5, (*page).named},
		{"order", 9, (*page).order},
		{"dialog", 11, (*page).dialog},
		{"tabs", 17, (*page).tabs},
		{"radio", 4, (*page).radio},
		{"boxes", 5, (*page).boxes},
		{"list", 6, (*page).list},
		{"field", 4, (*page).field},
		{"secret", 7, (*page).secret},
		{"login", 10, (*page).login},
		{"search", 2, (*page).search},
		{"table", 6, (*page).table},
		{"word", 15, (*page).word},
		{"tree", 18, (*page).tree},
		{"inbox", 14, (*page).inbox},
		{"spinner", 12, (*page).spinner},
		{"below", 2, (*page).below},
		{"form", 3, (*page).form},
		{"answer", 3, (*page).answer},
		{"missing", 2, (*page).missing},
	}
}

// Families are the names of all kinds of tasks.
func Families() []string {
	var names []string
	for _, f := range families() {
		names = append(names, f.name)
	}
	return names
}

// Draw is the session with a number. The same seed, number and scale give the same
// one. Only draws from the named families, from all when there are none.
func Draw(seed, number uint64, scale int, only ...string) Session {
	rng := rand.New(rand.NewPCG(seed, number^0x9a6e5))
	all := slices.DeleteFunc(families(), func(f family) bool { return len(only) > 0 && !slices.Contains(only, f.name) })
	total := 0
	for _, f := range all {
		total += f.weight
	}
	n := rng.IntN(total)
	for _, f := range all {
		if n -= f.weight; n < 0 {
			p := newPage(rng, scale)
			s := f.make(p)
			s.Family, s.HTML = f.name, p.document()
			p.trouble(&s)
			return s
		}
	}
	return Session{} // not reached: n is below the sum of the weights
}
