package web

import (
	"strconv"
	"strings"
)

// word: the n-th word of a text goes into a field, without the marks around it.
func (p *page) word() Session {
	s := Session{End: finished}
	sentence := p.paragraph()
	words := strings.Fields(sentence)
	n := p.between(1, min(10, len(words)))
	which := p.ordinal(n)
	counted := "word number " + strconv.Itoa(n)
	if p.chance(0.15) {
		n = len(words)
		which, counted = "last", "the last word"
	}
	word := strings.Trim(words[n-1], ".,")
	p.putf("<p>%s</p>", text(sentence))
	s.Source = sentence
	s.Goals = append(s.Goals, Goal{Want: Fill, At: p.input("text", pick(p.rng, "", "", p.label())), Text: word})
	s.Task = pick(p.rng, "write the "+which+" word of the text into the box", "type the "+which+" word of the sentence", "copy "+counted+" into the field",
		"which is the "+which+" word? put it into the field", "put the "+which+" word of the paragraph in the field", "the field wants the "+which+" word of what is written here",
		"read the text and type its "+which+" word", "write "+counted+" in the box")
	if word != words[n-1] && p.chance(0.3) {
		s.Task += pick(p.rng, " without the mark after it", ", only its letters")
	}
	s.Task += p.sends(&s, 0.8)
	s.Task = p.ask(s.Task)
	return s
}

// paragraph is one to three sentences, or words alone.
func (p *page) paragraph() string {
	if p.chance(0.3) {
		return p.Phrase(5, 16)
	}
	var sentences []string
	for range pick(p.rng, 1, 1, 2, 3) {
		words := strings.Fields(p.Phrase(4, 10))
		for i := range words[:len(words)-1] {
			if p.chance(0.08) {
				words[i] += ","
			}
		}
		sentences = append(sentences, p.Title(strings.Join(words, " "))+".")
	}
	return strings.Join(sentences, " ")
}
