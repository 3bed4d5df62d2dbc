package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
)

// table: a value that stands in a table goes into a field.
func (p *page) table() Session {
	s := Session{End: finished}
	s.Source, s.Task = p.values()
	id := p.input("text", pick(p.rng, "", "", p.label()))
	s.Goals = append(s.Goals, Goal{Want: Fill, At: id, Text: s.Source})
	s.Task = pick(p.rng, "copy "+s.Task+" into the box", "write "+s.Task+" in the field", "put "+s.Task+" into the empty field", "fill the box with "+s.Task, "type "+s.Task)
	if p.chance(0.8) {
		send, caption := p.send()
		s.Goals = append(s.Goals, Goal{Want: Click, At: send})
		s.Task += p.then(caption)
	}
	s.Task = p.ask(s.Task)
	return s
}

// values puts a table and says which value of it is meant.
func (p *page) values() (value, called string) {
	draw := func() string {
		return p.fresh(func() string {
			return pick(p.rng, p.Title(p.Word()), p.Name(), strconv.Itoa(p.rng.IntN(10000)), p.Word(), p.Title(p.Phrase(2, 2)))
		})
	}
	rows := p.between(3, 7)
	aim := p.rng.IntN(rows)
	class := pick(p.rng, "grid", "grid", "bare")
	if p.chance(0.65) { // two columns: label and value
		label := ""
		p.putf("<table class=%s>", class)
		for i := range rows {
			l, v := p.label(), draw()
			if i == aim {
				label, value = l, v
			}
			p.putf("<tr><%[1]s>%[2]s</%[1]s><td>%[3]s</td></tr>", pick(p.rng, "td", "td", "th"), text(l), text(v))
		}
		p.putf("</table>")
		l := p.spoken(label)
		return value, pick(p.rng, "the "+l, "what stands beside "+l, "the entry for "+l, "the "+l+" of the table", "the text next to "+l)
	}
	columns := p.between(2, 4)
	heads := make([]string, columns)
	p.putf("<table class=%s><tr><th></th>", class)
	for i := range heads {
		heads[i] = p.label()
		p.putf("<th>%s</th>", text(heads[i]))
	}
	p.putf("</tr>")
	column, row := p.rng.IntN(columns), ""
	for i := range rows {
		name := p.fresh(func() string { return p.Title(p.Word()) })
		p.putf("<tr><th>%s</th>", text(name))
		for k := range columns {
			v := draw()
			if i == aim && k == column {
				row, value = name, v
			}
			p.putf("<td>%s</td>", text(v))
		}
		p.putf("</tr>")
	}
	p.putf("</table>")
	r, c := p.spoken(row), p.spoken(heads[column])
	return value, pick(p.rng, "the "+c+" of "+r, r+"'s "+c, "what "+r+" has for "+c, "the entry of "+r+" under "+c)
}

// word: the n-th word of a text goes into a field.
func (p *page) word() Session {
	s := Session{End: finished}
	words := strings.Fields(p.Phrase(5, 16))
	sentence := strings.Join(words, " ")
	if p.chance(0.6) {
		sentence = p.Title(sentence) + "."
	}
	n := p.between(1, min(10, len(words)))
	which := p.ordinal(n)
	if p.chance(0.2) {
		n, which = len(words), "last"
	}
	word := strings.TrimSuffix(strings.Fields(sentence)[n-1], ".")
	p.putf("<p>%s</p>", text(sentence))
	s.Source = sentence
	s.Goals = append(s.Goals, Goal{Want: Fill, At: p.input("text", pick(p.rng, "", "", p.label())), Text: word})
	s.Task = pick(p.rng, "write the "+which+" word of the text into the box", "type the "+which+" word of the sentence", "copy word number "+strconv.Itoa(n)+" into the field",
		"which is the "+which+" word? put it into the field", "put the "+which+" word of the paragraph in the field")
	if p.chance(0.8) {
		send, caption := p.send()
		s.Goals = append(s.Goals, Goal{Want: Click, At: send})
		s.Task += p.then(caption)
	}
	s.Task = p.ask(s.Task)
	return s
}

// tree: folders are opened until a name is seen, which is clicked.
func (p *page) tree() Session {
	s := Session{End: finished}
	roots := p.between(2, 4)
	type node struct{ id, name, list string }
	var aimID, aimName string
	aim := p.rng.IntN(roots)
	style := p.rng.IntN(4)
	closed, open, leaf := "▸", "▾", "·"
	switch style {
	case 1:
		closed, open, leaf = "+", "−", " "
	case 2:
		closed, open, leaf = folder, folder, sheet
	case 3:
		closed, open, leaf = folder, folder, ""
	}
	mark := func(sign string) string { return "<span class=mark>" + sign + "</span>" }
	fold := func() string {
		if style >= 2 {
			return mark(closed)
		}
		return fmt.Sprintf("<span class=mark data-open='%s' data-closed='%s'>%s</span>", open, closed, closed)
	}
	p.putf("<div class=tree><ul>")
	var opened []Goal
	found := false
	item := func(name string) string {
		id := p.id()
		p.putf("<li><span class=node data-t=%s data-k=item data-n=\"%s\">%s %s</span></li>", id, text(name), mark(leaf), text(name))
		return id
	}
	for i := range roots {
		n := node{id: p.id(), list: p.id(), name: p.fresh(func() string { return p.Title(p.Word()) })}
		p.putf("<li><span class=node data-t=%s data-k=item data-n=\"%s\" data-toggle=%s aria-expanded=false>%s %s</span><ul id=%s hidden>", n.id, text(n.name), n.list, fold(), text(n.name), n.list)
		if !found {
			opened = append(opened, Goal{Want: Expand, At: n.id, Text: n.name})
		}
		leaves := p.between(1, 4)
		at := p.rng.IntN(leaves)
		deeper := p.chance(0.4)
		for k := range leaves {
			name := p.fresh(func() string {
				return pick(p.rng, p.Title(p.Word()), p.Name()+pick(p.rng, ".txt", ".pdf", ".png"), p.Title(p.Phrase(1, 2)))
			})
			if deeper && k == at { // a folder within, which holds what is looked for
				id, list := p.id(), p.id()
				name = p.fresh(func() string { return p.Title(p.Word()) })
				p.putf("<li><span class=node data-t=%s data-k=item data-n=\"%s\" data-toggle=%s aria-expanded=false>%s %s</span><ul id=%s hidden>", id, text(name), list, fold(), text(name), list)
				if !found {
					opened = append(opened, Goal{Want: Expand, At: id, Text: name})
				}
				name = p.fresh(func() string { return p.Title(p.Word()) })
				got := item(name)
				if i == aim {
					aimID, aimName, found = got, name, true
				}
				p.putf("</ul></li>")
				continue
			}
			got := item(name)
			if i == aim && k == at {
				aimID, aimName, found = got, name, true
			}
		}
		p.putf("</ul></li>")
	}
	p.putf("</ul></div>")
	if p.chance(0.25) { // a folder itself is looked for
		i := p.rng.IntN(len(opened))
		aimID, aimName, opened = opened[i].At, opened[i].Text, opened[:i]
	}
	for i := range opened {
		opened[i].Text = ""
	}
	s.Goals = slices.Concat(opened, []Goal{{Want: Click, At: aimID}})
	name := p.spokenWhole(aimName)
	s.Task = p.ask(pick(p.rng, "look through the folders for "+name+" and click it", "open folders until you see "+name+", then click it", "find "+name+" in the tree and select it",
		"where is "+name+"? select it in the tree", "select "+name+" somewhere in the folders"))
	return s
}

// Pictures of the trees and lists, drawn for this.
const (
	folder = "<svg width='16' height='16' viewBox='0 0 16 16'><path d='M1 3h5l2 2h7v9H1z' fill='#e0b64a' stroke='#8a6d1e'/></svg>"
	sheet  = "<svg width='12' height='16' viewBox='0 0 12 16'><path d='M1 1h7l3 3v11H1z' fill='#fff' stroke='#777'/></svg>"
)

// inbox: one of the signs in a row of a list is pressed.
func (p *page) inbox() Session {
	s := Session{End: finished}
	signs := []struct{ verb, path string }{
		{"reply to", "M7 3v3c5 0 8 3 8 8-2-3-4-4-8-4v3L1 8z"},
		{"star", "M8 1l2 5h5l-4 3 2 6-5-4-5 4 2-6-4-3h5z"},
		{"delete", "M3 4h10v11H3zM1 2h14v2H1zM6 6v7M10 6v7"},
	}
	// The eyes see that there is a sign, not which: what tells them apart is their usual
	// order.
	order := pick(p.rng, []int{2}, []int{1, 2}, []int{1, 2}, []int{0, 2}, []int{0, 1, 2}, []int{1})
	rows := p.between(2, 5)
	lines, high := p.between(1, 3), ""
	if p.chance(0.5) {
		high = "high" // the signs stand beside the first line
	}
	aim, sign := p.rng.IntN(rows), pick(p.rng, order...)
	var sender string
	var id string
	p.putf("<div class=list>")
	if p.chance(0.4) {
		p.putf("<h2>%s</h2>", text(pick(p.rng, "Inbox", "Messages", "Mail", "Conversations")))
	}
	for i := range rows {
		name := p.fresh(func() string { return p.Title(p.Word()) })
		if p.chance(0.3) {
			name += " " + p.Title(p.Word())
		}
		subject := p.Title(p.Phrase(1, 3))
		row := p.id()
		between := " "
		if lines > 1 {
			between = "<br>"
		}
		if lines > 2 {
			subject += "<br>" + p.Title(p.Phrase(2, 4)) // words alone: nothing in it has to be escaped
		}
		p.putf("<div class='row %s' id=%s><span class=grow><b>%s</b>%s%s</span>", high, row, text(name), between, subject)
		for _, k := range order {
			got := p.id()
			what := "data-mark=1"
			if signs[k].verb == "delete" {
				what = "data-remove=.row"
			}
			p.putf("<span class=icon data-t=%s data-k=icon data-n='' %s><svg viewBox='0 0 16 16' fill='none' stroke='currentColor'><path d='%s'/></svg></span>", got, what, signs[k].path)
			if i == aim && k == sign {
				id, sender = got, name
			}
		}
		p.putf("</div>")
	}
	p.putf("</div>")
	s.Goals = []Goal{{Want: Click, At: id}}
	name := p.spokenWhole(sender)
	what := pick(p.rng, "message", "mail", "note")
	switch signs[sign].verb {
	case "delete":
		s.Task = pick(p.rng, "delete the "+what+" from "+name, "throw away "+name+"'s "+what, "put the "+what+" of "+name+" in the bin", "remove what "+name+" wrote", "press the bin beside "+name)
	case "star":
		s.Task = pick(p.rng, "star the "+what+" from "+name, "mark "+name+"'s "+what+" with a star", "put a star on the "+what+" of "+name, "press the star beside "+name)
	default:
		s.Task = pick(p.rng, "answer "+name+"'s "+what, "start a reply to "+name, "press the reply arrow of "+name, "reply to what "+name+" wrote")
	}
	if len(order) == 1 && signs[sign].verb != "delete" {
		s.Task = "press the sign in the row of " + name
	}
	s.Task = p.ask(s.Task)
	return s
}

// answer: what stands on the page is asked for.
func (p *page) answer() Session {
	p.clutter(p.rng.IntN(2))
	value, called := p.values()
	p.clutter(p.rng.IntN(2))
	return Session{
		Source: value, End: action.Action{Verb: action.Answer, Text: value},
		Task: p.ask(pick(p.rng, "what is "+called+"?", "tell me "+called, "read "+called+" to me", "say "+called, "I want to know "+called)),
	}
}
