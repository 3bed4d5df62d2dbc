package bench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// scene is what a model is told before it says an action, in the words of the
// project's prompts.
type scene struct {
	task     string
	title    string
	elements []string // as kind "text"
	done     []string
}

// messages is the conversation that the model is given.
func (s scene) messages() []chat.Message {
	done := " nothing"
	if len(s.done) > 0 {
		done = "\n" + strings.Join(s.done, "\n")
	}
	return []chat.Message{
		{Role: "system", Content: "You work a desktop. Say the next action."},
		{Role: "user", Content: fmt.Sprintf("Task: %s\nScreen %s:\n%s\nDone so far:%s", s.task, grammar.Quote(s.title), strings.Join(s.elements, "\n"), done)},
	}
}

// artist draws screens.
type artist struct{ *rand.Rand }

func (a artist) word() string { return vocabulary[a.IntN(len(vocabulary))] }

// phrase is one to most words, the first with a capital.
func (a artist) phrase(most int) string {
	var w []string
	for range 1 + a.IntN(most) {
		w = append(w, a.word())
	}
	if a.IntN(6) == 0 {
		w = append(w, strconv.Itoa(a.IntN(1000)))
	}
	text := strings.Join(w, " ")
	return strings.ToUpper(text[:1]) + text[1:]
}

// kinds of elements, as often as screens have them.
var kinds = []string{"button", "button", "link", "link", "text", "text", "text", "tab", "menu", "field", "check", "radio", "icon"}

// screen draws n different elements.
func (a artist) screen(n int) []string {
	var all []string
	for len(all) < n {
		e := kinds[a.IntN(len(kinds))] + " " + grammar.Quote(a.phrase(3))
		if !slices.Contains(all, e) {
			all = append(all, e)
		}
	}
	return all
}

// example draws a scene of n elements and the action that its task asks for.
func (a artist) example(n int) (scene, string) {
	s := scene{title: a.phrase(3), elements: a.screen(max(1, n))}
	target := s.elements[a.IntN(len(s.elements))]
	_, name, _ := strings.Cut(target, " ")
	var action string
	switch a.IntN(5) {
	case 0:
		text := a.phrase(3)
		s.task, action = "type the text "+grammar.Quote(text), "type "+grammar.Quote(text)
	case 1:
		s.task, action = "open "+name+" with a double click", "doubleclick "+target
	case 2:
		s.task, action = "show what can be done with "+name, "rightclick "+target
	default:
		s.task, action = "press "+name, "click "+target
	}
	if a.IntN(2) == 0 {
		s.done = []string{"open " + grammar.Quote(a.word()) + " -> changed", "wait " + strconv.Itoa(1+a.IntN(9))}
	}
	return s, action
}

// vocabulary are words that screens are made of.
var vocabulary = strings.Fields(`
account actions address agenda album alerts amount archive article attach audio author backup balance basket billing
birthday bookmark border branch browse budget calendar camera cancel capital catalog category chapter chart choose
clear client close cloud column comment compare compose confirm connect contact copy country coupon create credit
custom customer dashboard date default delete delivery design details device discard display document download draft
duplicate edit editor email empty enable entry event export family favorite feature filter finish folder format
forward friday gallery general group guest header height help hidden history holiday import inbox index insert install
invite invoice keyboard label language layout leave length library license limit list location login mailbox manager
margin market member menu message minimum mobile monday monitor network news notes number office online options order
outbox overview owner package page password paste payment people phone photo picture planner player plugin policy
portrait preview price print priority privacy private product profile project public quality quantity query queue
quick random rating reader receipt recent record refresh region reminder remove rename repeat reply report reset
restore results review route sample save schedule screen search section security select send series server service
settings share shipping shop signature size sort sound source standard start status storage store street style
subject submit summary support switch table template theme ticket time title today toolbar topic total track travel
trash update upload user value version video view volume wallet weather website week width window word workspace zoom
`)
