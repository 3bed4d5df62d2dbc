package pages

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/grokputer/grokputer/contracts"
)

// badge is a state in a word and an icon, so that nothing depends on colour alone.
type badge struct {
	Word string
	Icon string // of a symbol in templates/parts/icons.html
	Tone string // good, bad, calm or busy: the colour
}

// outcomeBadge says how a task ended, or that it runs.
func outcomeBadge(v contracts.Verb) badge {
	switch v {
	case contracts.VerbCompleted:
		return badge{Word: "Completed", Icon: "check", Tone: "good"}
	case contracts.VerbFailed:
		return badge{Word: "Failed", Icon: "cross", Tone: "bad"}
	case contracts.VerbCancelled:
		return badge{Word: "Cancelled", Icon: "stop", Tone: "calm"}
	case contracts.VerbRejected:
		return badge{Word: "Rejected", Icon: "ban", Tone: "bad"}
	default:
		return badge{Word: "Running", Icon: "run", Tone: "busy"}
	}
}

// stepBadge says what an action did.
func stepBadge(o contracts.Outcome, e contracts.Effect) badge {
	switch o {
	case contracts.OutcomeChanged:
		return badge{Word: changed(e), Icon: "check", Tone: "good"}
	case contracts.OutcomeUnchanged:
		return badge{Word: "Nothing changed", Icon: "dash", Tone: "calm"}
	case contracts.OutcomeResult:
		return badge{Word: "Gave a result", Icon: "check", Tone: "good"}
	case contracts.OutcomeRefused:
		return badge{Word: "Refused", Icon: "ban", Tone: "bad"}
	case contracts.OutcomeForbidden:
		return badge{Word: "Forbidden", Icon: "ban", Tone: "bad"}
	case contracts.OutcomeDry:
		return badge{Word: "Dry run: not done", Icon: "dash", Tone: "calm"}
	case contracts.OutcomeError:
		return badge{Word: "Could not be done", Icon: "cross", Tone: "bad"}
	default:
		return badge{Word: string(o), Icon: "dash", Tone: "calm"}
	}
}

// changed says how much of the screen an action has changed.
func changed(e contracts.Effect) string {
	switch e {
	case contracts.EffectFocus:
		return "The focus moved"
	case contracts.EffectRegion:
		return "A part of the window changed"
	case contracts.EffectWindow:
		return "Another window"
	default:
		return "The screen changed"
	}
}

// moment is a time for people and for machines.
type moment struct {
	Text string
	ISO  string
}

// moment says when something was, the shorter the nearer it is to now.
func (p *pages) moment(t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	t, now := t.In(p.options.Location), p.options.Now().In(p.options.Location)
	layout := "2 Jan 2006, 15:04"
	switch yesterday := now.AddDate(0, 0, -1); {
	case sameDay(t, now):
		layout = "15:04"
	case sameDay(t, yesterday):
		layout = "Yesterday, 15:04"
	case t.Year() == now.Year():
		layout = "2 Jan, 15:04"
	}
	text := t.Format(layout)
	if sameDay(t, now) {
		text = "Today, " + text
	}
	return moment{Text: text, ISO: t.Format(time.RFC3339)}
}

func sameDay(a, b time.Time) bool { return a.Year() == b.Year() && a.YearDay() == b.YearDay() }

// span says how long something takes, in at most two units.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return "less than a second"
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	default:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
}

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// sentence makes an error a sentence for a person.
func sentence(err error) string { return capital(err.Error()) }

// capital begins with a capital letter and ends with a full stop.
func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	s = string(unicode.ToUpper(first)) + s[n:]
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}

// cut shortens a text for a title.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
