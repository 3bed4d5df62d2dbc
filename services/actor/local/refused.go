package local

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// refused are actions that may not be said: the grammar is made without them.
type refused []action.Action

// after returns what stands after the verb in the refused actions of that verb.
func (r refused) after(verb action.Verb) []string {
	var rests []string
	for _, a := range r {
		if a.Verb == verb {
			rests = append(rests, strings.TrimPrefix(a.String(), string(verb)+" "))
		}
	}
	return rests
}

// words is a verb with one of the words. some is false when none is left.
func (r refused) words(verb action.Verb, words []string) (e grammar.Expr, some bool) {
	words = without(words, r.after(verb))
	return grammar.Sequence(grammar.Literal(string(verb)+" "), grammar.Words(words...)), len(words) > 0
}

// choice is the verb with any of the targets that is left.
func (r refused) choice(verb action.Verb, targets []string) (e grammar.Expr, some bool) {
	if verb == action.Drag {
		return r.drags(targets)
	}
	return r.words(verb, targets)
}

// pointed are the verbs that point at one target: one expression for all with which
// every target can be named, since each costs states of its own.
func (r refused) pointed(targets []string) []grammar.Expr {
	if len(targets) == 0 {
		return nil
	}
	var all []string
	var rest []grammar.Expr
	for _, verb := range []action.Verb{action.Click, action.DoubleClick, action.RightClick, action.Hover} {
		if len(r.after(verb)) == 0 {
			all = append(all, string(verb)+" ")
		} else if e, some := r.words(verb, targets); some {
			rest = append(rest, e)
		}
	}
	if len(all) == 0 {
		return rest
	}
	return append(rest, grammar.Sequence(grammar.Words(all...), grammar.Words(targets...)))
}

// without returns the words that are none of the others.
func without(words, others []string) []string {
	if len(others) == 0 {
		return words
	}
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(others, w) })
}

// drags is any of the targets drawn to any of them.
func (r refused) drags(targets []string) (e grammar.Expr, some bool) {
	const to = " to "
	whole := targets // those from which every way is open
	var ways []grammar.Expr
	for _, from := range targets {
		var closed []string
		for _, rest := range r.after(action.Drag) {
			if target, ok := strings.CutPrefix(rest, from+to); ok {
				closed = append(closed, target)
			}
		}
		if len(closed) == 0 {
			continue
		}
		whole = without(whole, []string{from})
		if open := without(targets, closed); len(open) > 0 {
			ways = append(ways, grammar.Sequence(grammar.Literal(from+to), grammar.Words(open...)))
		}
	}
	if len(whole) > 0 {
		ways = append(ways, grammar.Sequence(grammar.Words(whole...), grammar.Literal(to), grammar.Words(targets...)))
	}
	return grammar.Sequence(grammar.Literal(string(action.Drag)+" "), grammar.Choice(ways...)), len(ways) > 0
}

// keys is a key with the modifiers that programs use.
func (r refused) keys() (e grammar.Expr, some bool) {
	var keys []string
	for _, characters := range []grammar.Range{{Lo: 'a', Hi: 'z'}, {Lo: '0', Hi: '9'}} {
		for c := characters.Lo; c <= characters.Hi; c++ {
			keys = append(keys, string(c))
		}
	}
	keys = append(keys, action.NamedKeys()...)
	not := r.after(action.Key)
	if len(not) == 0 {
		return grammar.Sequence(grammar.Literal(string(action.Key)+" "), grammar.Words(held()...), grammar.Words(keys...)), true
	}
	var words []string
	for _, modifiers := range held() {
		for _, key := range keys {
			words = append(words, modifiers+key)
		}
	}
	return r.words(action.Key, words)
}

// quoted is a verb with a free text of at least so many characters.
func (r refused) quoted(verb action.Verb, least int) grammar.Expr {
	var texts []string
	for _, rest := range r.after(verb) {
		texts = append(texts, inner(rest))
	}
	return grammar.Sequence(grammar.Literal(string(verb)+` "`), written().but(texts, least), grammar.Literal(`"`))
}

// inner is what stands between the quotes of a text.
func inner(quoted string) string { return quoted[1 : len(quoted)-1] }

// screenshot is a path of one of the folders, of plain names that end with .png.
func (r refused) screenshot(folders []string) grammar.Expr {
	const ending = ".png"
	within := make([]grammar.Expr, len(folders))
	for i, f := range folders {
		folder := screen.Escape(f) + "/"
		var names []string
		for _, rest := range r.after(action.Screenshot) {
			if name, ok := strings.CutPrefix(inner(rest), folder); ok {
				names = append(names, strings.TrimSuffix(name, ending))
			}
		}
		within[i] = grammar.Sequence(grammar.Literal(folder), named().but(names, 1))
	}
	return grammar.Sequence(grammar.Literal(string(action.Screenshot)+` "`), grammar.Choice(within...), grammar.Literal(ending+`"`))
}

// alphabet is what texts are made of: any character but these, and escapes.
type alphabet struct {
	except  []grammar.Range
	escapes []string
}

// written is what stands between the quotes of a free text: any character but a
// control character, the quote, the backslash and the line end as escapes of
// screen.Quote.
func written() alphabet {
	return alphabet{
		except: []grammar.Range{
			{Lo: 0, Hi: 0x1f}, {Lo: '"', Hi: '"'}, {Lo: '\\', Hi: '\\'}, {Lo: 0x7f, Hi: 0x9f}, {Lo: 0x2028, Hi: 0x2029},
		},
		escapes: []string{`\"`, `\\`, `\n`, `\t`},
	}
}

// named is what the name of a file is made of.
func named() alphabet {
	return alphabet{except: append(written().except, grammar.Range{Lo: '/', Hi: '/'})}
}

// one is one character, not one of these.
func (a alphabet) one(not []string) grammar.Expr {
	except := slices.Clone(a.except)
	for _, c := range not {
		if r, size := utf8.DecodeRuneInString(c); size == len(c) {
			except = append(except, grammar.Range{Lo: r, Hi: r})
		}
	}
	escapes := without(a.escapes, not)
	if len(escapes) == 0 {
		return grammar.Except(except...)
	}
	return grammar.Choice(grammar.Except(except...), grammar.Words(escapes...))
}

// sameFrom is how many characters of a refused text are compared: a longer one
// that begins with them is as good as the same.
const sameFrom = 32

// but is any text of at least so many characters that is none of these.
func (a alphabet) but(texts []string, least int) grammar.Expr { return a.rest(texts, least, sameFrom) }

// rest is what may follow where the texts, of which the rests are given, have been
// the same so far.
func (a alphabet) rest(texts []string, least, compare int) grammar.Expr {
	if len(texts) == 0 {
		return grammar.Repeat(a.one(nil), max(0, least), grammar.Unlimited)
	}
	var ways []grammar.Expr
	if least <= 0 && !slices.Contains(texts, "") {
		ways = append(ways, grammar.Literal(""))
	}
	var firsts []string
	rests := map[string][]string{}
	for _, text := range texts {
		if text == "" {
			continue
		}
		first := a.first(text)
		if rests[first] == nil {
			firsts = append(firsts, first)
		}
		rests[first] = append(rests[first], text[len(first):])
	}
	ways = append(ways, grammar.Sequence(a.one(firsts), grammar.Repeat(a.one(nil), max(0, least-1), grammar.Unlimited)))
	for _, first := range firsts {
		if compare > 1 {
			ways = append(ways, grammar.Sequence(grammar.Literal(first), a.rest(rests[first], least-1, compare-1)))
		}
	}
	return grammar.Choice(ways...)
}

// first is the first character of a text, or its first escape.
func (a alphabet) first(text string) string {
	for _, escape := range a.escapes {
		if strings.HasPrefix(text, escape) {
			return escape
		}
	}
	_, size := utf8.DecodeRuneInString(text)
	return text[:size]
}
