package web

import (
	"fmt"
	"html"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

// page grows while its task is drawn.
type page struct {
	starter.Vocabulary

	rng    *rand.Rand
	Scale  int // pixels of the screen for one of the page
	title  string
	narrow bool // the content can stand in a narrow column

	body, after strings.Builder // after is what stands over the content
	ids         int
	taken       map[string]bool // captions, in lower case
}

func newPage(rng *rand.Rand, scale int) *page {
	p := &page{Vocabulary: starter.NewVocabulary(rng), rng: rng, Scale: scale, narrow: true, taken: map[string]bool{}}
	p.title = pick(rng, p.Title(p.Word()), p.Title(p.Phrase(1, 3)), p.Title(p.Word())+" - "+p.Title(p.Word()), p.Title(p.Phrase(2, 4))+" | "+p.Title(p.Word()))
	return p
}

// pick returns one of the choices.
func pick[T any](rng *rand.Rand, choices ...T) T { return choices[rng.IntN(len(choices))] }

// chance is true with probability q.
func (p *page) chance(q float64) bool { return p.rng.Float64() < q }

// between is a number from least to most.
func (p *page) between(least, most int) int { return least + p.rng.IntN(most-least+1) }

// text is a text as HTML has it.
func text(s string) string { return html.EscapeString(s) }

// id is a new control's identifier.
func (p *page) id() string {
	p.ids++
	return "c" + strconv.Itoa(p.ids)
}

func (p *page) putf(format string, args ...any) { fmt.Fprintf(&p.body, format, args...) }

// fresh draws until there is what no control of the page says yet.
func (p *page) fresh(draw func() string) string {
	for {
		s := draw()
		key := strings.ToLower(strings.TrimRight(s, ".…:"))
		if key != "" && !p.taken[key] {
			p.taken[key] = true
			return s
		}
	}
}

// caption is what no other control of the page says.
func (p *page) caption() string { return p.fresh(p.Caption) }

// label is a short name for a field or a row.
func (p *page) label() string {
	return p.fresh(func() string {
		return pick(p.rng, p.Title(p.Word()), p.Title(p.Word()), p.Title(p.Phrase(2, 2)),
			pick(p.rng, "Name", "Email", "City", "Street", "Country", "Phone", "Age", "Comment", "Subject", "Company", "Colour", "Language", "Note"))
	})
}

// send is a button that sends a form off, with what it says.
func (p *page) send() (id, caption string) {
	caption = p.fresh(func() string {
		if p.chance(0.3) {
			return p.Caption()
		}
		return pick(p.rng, "Submit", "Submit", "OK", "Save", "Send", "Apply", "Continue", "Next", "Done", "Finish", "Go", "Confirm", "Submit form", "Save changes", "Proceed", "Accept")
	})
	p.putf("<div class=line>")
	id = p.button(caption, p.afterwards())
	p.putf("</div>")
	return id, caption
}

// sends has a share of the sessions end with such a button, and returns what the
// request then says of it.
func (p *page) sends(s *Session, share float64) string {
	if !p.chance(share) {
		return ""
	}
	send, caption := p.send()
	s.Goals = append(s.Goals, Goal{Want: Click, At: send})
	return p.then(caption)
}

// afterwards is what a button does once all is done: mostly the page says so.
func (p *page) afterwards() string {
	switch p.rng.IntN(4) {
	case 0:
		return ""
	case 1:
		return "data-hide=main"
	default:
		id := p.id()
		fmt.Fprintf(&p.after, `<p class="said gap" id=%s hidden>%s</p>`, id,
			text(pick(p.rng, "Thank you.", "Saved.", "Your changes were saved.", "Done.", "Sent.", "It worked.", p.Title(p.Phrase(2, 4))+".")))
		hide := ""
		if p.chance(0.5) {
			hide = " data-hide=main"
		}
		return "data-show=#" + id + hide
	}
}

// leads is what a link does: something that can be seen.
func (p *page) leads() string {
	for {
		if what := p.afterwards(); what != "" {
			return what
		}
	}
}

// button puts a button.
func (p *page) button(caption, attributes string) string {
	id := p.id()
	switch p.rng.IntN(4) {
	case 0:
		p.putf(`<input type=button data-t=%s data-k=button value="%s" %s> `, id, text(caption), attributes)
	default:
		p.putf("<button type=button class=%s data-t=%s data-k=button %s>%s</button> ", pick(p.rng, "first", "second", "btn"), id, attributes, text(caption))
	}
	return id
}

// link puts a link.
func (p *page) link(caption, attributes string) string {
	id := p.id()
	p.putf(`<a href="#%s" data-t=%s data-k=link %s>%s</a> `, id, id, attributes, text(caption))
	return id
}

// input puts a field with a label, or with none for "".
func (p *page) input(kind, label string) string {
	id := p.id()
	size := p.between(10, 24)
	field := fmt.Sprintf(`<input type=%s id=%s data-t=%s data-k=field size=%d autocomplete=off spellcheck=false>`, kind, id, id, size)
	if label == "" {
		p.putf("<div class=line>%s</div>", field)
		return id
	}
	if p.chance(0.4) {
		label += ":"
	}
	switch p.rng.IntN(4) {
	case 0:
		p.putf("<div class=line><label for=%s>%s</label><br>%s</div>", id, text(label), field)
	case 1:
		p.putf(`<div class=line><input type=%s id=%s data-t=%s data-k=field size=%d placeholder="%s" autocomplete=off spellcheck=false></div>`,
			kind, id, id, max(size, len(label)), text(label))
	default:
		p.putf("<div class=line><label for=%s>%s</label> %s</div>", id, text(label), field)
	}
	return id
}

// clutter puts things that have nothing to do with the task, without those kinds.
func (p *page) clutter(n int, without ...string) {
	for range n {
		kind := pick(p.rng, "text", "text", "heading", "link", "button", "field", "check")
		for _, w := range without {
			if w == kind {
				kind = "text"
			}
		}
		switch kind {
		case "heading":
			p.putf("<h2>%s</h2>", text(p.caption()))
		case "link":
			p.putf("<p>")
			p.link(p.caption(), "")
			p.putf("</p>")
		case "button":
			p.putf("<div class=line>")
			p.button(p.caption(), "")
			p.putf("</div>")
		case "field":
			p.input("text", p.label())
		case "check":
			p.check("checkbox", "", p.caption(), "")
		default:
			p.putf("<p>%s.</p>", text(p.Title(p.Phrase(2, 9))))
		}
	}
}

// check puts a check box or a radio button with its label.
func (p *page) check(kind, group, label, attributes string) string {
	id := p.id()
	k := "check"
	if kind == "radio" {
		k = "radio"
	}
	box := fmt.Sprintf(`<input type=%s id=%s name="%s" data-t=%s data-k=%s %s>`, kind, id, group, id, k, attributes)
	if p.chance(0.5) {
		p.putf("<div class=line><label>%s %s</label></div>", box, text(label))
	} else {
		p.putf("<div class=line>%s<label for=%s> %s</label></div>", box, id, text(label))
	}
	return id
}

// shuffled is the numbers below n in any order.
func (p *page) shuffled(n int) []int { return p.rng.Perm(n) }

// trouble has, now and then, something go wrong before a step.
func (p *page) trouble(s *Session) {
	if len(s.Goals) == 0 || !p.chance(0.16) {
		return
	}
	i := p.rng.IntN(len(s.Goals))
	for s.Goals[i].Want == Uncheck { // it is met from the start; what ends a task never is one
		i++
	}
	t := &Trouble{Goal: i, Result: pick(p.rng, "no effect", "no effect", "in doubt")}
	switch want := s.Goals[i].Want; {
	case want == Fill:
		t.Result = pick(p.rng, noFocus, noFocus, "no effect", "in doubt")
	case len(s.Slips) > 0 && (want == Check || want == Number):
		t.Result, t.Slip = "", pick(p.rng, s.Slips...)
	}
	s.Trouble = t
}

// noFocus is what the hands say when what is typed would go to nobody.
const noFocus = "no window has the focus"

// Unfocused reports whether the trouble is that typed text has nowhere to go.
func (t Trouble) Unfocused() bool { return t.Result == noFocus }

// finished ends a task that is done.
var finished = action.Action{Verb: action.Done}
