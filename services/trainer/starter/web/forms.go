package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// radio: one option of a group is chosen, then a button is pressed.
func (p *page) radio() Session {
	s := Session{End: finished}
	p.clutter(p.rng.IntN(2), "button", "check")
	id, label, others := p.options(p.between(2, 6))
	s.Goals = append(s.Goals, Goal{Want: Check, At: id})
	s.Slips = others
	send, caption := p.send()
	s.Goals = append(s.Goals, Goal{Want: Click, At: send})
	name := p.spoken(label)
	s.Task = p.ask(pick(p.rng, "choose "+name, "pick "+name, "mark "+name, "take the option "+name, "set the option to "+name, "pick the "+name+" radio button") + p.then(caption))
	return s
}

// options puts a group of radio buttons and says which one is meant.
func (p *page) options(n int) (id, label string, others []string) {
	aim, on := p.rng.IntN(n), -1
	if p.chance(0.3) {
		on = (aim + 1) % n
	}
	group := p.id()
	for i := range n {
		caption, attributes := p.choiceLabel(), ""
		if i == on {
			attributes = "checked"
		}
		got := p.check("radio", group, caption, attributes)
		if i == aim {
			id, label = got, caption
		} else if i != on {
			others = append(others, got)
		}
	}
	return id, label, others
}

// boxes: several check boxes are ticked, those that are not yet, then a button is pressed.
func (p *page) boxes() Session {
	s := Session{End: finished}
	p.clutter(p.rng.IntN(2), "button", "check")
	n := p.between(2, 7)
	chosen := p.shuffled(n)[:p.between(1, min(5, n))]
	before := p.chance(0.25)
	labels, ids := make([]string, n), make([]string, n)
	for i := range n {
		labels[i] = p.choiceLabel()
		attributes := ""
		if before && slices.Contains(chosen, i) && p.chance(0.5) {
			attributes = "checked"
		}
		ids[i] = p.check("checkbox", "", labels[i], attributes)
		if !slices.Contains(chosen, i) {
			s.Slips = append(s.Slips, ids[i])
			s.Goals = append(s.Goals, Goal{Want: Uncheck, At: ids[i]})
		}
	}
	var names []string
	for _, i := range chosen {
		names = append(names, p.spoken(labels[i]))
		s.Goals = append(s.Goals, Goal{Want: Check, At: ids[i]})
	}
	send, caption := p.send()
	s.Goals = append(s.Goals, Goal{Want: Click, At: send})
	s.Task = p.ask(pick(p.rng, "tick ", "check ", "mark ", "switch on ", "tick the boxes ", "put ticks at ", "I want ") + p.join(names) + p.then(caption))
	if p.chance(0.06) { // nothing is to be ticked
		s.Goals = s.Goals[len(s.Goals)-1:]
		s.Slips = nil
		s.Task = p.ask(pick(p.rng, "tick nothing", "leave all boxes as they are", "mark none of the boxes") + p.then(caption))
	}
	return s
}

// choiceLabel is what stands beside a check box or a radio button.
func (p *page) choiceLabel() string {
	return p.fresh(func() string { return pick(p.rng, p.Caption(), p.Word(), p.Title(p.Word()), p.Secret()) })
}

// list: an entry of a list that drops down is chosen, then a button is pressed.
func (p *page) list() Session {
	s := Session{End: finished}
	p.clutter(p.rng.IntN(2), "button", "field", "check")
	label := ""
	if p.chance(0.5) {
		label = p.label()
	}
	id, entry := p.choice(label)
	s.Goals = append(s.Goals, Goal{Want: Choose, At: id, Text: entry})
	name := p.spokenWhole(entry)
	request := pick(p.rng, "choose "+name+" in the list", "pick "+name+" from the drop-down", "set the list to "+name, "take "+name+" from the menu", "choose "+name+" in the drop-down list",
		"pick the entry "+name)
	if label != "" && p.chance(0.7) {
		request = pick(p.rng, "set "+label+" to "+name, "choose "+name+" for "+label, "pick "+name+" as the "+strings.ToLower(label))
	}
	request += p.sends(&s, 0.85)
	s.Task = p.ask(request)
	return s
}

// spokenWhole is a value with its own capitals.
func (p *page) spokenWhole(s string) string {
	if p.chance(0.4) {
		return `"` + s + `"`
	}
	return s
}

// choice puts a list that drops down and says which entry is meant.
func (p *page) choice(label string) (id, entry string) {
	n := p.between(3, 9)
	if p.chance(0.2) {
		n = p.between(10, 40)
	}
	entries := make([]string, n)
	for i := range entries {
		entries[i] = p.fresh(func() string { return p.Title(p.Phrase(1, pick(p.rng, 1, 1, 2))) })
	}
	if p.chance(0.3) {
		slices.Sort(entries)
	}
	entry = entries[0] // is chosen already
	if !p.chance(0.12) {
		entry = entries[1+p.rng.IntN(n-1)]
	}
	id = p.id()
	if label != "" {
		p.putf("<div class=line><label for=%s>%s</label> ", id, text(label))
	} else {
		p.putf("<div class=line>")
	}
	if p.chance(0.8) || n > 9 {
		p.putf("<select id=%s data-t=%s data-k=list>", id, id)
		for _, e := range entries {
			p.putf("<option>%s</option>", text(e))
		}
		p.putf("</select></div>")
		return id, entry
	}
	popup := p.id()
	p.putf(`<div class=drop id=%s data-t=%s data-k=drop data-menu=%s data-value="%s"><span class=chosen>%s</span><span class=arrow>▾</span></div><div class=popup id=%s hidden>`,
		id, id, popup, text(entries[0]), text(entries[0]), popup)
	for _, e := range entries {
		p.putf("<div data-option=%s>%s</div>", id, text(e))
	}
	p.putf("</div></div>")
	return id, entry
}

// field: a text goes into the only field, or into a labelled one.
func (p *page) field() Session {
	s := Session{End: finished}
	p.clutter(p.rng.IntN(2), "button", "field")
	n := pick(p.rng, 1, 1, 2, 3)
	aim := p.rng.IntN(n)
	label := ""
	for i := range n {
		l := ""
		if n > 1 || p.chance(0.5) {
			l = p.label()
		}
		value, kind := p.value(), "text"
		if _, err := strconv.Atoi(value); err == nil && p.chance(0.6) {
			kind = "number"
		}
		if got := p.input(kind, l); i == aim {
			label = l
			s.Goals = append(s.Goals, Goal{Want: Fill, At: got, Text: value})
		}
	}
	value := p.quoted(s.Goals[0].Text)
	request := pick(p.rng, "write "+value, "type "+value, "put in "+value, "key in "+value, "fill in "+value, "put "+value+" into the box", "write "+value+" in the field", "type "+value+" into the text box")
	if label != "" && (n > 1 || p.chance(0.6)) {
		l := p.spoken(label)
		request = pick(p.rng, "write "+value+" into "+l, "put "+value+" in the "+l+" field", "fill "+l+" with "+value, l+" is "+value, "type "+value+" for "+l, "set "+l+" to "+value)
	}
	request += p.sends(&s, 0.75)
	s.Task = p.ask(request)
	return s
}

// value is what goes into a field.
func (p *page) value() string {
	switch p.rng.IntN(8) {
	case 0:
		return strconv.Itoa(p.rng.IntN(10000))
	case 1:
		return p.Name()
	case 2:
		return p.Secret()
	case 3:
		return fmt.Sprintf("%02d/%02d/%d", p.between(1, 12), p.between(1, 28), p.between(1950, 2030))
	case 4:
		return p.Name() + "@" + strings.ToLower(p.Word()) + pick(p.rng, ".com", ".org", ".net")
	case 5:
		return p.Title(p.Word()) + " " + p.Title(p.Word())
	default:
		return p.Phrase(1, 3)
	}
}

// search: words go into a field and are looked for, by a button or the enter key.
func (p *page) search() Session {
	s := Session{End: finished}
	p.clutter(p.rng.IntN(3), "button", "field")
	words := p.Phrase(1, 3)
	id := p.input(pick(p.rng, "search", "text"), pick(p.rng, "", "", "Search", "Find"))
	s.Goals = append(s.Goals, Goal{Want: Fill, At: id, Text: words})
	value := p.quoted(words)
	request := pick(p.rng, "search for "+value, "look for "+value, "find "+value+" with the search box", "look up "+value)
	if p.chance(0.6) {
		p.putf("<div class=line>")
		s.Goals = append(s.Goals, Goal{Want: Click, At: p.button(pick(p.rng, "Search", "Go", "Find", "Look up"), p.afterwards())})
		p.putf("</div>")
	} else {
		request += pick(p.rng, " and press enter", ", then press the enter key", " and hit enter")
		s.Goals = append(s.Goals, Goal{Want: Enter, At: id})
		p.putf("<p class=entered hidden>%s</p>", text(pick(p.rng, "Nothing was found.", p.Title(p.Phrase(2, 5))+".", "Results for "+words)))
	}
	p.clutter(p.rng.IntN(3), "button", "field")
	s.Task = p.ask(request)
	return s
}

// form: several of these one after the other.
func (p *page) form() Session {
	s := Session{End: finished}
	p.narrow = false
	var parts []string
	p.putf("<h2>%s</h2>", text(p.caption()))
	for _, what := range p.shuffled(4)[:p.between(2, 3)] {
		switch what {
		case 0, 1:
			label, value := p.label(), p.value()
			s.Goals = append(s.Goals, Goal{Want: Fill, At: p.input("text", label), Text: value})
			parts = append(parts, pick(p.rng, p.quoted(value)+" for "+p.spoken(label), p.spoken(label)+" "+`"`+value+`"`))
		case 2:
			label := p.caption()
			s.Goals = append(s.Goals, Goal{Want: Check, At: p.check("checkbox", "", label, "")})
			parts = append(parts, pick(p.rng, "tick "+p.spoken(label), p.spoken(label)+" on"))
		default:
			label := p.label()
			id, entry := p.choice(label)
			s.Goals = append(s.Goals, Goal{Want: Choose, At: id, Text: entry})
			parts = append(parts, p.spokenWhole(entry)+" as "+p.spoken(label))
		}
	}
	send, caption := p.send()
	s.Goals = append(s.Goals, Goal{Want: Click, At: send})
	s.Task = p.ask(pick(p.rng, "fill in the form: ", "complete the form with ", "enter this: ", "the form needs ") + p.join(parts) + p.then(caption))
	return s
}
