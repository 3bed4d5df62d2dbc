package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed classes.txt
var classTable string

// unclear is the class of what resembles one and is not learnt.
const unclear = "?"

// classes say which files show what.
type classes struct {
	names  []string
	byName map[string]string          // class of "base", "set:base"
	not    map[string]bool            // "set:base class"
	words  map[string]map[string]bool // of the names of each class\'s files
}

func readClasses() (classes, error) {
	c := classes{byName: make(map[string]string), not: make(map[string]bool), words: make(map[string]map[string]bool)}
	for n, line := range strings.Split(classTable, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, entries, ok := strings.Cut(line, ": ")
		if !ok {
			return classes{}, fmt.Errorf("classes.txt, line %d: no name", n+1)
		}
		if name != unclear {
			c.names = append(c.names, name)
		}
		c.words[name] = make(map[string]bool)
		for entry := range strings.FieldsSeq(entries) {
			for word := range strings.SplitSeq(entry[strings.IndexByte(entry, ':')+1:], "-") {
				if !strings.HasPrefix(entry, "!") && !slices.Contains(vague, word) {
					c.words[name][word] = true
				}
			}
			if out, ok := strings.CutPrefix(entry, "!"); ok {
				c.not[out+" "+name] = true
			} else if _, twice := c.byName[entry]; !twice {
				c.byName[entry] = name
			}
		}
	}
	return c, nil
}

// of is the class of an icon of a set, and whether it has one. A file's own name, with
// its style, may be left out, too.
func (c classes) of(set, base, file string) (string, bool) {
	own := set + ":" + base
	class, ok := c.byName[own]
	if !ok {
		class, ok = c.byName[base]
	}
	if !ok {
		return "", false
	}
	if c.not[own+" "+class] || c.not[set+":"+file+" "+class] {
		return unclear, true
	}
	return class, true
}

// vague are words in the names of icons that say nothing of what they show.
var vague = strings.Fields("arrow box circle square outline line fill small long left right up down on off in out all simple back forward note clock text list open closed bars device image add plus minus remove check mark x 2 3 4 6")

// related reports whether the name of an icon of no class has a word of a class's: a bell
// with a dot is still a bell.
func (c classes) related(class, base string) bool {
	return slices.ContainsFunc(strings.Split(base, "-"), func(word string) bool { return c.words[class][strings.TrimRight(word, "0123456789")] })
}
