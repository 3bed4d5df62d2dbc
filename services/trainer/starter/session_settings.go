package starter

import (
	"slices"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// setting is a check box with the key that it changes, and what it is at first.
type setting struct {
	tab, label, key string
	on              bool
}

// toggle clicks the box of a setting, which makes it what it is not at first.
func (s setting) toggle() Move {
	if s.on {
		return untick(s.label)
	}
	return tick(s.label)
}

// In GSettings; the groups of Mousepad.
const (
	mousepadView   = "org/xfce/mousepad/preferences/view/"
	mousepadWindow = "org/xfce/mousepad/preferences/window/"
)

func editorSettings() []setting {
	return []setting{
		{"View", "Show line numbers", mousepadView + "show-line-numbers", false},
		{"View", "Display whitespace", mousepadView + "show-whitespace", false},
		{"View", "Highlight current line", mousepadView + "highlight-current-line", false},
		{"View", "Highlight matching brackets", mousepadView + "match-braces", false},
		{"View", "Wrap long lines", mousepadView + "word-wrap", false},
		{"Editor", "Enable automatic indentation", mousepadView + "auto-indent", false},
		{"Window", "Remember window position", mousepadWindow + "remember-position", false},
		{"Window", "Show toolbar", mousepadWindow + "toolbar-visible", false},
		{"Window", "Always show tabs even with one file", mousepadWindow + "always-show-tabs", false},
		{"Window", "Cycled notebook tab switching", mousepadWindow + "cycle-tabs", false},
		{"Window", "Remember window size", mousepadWindow + "remember-size", true},
		{"Window", "Remember window state", mousepadWindow + "remember-state", true},
	}
}

// labelled is how people write what a box says.
func (g *Generator) labelled(label string) string {
	return pick(g.rng, label, strings.ToLower(label), `"`+label+`"`)
}

// editorPreferences: a check box in the preferences of the editor is ticked or
// cleared, on the tab that shows first or on another.
func (g *Generator) editorPreferences() Session {
	all := editorSettings()
	chosen := pick(g.rng, all...)
	label, verb := g.labelled(chosen.label), g.ticking(!chosen.on)
	where := pick(g.rng, "", " on the "+chosen.tab+" tab", " on the tab "+chosen.tab)
	if chosen.tab != all[0].tab && where == "" {
		where = " (tab " + chosen.tab + ")"
	}
	closing := pick(g.rng, "", " and close them", ", then close the preferences")
	s := g.editing(g.phrase(1, 6))
	s.Task = g.ask(pick(g.rng,
		verb+" "+label+" in the preferences of the editor"+where,
		"open the preferences in the Edit menu and "+verb+" "+label+where,
		"in the editor's preferences "+verb+" "+label+where,
		verb+" "+label+" in the preferences"+where,
	) + closing)
	s.Moves = inMenu("Edit", "Preferences...")
	if where != "" && chosen.tab != all[0].tab {
		s.Moves = append(s.Moves, click(chosen.tab, screen.Tab, screen.Menu, screen.Text, screen.Button))
	}
	s.Moves = append(s.Moves, chosen.toggle())
	if closing != "" {
		s.Moves = append(s.Moves, keys("escape")) // the dialog has a button for it that the screen may cut off
	}
	s.Moves = append(s.Moves, end())
	s.Effects = []Effect{{SettingIs, chosen.key, strconv.FormatBool(!chosen.on)}}
	return s
}

// editorView: an entry of a menu that is a setting.
func (g *Generator) editorView() Session {
	chosen := pick(g.rng,
		setting{"View", "Line Numbers", mousepadView + "show-line-numbers", false},
		setting{"View", "Toolbar", mousepadWindow + "toolbar-visible", false},
		setting{"View", "Statusbar", mousepadWindow + "statusbar-visible", false},
		setting{"Document", "Word Wrap", mousepadView + "word-wrap", false},
		setting{"Document", "Auto Indent", mousepadView + "auto-indent", false},
	)
	label := pick(g.rng, chosen.label, strings.ToLower(chosen.label), g.quoted(chosen.label))
	name, called := g.app(editorNames()...)
	s := Session{Moves: []Move{do(action.Open, name)}}
	opening := g.opening() + " " + called + g.then()
	if g.chance(0.5) {
		s, opening = g.editing(g.phrase(1, 6)), ""
	}
	menu := pick(g.rng, chosen.tab, strings.ToLower(chosen.tab))
	s.Task = g.ask(opening + pick(g.rng, "switch on "+label+" in the "+menu+" menu", "turn on "+label+" with the menu "+menu,
		"choose "+label+" in the "+menu+" menu", "click "+label+" in the "+menu+" menu"))
	s.Moves = slices.Concat(s.Moves, inMenu(chosen.tab, chosen.label), []Move{end()})
	s.Effects = []Effect{{SettingIs, chosen.key, "true"}}
	return s
}

// appearance: a check box on a tab of the desktop's appearance is cleared and applied.
func (g *Generator) appearance() Session {
	chosen := pick(g.rng,
		setting{"Other", "Show images in menus", "gtk-menu-images", true},
		setting{"Other", "Show images on buttons", "gtk-button-images", true},
		setting{"Other", "Play event sounds", "gtk-enable-event-sounds", true},
		setting{"Other", "Play event sounds as feedback to user input", "gtk-enable-input-feedback-sounds", true},
	)
	label, verb := g.labelled(chosen.label), g.ticking(!chosen.on)
	s := Session{Program: []string{"lxappearance"}}
	s.Task = g.ask(pick(g.rng,
		"on the "+chosen.tab+" tab "+verb+" "+label+", apply it and close the window",
		"go to the tab "+chosen.tab+", "+verb+" "+label+", press Apply and then Close",
		"in the appearance settings, tab "+chosen.tab+", "+verb+" "+label+", click Apply and close the window",
	))
	apply := click("Apply", pressable()...)
	apply.Quiet = true
	s.Moves = []Move{click(chosen.tab, pressable()...), chosen.toggle(), apply, click("Close", pressable()...), end()}
	s.Effects = []Effect{{ConfigHolds, ".gtkrc-2.0", chosen.key + "=0"}}
	return s
}
