package web

import (
	"fmt"
	"strconv"
)

// spinner: a number is reached by a button for each step, or typed where there is none.
func (p *page) spinner() Session {
	s := Session{End: finished}
	p.clutter(p.rng.IntN(2), "button", "field")
	have := 0
	if p.chance(0.5) {
		have = pick(p.rng, p.between(-9, 9), p.between(-5, 20), p.between(10, 150))
	}
	want := have
	for want == have {
		want = have + p.between(-7, 7)
	}
	n := strconv.Itoa(want)
	box, up, down := p.id(), p.id(), p.id()
	p.putf("<div class=line>")
	if p.chance(0.6) {
		p.putf("<label for=%s>%s</label> ", box, text(p.label()))
	}
	number := fmt.Sprintf("<input type=text id=%s data-t=%s data-k=field size=%d value=%d autocomplete=off>", box, box, p.between(5, 14), have)
	arrow := func(id string, step int, sign, name string) string {
		return fmt.Sprintf("<button type=button data-t=%s data-k=icon data-n='%s' data-step=%d data-of=%s>%s</button>", id, name, step, box, sign)
	}
	request := pick(p.rng, "set the number to "+n, "bring the counter to "+n, "make the number "+n, "step the value to "+n, "the number has to be "+n, "get the counter to "+n, "change the number to "+n)
	stepped := true
	switch p.rng.IntN(10) {
	case 0:
		minus := pick(p.rng, "-", "−")
		p.putf("<span class=spin>%s %s %s</span>", arrow(down, -1, minus, minus), number, arrow(up, 1, "+", "+"))
	case 1:
		words := pick(p.rng, [2]string{"More", "Less"}, [2]string{"Up", "Down"}, [2]string{"Increase", "Decrease"}, [2]string{"Plus", "Minus"})
		p.putf("<span class=spin>%s %s %s</span>", number, arrow(up, 1, words[0], words[0]), arrow(down, -1, words[1], words[1]))
	case 2, 3: // no arrows
		p.putf("%s", number)
		stepped = false
	default:
		wide := pick(p.rng, 8, 8, 10)
		triangle := func(path string) string {
			return fmt.Sprintf("<svg width=%d height=%d viewBox='0 0 8 4' fill=currentColor><path d='%s'/></svg>", wide, wide/2, path)
		}
		half := func(id string, step int, path string) string {
			return fmt.Sprintf("<span data-t=%s data-k=icon data-n='' data-step=%d data-of=%s>%s</span>", id, step, box, triangle(path))
		}
		p.putf("<span class=spin>%s<span class='arrows %s'>%s%s</span></span>", number, pick(p.rng, "", "", "apart", "joined"), half(up, 1, "M0 4L4 0L8 4z"), half(down, -1, "M0 0L4 4L8 0z"))
		if p.chance(0.3) {
			request = pick(p.rng, "turn the number to "+n+" with the arrows", "count to "+n+" with the buttons beside the number", "click the arrows until the number is "+n)
		}
	}
	p.putf("</div>")
	if stepped {
		s.Goals = append(s.Goals, Goal{Want: Number, At: box, Text: n, Up: up, Down: down})
		s.Slips = []string{up, down}
	} else {
		s.Goals = append(s.Goals, Goal{Want: Fill, At: box, Text: n})
	}
	request += p.sends(&s, 0.7)
	s.Task = p.ask(request)
	return s
}
