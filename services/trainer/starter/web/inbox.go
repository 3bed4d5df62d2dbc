package web

// verb is what a sign in a row of a list does, with its picture, drawn for this.
type verb struct{ name, path string }

// verbs are the signs of a list, in their usual order: the eyes see that there is a
// sign, not which.
func verbs() []verb {
	return []verb{
		{"reply", "M7 3v3c5 0 8 3 8 8-2-3-4-4-8-4v3L1 8z"},
		{"star", "M8 1l2 5h5l-4 3 2 6-5-4-5 4 2-6-4-3h5z"},
		{"delete", "M3 4h10v11H3zM1 2h14v2H1zM6 6v7M10 6v7"},
	}
}

// inbox: one of the signs in a row of a list is pressed, or the row itself.
func (p *page) inbox() Session {
	s := Session{End: finished}
	all := verbs()
	shown := all[pick(p.rng, 0, 0, 1, 1, 2):]
	rows := p.between(2, 5)
	lines, high := p.between(1, 3), ""
	if p.chance(0.5) {
		high = "high" // the signs stand beside the first line
	}
	itself := p.chance(0.2)
	if itself {
		lines = max(2, lines) // a sender alone in a line is read as such
	}
	aim, sign := p.rng.IntN(rows), pick(p.rng, shown...).name
	var sender, id string
	p.putf("<div class=list>")
	if p.chance(0.4) {
		p.putf("<h2>%s</h2>", text(pick(p.rng, "Inbox", "Messages", "Mail", "Conversations")))
	}
	for i := range rows {
		name := p.fresh(func() string { return p.Title(p.Word()) })
		if p.chance(0.3) {
			name += " " + p.Title(p.Word())
		}
		row := p.id()
		who := "<b>" + text(name) + "</b>"
		if itself {
			who = "<b class=sender data-t=" + row + " data-k=item " + p.leads() + ">" + text(name) + "</b>"
		}
		if i == aim {
			id, sender = row, name
		}
		p.putf("<div class='row %s'><span class=grow>%s%s</span>", high, who, p.subject(lines))
		for _, v := range shown {
			got, what := p.id(), "data-mark=1"
			if v.name == "delete" {
				what = "data-remove=.row"
			}
			p.putf("<span class=icon data-t=%s data-k=icon data-n='' %s><svg viewBox='0 0 16 16' fill='none' stroke='currentColor'><path d='%s'/></svg></span>", got, what, v.path)
			if i == aim && v.name == sign && !itself {
				id = got
			}
		}
		p.putf("</div>")
	}
	p.putf("</div>")
	s.Goals = []Goal{{Want: Click, At: id}}
	if itself {
		sign = ""
	}
	s.Task = p.ask(p.mail(sign, p.spokenWhole(sender)))
	return s
}

// subject is what a row says below or beside its sender, in HTML: words alone, in
// which nothing has to be escaped.
func (p *page) subject(lines int) string {
	first := p.Title(p.Phrase(1, 3))
	switch lines {
	case 1:
		return " " + first
	case 2:
		return "<br>" + first
	default:
		return "<br>" + first + "<br>" + p.Title(p.Phrase(2, 4))
	}
}

// mail asks for something to be done with a sender's message; to be opened, for "".
func (p *page) mail(verb, name string) string {
	what := pick(p.rng, "message", "mail", "note")
	switch verb {
	case "delete":
		return pick(p.rng, "delete the "+what+" from "+name, "throw away "+name+"'s "+what, "put the "+what+" of "+name+" in the bin", "remove what "+name+" wrote", "press the bin beside "+name)
	case "star":
		return pick(p.rng, "star the "+what+" from "+name, "mark "+name+"'s "+what+" with a star", "put a star on the "+what+" of "+name, "press the star beside "+name)
	case "reply":
		return pick(p.rng, "answer "+name+"'s "+what, "start a reply to "+name, "press the reply arrow of "+name, "reply to what "+name+" wrote")
	default:
		return pick(p.rng, "open the "+what+" from "+name, "read "+name+"'s "+what, "show what "+name+" wrote", "open what came from "+name)
	}
}
