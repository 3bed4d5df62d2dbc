package starter

import "github.com/grokputer/grokputer/contracts/action"

// picture: the screen is saved into a folder, under a name if one is given.
func (g *Generator) picture() *episode {
	folder, called := g.place("Desktop", "Desktop", "Desktop", "vault", "Pictures")
	name := "screenshot"
	request := pick(g.rng,
		"take a screenshot", "make a screenshot", "capture the screen", "grab the screen", "take a picture of the screen", "take a screen shot",
	) + pick(g.rng, " and save it to ", " and put it on ", " and store it in ", " and save it on ", " to ") + called
	if g.chance(0.4) {
		name = g.name()
		ending := pick(g.rng, "", ".png")
		request += pick(g.rng, " as ", " under the name ", " and call it ", " named ") + g.quoted(name+ending)
	} else if g.chance(0.2) {
		request = "save a " + pick(g.rng, "screenshot", "picture of the screen") + pick(g.rng, " to ", " on ", " in ") + called
	}
	e := &episode{task: g.ask(request)}
	s := g.desktop()
	path := folder + "/" + name + ".png"
	e.step(s, say(action.Screenshot, path), path)
	e.end(s, finished)
	return e
}
