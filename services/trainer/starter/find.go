package starter

import (
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
)

// fileType is a type of file: what people call it and how its names end.
type fileType struct {
	called []string
	ending string
}

var fileTypes = []fileType{
	{[]string{"PDFs", "PDF files", "pdfs", "pdf documents", "PDF documents"}, "pdf"},
	{[]string{"PDFs", "PDF files", "pdfs", "pdf files"}, "pdf"},
	{[]string{"text files", "txt files", ".txt files"}, "txt"},
	{[]string{"PNG pictures", "png images", "PNGs"}, "png"},
	{[]string{"CSV files", "csv tables"}, "csv"},
	{[]string{"zip archives", "ZIP files"}, "zip"},
	{[]string{"markdown files", "md files"}, "md"},
	{[]string{"log files", "logs"}, "log"},
	{[]string{"JPEGs", "jpg photos"}, "jpg"},
}

// place is a folder: as people name it and as the action language does.
func (g *Generator) place(usual ...string) (name, called string) {
	name = pick(g.rng, usual...)
	if g.chance(0.2) {
		name = g.word()
	}
	switch g.rng.IntN(4) {
	case 0:
		return name, name
	case 1:
		return name, "the " + strings.ToLower(name) + " folder"
	default:
		return name, "the " + strings.ToLower(name)
	}
}

// find: files of a type are looked for in a folder and counted.
func (g *Generator) find() *episode {
	folder, called := g.place("vault", "vault", "vault", "Desktop", "Documents")
	t := pick(g.rng, fileTypes...)
	if g.chance(0.15) {
		ending := g.invented()
		t = fileType{[]string{"." + ending + " files", ending + " files"}, ending}
	}
	what := pick(g.rng, t.called...)
	e := &episode{task: g.ask(pick(g.rng,
		"scan "+called+" for "+what+" and count them",
		"look through "+called+" for "+what+" and tell me how many there are",
		"search "+called+" for "+what+" and say how many you find",
		"how many "+what+" are in "+called+"?",
		"count the "+what+" in "+called,
		"go through "+called+", find all "+what+" and count them",
		"find the "+what+" in "+called+" and give me their number",
	))}
	n := g.rng.IntN(pick(g.rng, 3, 12, 40, 300))
	result := strconv.Itoa(n) + " files"
	if n == 1 {
		result = "1 file"
	}
	s := g.desktop()
	e.step(s, say(action.Find, folder+"/**/*."+t.ending), result)
	e.end(s, say(action.Answer, strconv.Itoa(n)))
	return e
}
