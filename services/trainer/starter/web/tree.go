package web

import (
	"fmt"
	"slices"
)

// Pictures of the trees, drawn for this. An open folder shows its flap, and an open
// sign loses its upright stroke.
const (
	folder = "<svg class=picture width='16' height='16' viewBox='0 0 16 16'><path class=lid d='M1 3h5l2 2h7v9H1z' fill='#e0b64a' stroke='#8a6d1e'/>" +
		"<path class=flap d='M1 14V3h5l2 2h6v2M1 14l3-7h12l-3 7z' fill='#f0d58a' stroke='#8a6d1e'/></svg>"
	sheet     = "<svg class=picture width='12' height='16' viewBox='0 0 12 16'><path d='M1 1h7l3 3v11H1z' fill='#fff' stroke='#777'/></svg>"
	written   = "<svg class=picture width='14' height='16' viewBox='0 0 14 16'><path d='M1 1h12v14H1zM3 5h8M3 8h8M3 11h5' fill='#fff' stroke='#469'/></svg>"
	boxedPlus = "<svg width='11' height='11' viewBox='0 0 11 11'><path d='M.5.5h10v10H.5z' fill='#fff' stroke='#777'/><path d='M3 5h5v1H3z'/><path class=upright d='M5 3h1v5H5z'/></svg>"
	barePlus  = "<svg width='11' height='11' viewBox='0 0 11 11'><path d='M1 5h9v1.5H1z'/><path class=upright d='M4.8 1h1.5v9H4.8z'/></svg>"
	wedge     = "<svg width='9' height='9' viewBox='0 0 9 9'><path class=upright d='M2 0l5 4.5L2 9z'/><path d='M0 2h9L4.5 7z' class=flap /></svg>"
)

// forest is a tree as it is put down.
type forest struct {
	*page

	sign, picture, leaf string
	bySign              bool   // only a click on the sign opens a folder
	style               string // of the rows
	opened              []Goal // what is opened to come to what is looked for
	names               []node // the folders among them
}

// node is a row of a tree.
type node struct{ at, name string }

// tree: folders are opened until a name is seen, which is clicked.
func (p *page) tree() Session {
	f := &forest{page: p, style: pick(p.rng, "", "", "roomy")}
	f.look()
	roots := p.between(2, 4)
	aimed := p.rng.IntN(roots)
	var aim node
	p.putf("<div class=tree><ul class=%q>", f.style)
	for i := range roots {
		found := aim.at != ""
		f.folder(p.fresh(func() string { return p.Title(p.Word()) }), found, i < aimed && p.chance(0.15))
		leaves := p.between(1, 4)
		at := p.rng.IntN(leaves)
		deeper := p.chance(0.4)
		for k := range leaves {
			var row node
			if deeper && k == at { // a folder within, which holds what is looked for
				f.folder(p.fresh(func() string { return p.Title(p.Word()) }), found, false)
				row = f.file(p.fresh(func() string { return p.Title(p.Word()) }))
				p.putf("</ul></li>")
			} else {
				row = f.file(p.fresh(func() string {
					return pick(p.rng, p.Title(p.Word()), p.Name()+pick(p.rng, ".txt", ".pdf", ".png"), p.Title(p.Phrase(1, 2)))
				}))
			}
			if i == aimed && k == at {
				aim, found = row, true
			}
		}
		p.putf("</ul></li>")
	}
	p.putf("</ul></div>")
	if p.chance(0.25) { // a folder itself is looked for
		i := p.rng.IntN(len(f.opened))
		aim, f.opened = f.names[i], f.opened[:i]
	}
	name := p.spokenWhole(aim.name)
	return Session{
		End: finished, Goals: slices.Concat(f.opened, []Goal{{Want: Click, At: aim.at}}),
		Task: p.ask(pick(p.rng, "look through the folders for "+name+" and click it", "open folders until you see "+name+", then click it", "find "+name+" in the tree and select it",
			"where is "+name+"? select it in the tree", "select "+name+" somewhere in the folders", "look for "+name+" in the tree and click it", "select "+name, "click "+name+" in the tree",
			"go through the tree to "+name+" and pick it")),
	}
}

// look draws what stands before the names. Signs that alone open a folder stand
// without pictures: nothing else tells which click is right.
func (f *forest) look() {
	mark := func(open, closed string) string {
		return fmt.Sprintf("<span class=mark data-open='%s' data-closed='%s'>%s</span>", open, closed, closed)
	}
	f.leaf = pick(f.rng, sheet, sheet, written)
	switch f.rng.IntN(10) {
	case 0:
		f.sign, f.leaf = mark("▾", "▸"), "<span class=mark>·</span>"
	case 1:
		f.sign, f.leaf, f.bySign = pick(f.rng, boxedPlus, barePlus), "", true
	case 2:
		f.picture = folder
	case 3:
		f.picture, f.leaf = folder, ""
	case 4:
		f.sign, f.picture = wedge, folder
	case 5:
		f.sign, f.picture = barePlus, folder
	default:
		f.sign, f.picture = boxedPlus, folder
	}
}

// folder puts a closed folder, or an open one, and leaves its list open.
func (f *forest) folder(name string, found, open bool) {
	row, list := f.id(), f.id()
	opens, state := row, fmt.Sprintf("data-toggle=%s aria-expanded=%t", list, open)
	switch {
	case f.bySign:
		opens = f.id()
		f.putf("<li><span class=sign data-t=%s data-k=icon data-n='' %s>%s</span><span class=node data-t=%s data-k=item data-n=\"%s\">%s</span>",
			opens, state, f.sign, row, text(name), text(name))
	case f.sign != "":
		f.putf("<li><span class=node data-t=%s data-k=item data-n=\"%s\" %s><span class=sign>%s</span>%s%s</span>", row, text(name), state, f.sign, f.picture, text(name))
	default:
		f.putf("<li><span class=node data-t=%s data-k=item data-n=\"%s\" %s>%s%s</span>", row, text(name), state, f.picture, text(name))
	}
	hidden := "hidden"
	if open {
		hidden = ""
	}
	f.putf("<ul id=%s %s>", list, hidden)
	if !found {
		f.opened = append(f.opened, Goal{Want: Expand, At: opens})
		f.names = append(f.names, node{row, name})
	}
}

// file puts a row that holds nothing.
func (f *forest) file(name string) node {
	n := node{f.id(), name}
	f.putf("<li><span class=node data-t=%s data-k=item data-n=\"%s\">%s%s</span></li>", n.at, text(name), f.leaf, text(name))
	return n
}
