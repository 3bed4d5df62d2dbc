package web

import (
	"fmt"
	"strconv"
)

// tabs: one of a row of tabs is named, or counted, or what is behind one of them.
func (p *page) tabs() Session {
	s := Session{End: finished}
	n := p.between(2, 5)
	names, numbers := p.tabNames(n)
	ids, panels := make([]string, n), make([]string, n)
	for i := range n {
		ids[i], panels[i] = p.id(), p.id()
	}
	aim := p.rng.IntN(n)
	inside := p.chance(0.3) // what is in the panel is pressed, too
	unknown := inside && p.chance(0.4)
	on := (aim + p.between(1, n-1)) % n
	if p.chance(0.5) && aim != 0 { // as most pages are when they open
		on = 0
	}
	if inside && p.chance(0.2) {
		on = aim
	}
	box := p.chance(0.5)
	if box {
		p.putf("<div class=tabbox>")
	}
	p.tabBar(names, ids, panels, on)
	var within string
	var goal Goal
	for i := range n {
		state := "hidden"
		if i == on {
			state = ""
		}
		p.putf("<div class=panel id=%s %s>", panels[i], state)
		p.putf("<p>%s.</p>", text(p.Title(p.Phrase(3, 14))))
		if i == aim && inside {
			within = p.caption()
			if p.chance(0.5) {
				goal = Goal{Want: Click, At: p.link(within, p.leads())}
			} else {
				goal = Goal{Want: Click, At: p.button(within, p.afterwards())}
			}
		}
		if p.chance(0.6) {
			p.putf("<p>%s.</p>", text(p.Title(p.Phrase(3, 14))))
		}
		p.putf("</div>")
	}
	if box {
		p.putf("</div>")
	}
	if unknown { // nobody knows behind which one: they are opened from the first on
		for i := 0; on != aim && i <= aim; i++ {
			if i != on {
				s.Goals = append(s.Goals, Goal{Want: Click, At: ids[i]})
			}
		}
		s.Goals = append(s.Goals, goal)
		what := p.spokenWhole(within)
		s.Task = p.ask(pick(p.rng, what+" is behind one of the tabs: press it", "look behind the tabs for "+what+" and press it", "open one tab after the other until you see "+what+", then press it",
			"find "+what+" on one of the tabs and use it"))
		return s
	}
	if aim != on || !inside {
		s.Goals = append(s.Goals, Goal{Want: Click, At: ids[aim]})
	}
	request := p.tabRequest(names[aim], numbers, aim, n)
	if inside {
		s.Goals = append(s.Goals, goal)
		request += p.then(within)
	} else if second := (aim + p.between(1, n-1)) % n; p.chance(0.15) {
		s.Goals = append(s.Goals, Goal{Want: Click, At: ids[second]})
		request += pick(p.rng, ", then ", " and then ", ", after that ") + p.tabRequest(names[second], numbers, second, n)
	}
	s.Task = p.ask(request)
	return s
}

// tabNames are the captions of tabs. numbers says whether they count from one.
func (p *page) tabNames(n int) (names []string, numbers bool) {
	numbers = p.chance(0.5)
	word := pick(p.rng, "Tab", "Tab", "Part", "Page", "Section", "Step", "Sheet", "Chapter", "", p.Title(p.Word()))
	mark := pick(p.rng, " ", " ", " #", " no. ", " - ")
	if word == "" {
		mark = pick(p.rng, "#", "", "No. ")
	}
	letters := word != "" && p.chance(0.25)
	for i := range n {
		name := fmt.Sprintf("%s%s%d", word, mark, i+1)
		switch {
		case !numbers:
			name = p.fresh(func() string { return pick(p.rng, p.Title(p.Word()), p.Title(p.Phrase(1, 2))) })
		case letters:
			name = word + " " + string(rune('A'+i))
		}
		names = append(names, name)
	}
	return names, numbers
}

// tabBar puts the row of tabs. Mostly they stand on the lower edge of a bar.
func (p *page) tabBar(names, ids, panels []string, on int) {
	tag := pick(p.rng, "span", "a", "div")
	p.putf("<div class='tabs %s'>", pick(p.rng, "", "bar", "bar", "bar", "deep", "deep", "nav", "nav", "folder", "folder"))
	for i := range names {
		class := ""
		if i == on {
			class = "on"
		}
		p.putf("<%[1]s class='%[2]s' data-tab=%[3]s data-t=%[4]s data-k=tab>%[5]s</%[1]s>", tag, class, panels[i], ids[i], text(names[i]))
	}
	p.putf("</div>")
}

// tabRequest asks for a tab by its caption, its number or its place in the row.
func (p *page) tabRequest(name string, numbers bool, i, n int) string {
	switch {
	case p.chance(0.2):
		which := p.ordinal(i + 1)
		if i == n-1 && p.chance(0.4) {
			which = "last"
		}
		return pick(p.rng, "open the "+which+" tab", "go to the "+which+" tab", "switch to the "+which+" tab", "show the "+which+" tab")
	case numbers && p.chance(0.15):
		number := strconv.Itoa(i + 1)
		return pick(p.rng, "open tab number "+number, "show the tab with the number "+number, "switch to no. "+number)
	}
	name = p.spoken(name)
	return pick(p.rng, "open the "+name+" tab", "go to the tab "+name, "switch to "+name, "show the tab called "+name, "change to the "+name+" tab", p.press()+" the tab "+name,
		"bring "+name+" to the front", "show "+name, "make "+name+" the open tab", "let me see "+name)
}
