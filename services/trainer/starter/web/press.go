package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
)

// only: the request names no control, as there is just one of its kind.
func (p *page) only() Session {
	s := Session{End: finished}
	kind := pick(p.rng, "button", "button", "button", "link", "field", "field", "check", "radio")
	noise := func(n int) { p.clutter(p.rng.IntN(n), "button", "link", "field", "check") }
	noise(3)
	switch kind {
	case "button":
		caption := p.fresh(func() string {
			return pick(p.rng, p.Caption(), p.Caption(), p.Caption(), "Click", "Press here", "Button", "Push me", "Start", "Here", "Go!")
		})
		id := p.button(caption, p.afterwards())
		s.Goals = []Goal{{Want: Click, At: id}}
		s.Task = p.ask(pick(p.rng, "press the button", "push the button", "hit the button", "click the only button", "press the only button on this page",
			"there is one button: press it", "click that button", "click on the button here", "use the button on the page", "press the button you see",
			"activate the button", "click the button on this page", "tap the button"))
	case "link":
		id := p.link(p.caption(), p.leads())
		s.Goals = []Goal{{Want: Click, At: id}}
		s.Task = p.ask(pick(p.rng, "follow the link", "open the link", "click the only link", "go where the link leads", "use the link on this page", "press the link",
			"there is one link: follow it", "click that link"))
	case "field":
		id := p.input(pick(p.rng, "text", "text", "search"), pick(p.rng, "", "", p.label()))
		s.Goals = []Goal{{Want: Focus, At: id}}
		s.Task = p.ask(pick(p.rng, "put the cursor into the box", "click into the field", "click the text field", "place the cursor in the text box", "give the input field the focus",
			"set the focus to the field", "select the input box", "make the text box active", "click the empty box", "get ready to type in the field", "put the focus on the input"))
	case "check":
		id := p.check("checkbox", "", p.caption(), "")
		s.Goals = []Goal{{Want: Check, At: id}}
		s.Task = p.ask(pick(p.rng, "tick the box", "check the box", "tick the only check box", "switch the checkbox on", "mark the check box", "put a tick in the box"))
	default:
		id := p.check("radio", "g", p.caption(), "")
		s.Goals = []Goal{{Want: Check, At: id}}
		s.Task = p.ask(pick(p.rng, "select the option", "choose the only option", "select the radio button", "turn the radio button on", "mark the option on this page"))
	}
	noise(3)
	return s
}

// named: one of several controls is named.
func (p *page) named() Session {
	s := Session{End: finished}
	p.clutter(p.rng.IntN(3))
	n := p.between(2, 6)
	aim := p.rng.IntN(n)
	kind := pick(p.rng, "button", "button", "link", "text link")
	captions := make([]string, n)
	var id string
	p.putf("<p>")
	for i := range n {
		captions[i] = p.caption()
		var got string
		switch kind {
		case "button":
			got = p.button(captions[i], pick(p.rng, "", p.afterwards()))
		case "link":
			got = p.link(captions[i], p.leads())
			p.putf("%s", pick(p.rng, "<br>", " | ", "<br>"))
		default:
			captions[i] = p.fresh(func() string { return p.Phrase(1, 2) })
			p.putf("%s ", text(p.Title(p.Phrase(2, 6))))
			got = p.link(captions[i], p.leads())
			p.putf("%s. ", text(p.Phrase(1, 6)))
		}
		if i == aim {
			id = got
		}
	}
	p.putf("</p>")
	p.clutter(p.rng.IntN(3))
	name := p.spoken(captions[aim])
	s.Goals = []Goal{{Want: Click, At: id}}
	if kind == "button" {
		s.Task = p.ask(pick(p.rng, p.press()+" "+name, p.press()+" the "+name+" button", p.press()+" the button "+name, "find the button called "+name+" and press it",
			p.press()+" the button that says "+name, "I need "+name+" pressed"))
	} else {
		s.Task = p.ask(pick(p.rng, "follow the link "+name, "open the "+name+" link", p.press()+" the link called "+name, "go to "+name, "follow "+name,
			"find "+name+" in the text and follow it", "open "+name))
	}
	return s
}

// order: buttons are pressed one after the other.
func (p *page) order() Session {
	s := Session{End: finished}
	n := p.between(2, 5)
	p.clutter(p.rng.IntN(2), "button")
	captions, ids := make([]string, n), make([]string, n)
	loose := p.chance(0.4)
	for i := range n {
		captions[i] = p.caption()
		if loose {
			p.putf(`<div style="margin-left:%dpx;margin-top:%dpx">`, p.rng.IntN(90), p.rng.IntN(20))
		}
		ids[i] = p.button(captions[i], "")
		if loose {
			p.putf("</div>")
		}
	}
	steps := p.shuffled(n)[:p.between(2, min(4, n))]
	var names []string
	for _, i := range steps {
		s.Goals = append(s.Goals, Goal{Want: Click, At: ids[i]})
		names = append(names, p.spoken(captions[i]))
	}
	request := p.press() + " " + names[0]
	for _, name := range names[1:] {
		request += pick(p.rng, ", then ", " and then ", ", after that ", ", next ") + pick(p.rng, "", p.press()+" ") + name
	}
	if p.chance(0.25) {
		request = "press these buttons in this order: " + strings.Join(names, ", ")
	}
	s.Task = p.ask(request)
	return s
}

// crossSign is drawn for this.
const crossSign = "<svg width='.8em' height='.8em' viewBox='0 0 10 10' stroke='currentColor' stroke-width='2'><path d='M1 1l8 8M9 1l-8 8'/></svg>"

// dialog: a box stands over the page and is closed or answered.
func (p *page) dialog() Session {
	s := Session{End: finished}
	p.clutter(p.rng.IntN(4))
	box := p.id()
	heading := p.Title(p.Phrase(1, 3))
	crossID := p.id()
	sign := pick(p.rng, "×", "x", "✕", "X", crossSign, crossSign)
	cross := fmt.Sprintf("<span class=x data-t=%s data-k=icon data-n='' data-hide=#%s>%s</span>", crossID, box, sign)
	if p.chance(0.4) {
		cross = fmt.Sprintf("<button type=button class=x data-t=%s data-k=icon data-n='' data-hide=#%s>%s</button>", crossID, box, sign)
	}
	fmt.Fprintf(&p.after, `<div class="dialog %s" id=%s style="left:%dpx;top:%dpx;width:%dpx"><div class=bar><span>%s</span>%s</div><div class=inner>%s</div>`,
		pick(p.rng, "", "", "high"), box, p.rng.IntN(100), 20+p.rng.IntN(90), p.between(150, 300), text(heading), cross,
		text(pick(p.rng, p.Title(p.Phrase(3, 12))+".", p.Title(p.Phrase(3, 8))+"?")))
	captions := []string{"OK", "Cancel", "Close", "Yes", "No", "Later", p.caption(), p.caption()}
	p.rng.Shuffle(len(captions), func(i, j int) { captions[i], captions[j] = captions[j], captions[i] })
	captions = captions[:p.rng.IntN(4)]
	ids := make([]string, len(captions))
	fmt.Fprintf(&p.after, "<div class=foot>")
	for i, c := range captions {
		ids[i] = p.id()
		fmt.Fprintf(&p.after, "<button type=button data-t=%s data-k=button data-hide=#%s>%s</button>", ids[i], box, text(c))
	}
	fmt.Fprintf(&p.after, "</div></div>")
	what := pick(p.rng, "dialog", "window", "box", "message", "pop-up", "dialog box", "notice")
	if len(captions) == 0 || p.chance(0.4) {
		s.Goals = []Goal{{Want: Click, At: crossID}}
		s.Task = p.ask(pick(p.rng, "close the "+what+" with the x", "close the "+what+" at its corner", "use the cross to close the "+what, "shut the "+what+" with its x",
			"press the x of the "+what, "dismiss the "+what+" by its cross", "get rid of the "+what+" with the x in the corner"))
		if !slices.Contains(captions, "Close") && len(captions) == 0 {
			s.Task = pick(p.rng, s.Task, p.ask("close the "+what), p.ask("make the "+what+" go away"))
		}
		return s
	}
	i := p.rng.IntN(len(captions))
	s.Goals = []Goal{{Want: Click, At: ids[i]}}
	name := p.spoken(captions[i])
	s.Task = p.ask(pick(p.rng, "answer the "+what+" with "+name, p.press()+" "+name+" in the "+what, "choose "+name+" in the "+what, "say "+name+" to the "+what))
	return s
}

// tabs: one of a row of tabs is named, or counted.
func (p *page) tabs() Session {
	s := Session{End: finished}
	n := p.between(2, 5)
	names, ids, panels := make([]string, n), make([]string, n), make([]string, n)
	numbered := p.chance(0.3)
	word := pick(p.rng, "Tab", "Part", "Page", "Section", "Step", p.Title(p.Word()))
	mark := pick(p.rng, " ", " ", " #", " no. ")
	for i := range n {
		if names[i] = p.fresh(func() string { return p.Title(p.Phrase(1, 2)) }); numbered {
			names[i] = fmt.Sprintf("%s%s%d", word, mark, i+1)
		}
		ids[i], panels[i] = p.id(), p.id()
	}
	aim, inside := p.rng.IntN(n), p.chance(0.3) // what is in the panel is pressed, too
	on := (aim + p.between(1, n-1)) % n
	if inside && p.chance(0.3) {
		on = aim
	}
	p.putf("<div class=tabs>")
	for i := range n {
		class := ""
		if i == on {
			class = "on"
		}
		p.putf("<%[1]s class='%[2]s' data-tab=%[3]s data-t=%[4]s data-k=tab>%[5]s</%[1]s>", pick(p.rng, "span", "a", "div"), class, panels[i], ids[i], text(names[i]))
	}
	p.putf("</div>")
	within := ""
	var goal Goal
	for i := range n {
		hidden := "hidden"
		if i == on {
			hidden = ""
		}
		p.putf("<div class=panel id=%s %s>", panels[i], hidden)
		p.putf("<p>%s.</p>", text(p.Title(p.Phrase(3, 14))))
		if i == aim && inside {
			caption := p.caption()
			within = caption
			goal = Goal{Want: Click, At: p.button(caption, "")}
		} else if p.chance(0.3) {
			p.putf("<p>%s.</p>", text(p.Title(p.Phrase(3, 14))))
		}
		p.putf("</div>")
	}
	name := p.spoken(names[aim])
	request := pick(p.rng, "open the "+name+" tab", "go to the tab "+name, "switch to "+name, "show the tab called "+name, "change to the "+name+" tab", p.press()+" the tab "+name)
	if p.chance(0.3) {
		which := p.ordinal(aim + 1)
		if aim == n-1 && p.chance(0.4) {
			which = "last"
		}
		request = pick(p.rng, "open the "+which+" tab", "go to the "+which+" tab", "switch to the "+which+" tab", "show the "+which+" tab")
	}
	if aim != on || within == "" {
		s.Goals = append(s.Goals, Goal{Want: Click, At: ids[aim]})
	}
	if within != "" {
		s.Goals = append(s.Goals, goal)
		request += p.then(within)
	}
	s.Task = p.ask(request)
	return s
}

// below: what is named is not in view yet.
func (p *page) below() Session {
	s := Session{End: finished}
	p.narrow = false
	n := p.between(25, 45)
	at := p.between(n/2, n-1)
	var id, caption, kind string
	for i := range n {
		if i != at {
			p.putf("<p>%s.</p>", text(p.Title(p.Phrase(2, 7))))
			continue
		}
		caption = p.caption()
		if kind = pick(p.rng, "button", "link"); kind == "link" {
			p.putf("<p>")
			id = p.link(caption, p.leads())
			p.putf("</p>")
		} else {
			id = p.button(caption, p.afterwards())
		}
	}
	name := p.spoken(caption)
	s.Goals = []Goal{{Want: Click, At: id}}
	s.Task = p.ask(pick(p.rng, p.press()+" the "+kind+" "+name, "scroll to "+name+" and press it", p.press()+" the "+name+" "+kind+" further down", "find "+name+" on this page and click it"))
	return s
}

// missing: what is asked for is not on the page.
func (p *page) missing() Session {
	kind := pick(p.rng, "button", "link", "tab", "check box")
	absent := p.spoken(p.caption())
	p.clutter(p.between(2, 7), "link")
	return Session{
		Task: p.ask(pick(p.rng, p.press(), "choose", "find and press") + " the " + absent + " " + kind),
		End:  action.Action{Verb: action.Fail, Text: "there is no " + kind + " " + strings.Trim(absent, `"`)},
	}
}
