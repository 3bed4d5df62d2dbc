package local

import (
	"strconv"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/services/actor"
)

// actions describes every action that can be done on the state's screen, in
// canonical form, and nothing else: elements that are there, applications and
// folders that are allowed.
func actions(state prompt.State, may actor.Constraint) (*grammar.Grammar, error) {
	alternatives := []grammar.Expr{
		quoted(action.Type, 1),
		quoted(action.Answer, 0), quoted(action.Fail, 0), quoted(action.Ask, 0),
		grammar.Literal(string(action.Done)),
		grammar.Sequence(grammar.Literal(string(action.Scroll)+" "), grammar.Words("down ", "up "), numbers(action.MaxScroll)),
		grammar.Sequence(grammar.Literal(string(action.Wait)+" "), numbers(action.MaxWaitSeconds)),
		keys(),
	}
	if targets := state.Visible().Targets(); len(targets) > 0 {
		named := names(targets)
		alternatives = append(alternatives,
			grammar.Sequence(verbs(action.Click, action.DoubleClick, action.RightClick, action.Hover), named),
			grammar.Sequence(verbs(action.Drag), named, grammar.Literal(" to "), named),
		)
	}
	if len(may.Apps) > 0 {
		alternatives = append(alternatives, grammar.Sequence(verbs(action.Open), oneOf(may.Apps)))
	}
	if len(may.Folders) > 0 {
		alternatives = append(alternatives, screenshot(may.Folders), quoted(action.Find, 1))
	}
	return grammar.Compile(grammar.Choice(alternatives...))
}

func verbs(verbs ...action.Verb) grammar.Expr {
	words := make([]string, len(verbs))
	for i, v := range verbs {
		words[i] = string(v) + " "
	}
	return grammar.Words(words...)
}

// names is one of the elements, as it is named in an action.
func names(targets []screen.Target) grammar.Expr {
	words := make([]string, len(targets))
	for i, t := range targets {
		words[i] = t.String()
	}
	return grammar.Words(words...)
}

// oneOf is one of the texts, quoted.
func oneOf(texts []string) grammar.Expr {
	words := make([]string, len(texts))
	for i, t := range texts {
		words[i] = screen.Quote(t)
	}
	return grammar.Words(words...)
}

// quoted is a verb with a free text of at least so many characters.
func quoted(verb action.Verb, least int) grammar.Expr {
	return grammar.Sequence(verbs(verb), grammar.Literal(`"`), characters(least), grammar.Literal(`"`))
}

// characters are what stands between the quotes: any character but a control
// character, the quote, the backslash and the line end as escapes of screen.Quote.
func characters(least int) grammar.Expr {
	plain := grammar.Except(
		grammar.Range{Lo: 0, Hi: 0x1f}, grammar.Range{Lo: '"', Hi: '"'}, grammar.Range{Lo: '\\', Hi: '\\'},
		grammar.Range{Lo: 0x7f, Hi: 0x9f}, grammar.Range{Lo: 0x2028, Hi: 0x2029},
	)
	return grammar.Repeat(grammar.Choice(plain, grammar.Words(`\"`, `\\`, `\n`, `\t`)), least, grammar.Unlimited)
}

// screenshot is a path of one of the folders, of plain names that end with .png.
func screenshot(folders []string) grammar.Expr {
	within := make([]grammar.Expr, len(folders))
	for i, f := range folders {
		within[i] = grammar.Literal(screen.Escape(f) + "/")
	}
	name := grammar.Except(
		grammar.Range{Lo: 0, Hi: 0x1f}, grammar.Range{Lo: '"', Hi: '"'}, grammar.Range{Lo: '\\', Hi: '\\'},
		grammar.Range{Lo: '/', Hi: '/'}, grammar.Range{Lo: 0x7f, Hi: 0x9f}, grammar.Range{Lo: 0x2028, Hi: 0x2029},
	)
	return grammar.Sequence(verbs(action.Screenshot), grammar.Literal(`"`), grammar.Choice(within...),
		grammar.Repeat(name, 1, grammar.Unlimited), grammar.Literal(`.png"`))
}

func numbers(most int) grammar.Expr {
	words := make([]string, most)
	for i := range words {
		words[i] = strconv.Itoa(i + 1)
	}
	return grammar.Words(words...)
}

// keys is a key with the modifiers that programs use.
func keys() grammar.Expr {
	held := grammar.Words("", "ctrl+", "alt+", "shift+", "super+", "ctrl+shift+", "ctrl+alt+", "alt+shift+", "ctrl+alt+shift+")
	characters := grammar.Runes(grammar.Range{Lo: 'a', Hi: 'z'}, grammar.Range{Lo: '0', Hi: '9'})
	return grammar.Sequence(verbs(action.Key), held, grammar.Choice(characters, grammar.Words(action.NamedKeys()...)))
}
