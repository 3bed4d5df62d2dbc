package web

import (
	"slices"
	"strconv"
	"strings"
)

// order: buttons are pressed one after the other, mostly not in the order of the page.
func (p *page) order() Session {
	s := Session{End: finished}
	n := p.between(2, 5)
	p.clutter(p.rng.IntN(2), "button")
	captions, ids := p.orderCaptions(n), make([]string, n)
	loose, far := p.chance(0.5), 20
	if n < 4 {
		far = 80
	}
	for i := range n {
		if loose {
			p.putf(`<div style="margin-left:%dpx;margin-top:%dpx">`, p.rng.IntN(90), p.rng.IntN(far))
		}
		ids[i] = p.button(captions[i], "")
		if loose {
			p.putf("</div>")
		}
	}
	steps := p.shuffled(n)[:p.between(2, min(4, n))]
	if p.chance(0.5) { // against the order of the page
		slices.Sort(steps)
		slices.Reverse(steps)
	}
	var names []string
	for _, i := range steps {
		s.Goals = append(s.Goals, Goal{Want: Click, At: ids[i]})
		names = append(names, p.spoken(captions[i]))
	}
	request := p.press() + " " + names[0]
	for _, name := range names[1:] {
		request += pick(p.rng, ", then ", ", then ", " and then ", ", after that ", ", next ") + pick(p.rng, "", p.press()+" ") + name
	}
	switch p.rng.IntN(8) {
	case 0, 1:
		request = "press these buttons in this order: " + strings.Join(names, ", ")
	case 2:
		request = names[0] + " first, then " + strings.Join(names[1:], ", then ")
	case 3:
		if len(names) == 2 {
			request = "before you press " + names[1] + ", press " + names[0]
		}
	}
	s.Task = p.ask(request)
	return s
}

// orderCaptions are captions of one kind: words, capitals, numbers or letters.
func (p *page) orderCaptions(n int) []string {
	kind := p.rng.IntN(6)
	var captions []string
	for range n {
		captions = append(captions, p.fresh(func() string {
			switch kind {
			case 0, 1:
				return strings.ToUpper(p.Word())
			case 2:
				return strconv.Itoa(p.between(1, 99))
			case 3:
				return p.Title(p.Word())
			default:
				return p.Caption()
			}
		}))
	}
	return captions
}
