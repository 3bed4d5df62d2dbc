package web

import (
	"fmt"
	"slices"
)

// crossSign is drawn for this.
const crossSign = "<svg width='.8em' height='.8em' viewBox='0 0 10 10' stroke='currentColor' stroke-width='2'><path d='M1 1l8 8M9 1l-8 8'/></svg>"

// dialog: a box stands over the page and is closed or answered.
func (p *page) dialog() Session {
	s := Session{End: finished}
	p.clutter(p.rng.IntN(4))
	box, crossID := p.id(), p.id()
	sign := pick(p.rng, "×", "x", "✕", "X", crossSign, crossSign)
	cross := fmt.Sprintf("<span class=x data-t=%s data-k=icon data-n='' data-hide=#%s>%s</span>", crossID, box, sign)
	if p.chance(0.4) {
		cross = fmt.Sprintf("<button type=button class=x data-t=%s data-k=icon data-n='' data-hide=#%s>%s</button>", crossID, box, sign)
	}
	byCross := p.chance(0.2)
	if !byCross && p.chance(0.1) { // there is none
		cross = ""
	}
	fmt.Fprintf(&p.after, `<div class="dialog %s" id=%s style="left:%dpx;top:%dpx;width:%dpx"><div class=bar><span>%s</span>%s</div><div class=inner>%s</div>`,
		pick(p.rng, "", "", "high"), box, p.rng.IntN(100), 20+p.rng.IntN(60), p.between(150, 300), text(p.Title(p.Phrase(1, 3))), cross,
		text(pick(p.rng, p.Title(p.Phrase(3, 12))+".", p.Title(p.Phrase(3, 8))+"?")))
	captions := []string{"OK", "Cancel", "Yes", "No", "Later", "Close", p.caption(), p.caption(), p.fresh(func() string { return p.Title(p.Word()) })}
	p.rng.Shuffle(len(captions), func(i, j int) { captions[i], captions[j] = captions[j], captions[i] })
	captions = captions[:p.between(1, 3)]
	if byCross && p.chance(0.5) {
		captions = nil
	}
	ids := make([]string, len(captions))
	fmt.Fprintf(&p.after, "<div class=foot>")
	for i, c := range captions {
		ids[i] = p.id()
		fmt.Fprintf(&p.after, "<button type=button data-t=%s data-k=button data-hide=#%s>%s</button>", ids[i], box, text(c))
	}
	fmt.Fprintf(&p.after, "</div></div>")
	what := pick(p.rng, "dialog", "window", "box", "message", "pop-up", "dialog box", "notice")
	if byCross {
		s.Goals = []Goal{{Want: Click, At: crossID}}
		s.Task = p.ask(pick(p.rng, "close the "+what+" with the x", "close the "+what+" at its corner", "use the cross to close the "+what, "shut the "+what+" with its x",
			"press the x of the "+what, "dismiss the "+what+" by its cross", "get rid of the "+what+" with the x in the corner"))
		if !slices.Contains(captions, "Close") && p.chance(0.4) {
			s.Task = p.ask(pick(p.rng, "close the "+what, "make the "+what+" go away", "dismiss the "+what))
		}
		return s
	}
	i := p.rng.IntN(len(captions))
	s.Goals = []Goal{{Want: Click, At: ids[i]}}
	name := p.spoken(captions[i])
	s.Task = p.ask(pick(p.rng, "answer the "+what+" with "+name, p.press()+" "+name+" in the "+what, "choose "+name+" in the "+what, "say "+name+" to the "+what,
		p.press()+" "+name, "the "+what+" wants an answer: "+name, p.press()+" the "+name+" button of the "+what, "close the "+what+" with "+name,
		"get rid of the "+what+" by "+name, p.press()+" the one that says "+name+" in the "+what))
	return s
}
