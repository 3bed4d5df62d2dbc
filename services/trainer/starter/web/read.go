package web

import (
	"strconv"

	"github.com/grokputer/grokputer/contracts/action"
)

// table: a value that stands in a table goes into a field.
func (p *page) table() Session {
	s := Session{End: finished}
	s.Source, s.Task = p.values()
	id := p.input("text", pick(p.rng, "", "", p.label()))
	s.Goals = append(s.Goals, Goal{Want: Fill, At: id, Text: s.Source})
	s.Task = pick(p.rng, "copy "+s.Task+" into the box", "write "+s.Task+" in the field", "put "+s.Task+" into the empty field", "fill the box with "+s.Task, "type "+s.Task)
	s.Task += p.sends(&s, 0.8)
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
