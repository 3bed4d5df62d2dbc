package web

import (
	"strconv"
	"strings"
)

// spoken is a caption as a person writes it into a request: not always with the same
// capitals, dots or quotes.
func (p *page) spoken(caption string) string {
	name := strings.TrimRight(caption, ".…:")
	if p.chance(0.2) {
		name = strings.ToLower(name)
	}
	if p.chance(0.45) {
		name = `"` + name + `"`
	}
	return name
}

// quoted is a value as people write it into a request: letter by letter.
func (p *page) quoted(s string) string {
	if p.chance(0.7) {
		return `"` + s + `"`
	}
	return s
}

// press is a word for clicking.
func (p *page) press() string {
	return pick(p.rng, "click", "press", "push", "hit", "use", "activate", "tap")
}

// ask dresses a request as people do.
func (p *page) ask(request string) string {
	switch p.rng.IntN(8) {
	case 0:
		return p.Title(request) + "."
	case 1:
		return "please " + request
	case 2:
		return pick(p.rng, "can you ", "could you ", "I want you to ", "now ", "I need you to ") + request
	case 3, 4:
		return p.Title(request)
	case 5:
		return p.Title(request) + pick(p.rng, ", please", " now", ", thanks")
	default:
		return request
	}
}

// join is a list as people say it.
func (p *page) join(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	switch p.rng.IntN(3) {
	case 0:
		return strings.Join(parts, ", ")
	case 1:
		return strings.Join(parts, " and ")
	default:
		return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
	}
}

// then says that a button is pressed at the end.
func (p *page) then(caption string) string {
	b := p.spoken(caption)
	return pick(p.rng, ", then press ", " and press ", ", and confirm with ", " and then hit ", " - then click ", " and finish with ", ", after that push ", " and send it with ") +
		pick(p.rng, b, "the "+b+" button", b)
}

// ordinal is a place in a row, counted from 1.
func (p *page) ordinal(n int) string {
	words := []string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}
	if n <= len(words) && p.chance(0.6) {
		return words[n-1]
	}
	end := "th"
	switch {
	case n%10 == 1 && n != 11:
		end = "st"
	case n%10 == 2 && n != 12:
		end = "nd"
	case n%10 == 3 && n != 13:
		end = "rd"
	}
	return strconv.Itoa(n) + end
}
