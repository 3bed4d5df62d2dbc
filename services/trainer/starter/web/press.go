package web

import (
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
	among := p.chance(0.4) // fields that have nothing to do with it
	p.putf("<p>")
	for i := range n {
		captions[i] = p.caption()
		var got string
		switch kind {
		case "button":
			if among && p.chance(0.6) {
				p.input("text", pick(p.rng, "", p.label()))
			}
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
