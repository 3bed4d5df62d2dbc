// Package clash finds out whether a task that the starter is trained on is worded like
// one that the agent is judged by: then the judgment would say nothing. It knows no
// page; it takes from the scripts of all pages whatever could become a sentence.
package clash

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// literalLeast is how many words of its own a pattern needs: with fewer it would be
// like any sentence.
const literalLeast = 2

// Patterns are the sentences that pages can make, with what they fill in left open.
type Patterns struct {
	words [][]string // a word, or open for one or more of them
	seen  map[string]bool
}

// open stands for what is filled in: a name, a quoted text, a number.
const open = "*"

// Read takes the patterns from all pages of a folder.
func Read(pages fs.FS) (*Patterns, error) {
	files, err := fs.Glob(pages, "*.html")
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there is no page *.html to compare with: `make miniwob` fetches them")
	}
	p := &Patterns{seen: map[string]bool{}}
	for _, file := range files {
		text, err := fs.ReadFile(pages, file)
		if err != nil {
			return nil, err
		}
		p.take(string(text))
	}
	return p, nil
}

// Len is how many patterns there are.
func (p *Patterns) Len() int { return len(p.words) }

var (
	tag = regexp.MustCompile(`<[^<>]*>`)
	// between is text between two tags: the goal can stand there from the start.
	between = regexp.MustCompile(`>([^<>{};]{8,300})<`)
)

// take adds what a page can say.
func (p *Patterns) take(page string) {
	for _, chain := range chains(page) {
		p.add(chain)
	}
	for _, found := range between.FindAllStringSubmatch(page, -1) {
		p.add(found[1])
	}
}

// add adds a sentence with hole where something is filled in.
func (p *Patterns) add(sentence string) {
	words := split(tag.ReplaceAllString(sentence, ""))
	literal := 0
	for _, w := range words {
		if w != open {
			literal++
		}
	}
	key := strings.Join(words, " ")
	if literal < literalLeast || p.seen[key] {
		return
	}
	p.seen[key] = true
	p.words = append(p.words, words)
}

var (
	quoted = regexp.MustCompile(`"[^"]*"|“[^”]*”`)
	number = regexp.MustCompile(`[-+]?[\p{L}\p{N}]*\d[\p{L}\p{N}]*`) // or a name with digits in it
	marks  = regexp.MustCompile(`[^\p{L}\p{N}` + hole + `']+`)
)

// hole stands in a sentence where a page fills something in.
const hole = "\x00"

// split is a sentence as words, with open for quoted texts, numbers and holes.
func split(sentence string) []string {
	s := strings.ToLower(sentence)
	s = quoted.ReplaceAllString(s, " "+hole+" ")
	s = number.ReplaceAllString(s, " "+hole+" ")
	s = marks.ReplaceAllString(s, " ")
	var words []string
	for w := range strings.FieldsSeq(s) {
		if strings.Contains(w, hole) {
			w = open
		}
		if w != open || len(words) == 0 || words[len(words)-1] != open {
			words = append(words, w)
		}
	}
	return words
}

// Like reports whether a task is worded as one of the patterns: its own words in the
// same order, and something for each opening.
func (p *Patterns) Like(task string) bool {
	words := split(task)
	for _, pattern := range p.words {
		if match(pattern, words) {
			return true
		}
	}
	return false
}

// match reports whether words are a pattern with its openings filled in. An opening of
// the task itself, a quoted text or a number, fills in openings alone.
func match(pattern, words []string) bool {
	if len(pattern) == 0 {
		return len(words) == 0
	}
	if len(words) == 0 {
		return false
	}
	if pattern[0] != open {
		return pattern[0] == words[0] && match(pattern[1:], words[1:])
	}
	for n := 1; n <= len(words); n++ {
		if match(pattern[1:], words[n:]) {
			return true
		}
	}
	return false
}
