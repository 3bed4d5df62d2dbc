package starter

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// setting is a check box that is off at first, with the key that it changes.
type setting struct{ tab, label, key string }

// In GSettings; the groups of Mousepad.
const (
	mousepadView   = "org/xfce/mousepad/preferences/view/"
	mousepadWindow = "org/xfce/mousepad/preferences/window/"
)

func editorSettings() []setting {
	return []setting{
		{"View", "Show line numbers", mousepadView + "show-line-numbers"},
		{"View", "Display whitespace", mousepadView + "show-whitespace"},
		{"View", "Highlight current line", mousepadView + "highlight-current-line"},
		{"View", "Highlight matching brackets", mousepadView + "match-braces"},
		{"View", "Wrap long lines", mousepadView + "word-wrap"},
		{"Editor", "Enable automatic indentation", mousepadView + "auto-indent"},
		{"Window", "Remember window position", mousepadWindow + "remember-position"},
		{"Window", "Show toolbar", mousepadWindow + "toolbar-visible"},
		{"Window", "Always show tabs even with one file", mousepadWindow + "always-show-tabs"},
		{"Window", "Cycled notebook tab switching", mousepadWindow + "cycle-tabs"},
	}
}

// editorPreferences: a check box in the preferences of the editor is ticked, on
// the tab that shows first or on another.
func (g *Generator) editorPreferences() Session {
	all := editorSettings()
	chosen := pick(g.rng, all...)
	label := pick(g.rng, chosen.label, strings.ToLower(chosen.label), `"`+chosen.label+`"`)
	s := g.editing(g.phrase(1, 6))
	s.Task = g.ask(pick(g.rng,
		"tick "+label+" in the preferences of the editor",
		"open the preferences in the Edit menu and tick "+label,
		"in the editor's preferences switch on "+label,
		"turn on "+label+" in the preferences",
		"go to the preferences, tab "+chosen.tab+", and check "+label,
	) + pick(g.rng, "", " and close them", ", then close the preferences"))
	s.Moves = inMenu("Edit", "Preferences...")
	if chosen.tab != all[0].tab {
		if !strings.Contains(s.Task, "tab "+chosen.tab) {
			s.Task += pick(g.rng, " (on the "+chosen.tab+" tab)", ", it is on the tab "+chosen.tab)
		}
		// The menu bar has a View, too, but no other of the tabs.
		s.Moves = append(s.Moves, click(chosen.tab, screen.Tab, screen.Menu, screen.Text, screen.Button))
	}
	s.Moves = append(s.Moves, tick(chosen.label))
	if strings.Contains(s.Task, "close") {
		s.Moves = append(s.Moves, click("Close", pressable()...))
	}
	s.Moves = append(s.Moves, end())
	s.Effects = []Effect{{SettingIs, chosen.key, "true"}}
	return s
}

// editorView: an entry of a menu that is a setting.
func (g *Generator) editorView() Session {
	chosen := pick(g.rng,
		setting{"View", "Line Numbers", mousepadView + "show-line-numbers"},
		setting{"View", "Toolbar", mousepadWindow + "toolbar-visible"},
		setting{"View", "Statusbar", mousepadWindow + "statusbar-visible"},
		setting{"Document", "Word Wrap", mousepadView + "word-wrap"},
		setting{"Document", "Auto Indent", mousepadView + "auto-indent"},
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

// appearance: a check box on a tab of the desktop's appearance is ticked and applied.
func (g *Generator) appearance() Session {
	chosen := pick(g.rng,
		setting{"Other", "Show images in menus", "gtk-menu-images=1"},
		setting{"Other", "Show images on buttons", "gtk-button-images=1"},
	)
	label := pick(g.rng, chosen.label, strings.ToLower(chosen.label), g.quoted(chosen.label))
	s := Session{Program: []string{"lxappearance"}}
	s.Task = g.ask(pick(g.rng,
		"on the "+chosen.tab+" tab tick "+label+" and apply it",
		"go to the tab "+chosen.tab+", tick "+label+" and press Apply",
		"in the appearance settings, tab "+chosen.tab+", switch on "+label+" and click Apply",
	))
	s.Moves = []Move{click(chosen.tab, pressable()...), tick(chosen.label), click("Apply", pressable()...), end()}
	s.Effects = []Effect{{ConfigHolds, ".gtkrc-2.0", chosen.key}}
	return s
}
