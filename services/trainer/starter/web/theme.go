package web

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed themes/*.css
var themes embed.FS

//go:embed behave.js
var behaviour string

// themeNames are the looks that pages come in; base.css is below
// all of them, and tabs.css over them.
func themeNames() []string {
	return []string{"plain", "plain", "plain", "framework", "framework", "widgets", "widgets", "flat", "dark", "serif"}
}

// fonts are families that are drawn from; what is not installed falls back.
func fonts() []string {
	return []string{
		"Arial, sans-serif", "Arial, sans-serif", "'DejaVu Sans', sans-serif", "Verdana, sans-serif", "'Times New Roman', serif",
		"'DejaVu Serif', serif", "Georgia, serif", "'Nimbus Sans', sans-serif", "'URW Gothic', sans-serif", "'URW Bookman', serif",
	}
}

// document puts a page's body into a document.
func (p *page) document() string {
	name := pick(p.rng, themeNames()...)
	base, errBase := themes.ReadFile("themes/base.css")
	look, errLook := themes.ReadFile("themes/" + name + ".css")
	tabs, errTabs := themes.ReadFile("themes/tabs.css")
	if errBase != nil || errLook != nil || errTabs != nil {
		panic("a theme of the program itself is missing") // the files are embedded
	}
	width, top, left, size := p.place()
	accent := pick(p.rng, "#0b5ed7", "#2c7a4b", "#a33", "#6a3fb5", "#c2571a", "#117a8b", "#444", "#d6336c")
	style := fmt.Sprintf(":root{--accent:%s} body{font:%dpx/%s %s} main{width:%dpx;margin:%dpx 0 0 %dpx;padding:%dpx}",
		accent, size, pick(p.rng, "1.2", "1.35", "1.5"), pick(p.rng, fonts()...), width, top, left, pick(p.rng, 2, 4, 8, 12))
	if p.chance(0.35) { // a sheet in the corner, on something of another colour
		style += fmt.Sprintf(" html,body{background:%s} main{background:%s;min-height:%dpx;margin:0;padding-top:%dpx} .said{background:#fff;color:#060;display:inline-block;padding:4px}",
			pick(p.rng, "#555", "#444", "#667", "#ccc", "#dde3ea", "#e8e0d0", "#cfe3d4"), paper(name), p.between(180, 380), top+4)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8><title>%s</title>\n<style>%s\n%s\n%s\n%s</style>\n", text(p.title), base, look, tabs, style)
	fmt.Fprintf(&b, "<script>%s</script>\n%s\n</head>\n<body class=%s><main>%s</main>%s</body></html>\n", behaviour, ScriptMark, name, p.body.String(), p.after.String())
	return b.String()
}

// paper is the colour that a look has behind its content.
func paper(name string) string {
	switch name {
	case "dark":
		return "#1d2126"
	case "flat":
		return "#f3f4f6"
	case "serif":
		return "#f6efdf"
	default:
		return "#fff"
	}
}

// place draws the width of the content, where it is, and the size of its letters, all
// in the page's own pixels.
func (p *page) place() (width, top, left, size int) {
	if p.Scale == 1 {
		size = 11 + p.rng.IntN(7)
	} else {
		size = 8 + p.rng.IntN(7)
	}
	screenWidth := 1280 / p.Scale
	switch {
	case p.narrow && p.chance(0.6):
		width = 160 + p.rng.IntN(60)
		if size > 12 {
			size = 10
		}
	case p.chance(0.5):
		width = 240 + p.rng.IntN(160)
	default:
		width = 320 + p.rng.IntN(screenWidth-360)
	}
	switch p.rng.IntN(3) {
	case 0:
	case 1:
		left = (screenWidth - width) / 2
	default:
		left = p.rng.IntN(max(1, screenWidth-width-20))
	}
	return width, p.rng.IntN(60), left, size
}
