package actor

import (
	"slices"
	"strings"
	"unicode"
)

// phrases are what a caption is searched for.
type phrases struct {
	first  map[string][]phrase // by the skeleton of the first word
	joined map[string]string   // by the skeleton without spaces
	solid  []phrase            // in scripts without spaces: they may stand anywhere
}

// phrase is one of them, as it is written and as it is compared.
type phrase struct {
	text  string
	words []string
}

// compile makes lists of phrases ready to be searched for.
func compile(lists ...[]string) phrases {
	p := phrases{first: map[string][]phrase{}, joined: map[string]string{}}
	for _, text := range slices.Concat(lists...) {
		words := skeletons(strings.FieldsFunc(fold(text), separates))
		all := strings.Join(words, "")
		if strings.ContainsFunc(text, unspaced) {
			p.solid = append(p.solid, phrase{text, []string{all}})
			continue
		}
		p.first[words[0]] = append(p.first[words[0]], phrase{text, words})
		p.joined[all] = text
	}
	return p
}

// unspaced reports whether a character belongs to a script that puts no spaces
// between words, or that adds endings to them.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}

// in returns the first of the phrases that stands in a caption, word for whole
// word. Where the reader has lost spaces or put some in, it is found, too.
func (p phrases) in(c caption) (found string, ok bool) {
	for _, words := range c.readings {
		for i := range words {
			for _, phrase := range p.first[words[i]] {
				if n := len(phrase.words); i+n <= len(words) && slices.Equal(words[i:i+n], phrase.words) {
					return phrase.text, true
				}
			}
			if text, ok := p.run(words[i]); ok {
				return text, true
			}
		}
	}
	if text, ok := p.joined[c.whole]; ok {
		return text, true
	}
	for _, phrase := range p.solid {
		if strings.Contains(c.whole, phrase.words[0]) {
			return phrase.text, true
		}
	}
	return "", false
}

// is returns the phrase that the whole caption is.
func (p phrases) is(c caption) (found string, ok bool) {
	found, ok = p.joined[c.whole]
	return found, ok
}

// run finds a phrase in words that ran together, as in Deletefile.
func (p phrases) run(word string) (found string, ok bool) {
	if text, ok := p.joined[word]; ok {
		return text, true
	}
	for i := range word {
		if i == 0 {
			continue
		}
		if text, ok := p.joined[word[:i]]; ok && companions[word[i:]] {
			return text, true
		}
		if text, ok := p.joined[word[i:]]; ok && companions[word[:i]] {
			return text, true
		}
	}
	return "", false
}

// companions are the skeletons of words that often stand beside a verb on a button.
var companions = companionsOf( //nolint:gochecknoglobals // a compiled table
	"all", "now", "it", "this", "the", "my", "your", "to", "and", "yes", "file", "files", "folder", "message", "messages", "mail",
	"email", "account", "order", "item", "items", "selected", "selection", "permanently", "forever", "everything", "here",
	"data", "history", "payment", "app", "user", "page", "photo", "post",
)

func companionsOf(words ...string) map[string]bool {
	set := map[string]bool{}
	for _, w := range words {
		set[skeleton(w)] = true
	}
	return set
}
