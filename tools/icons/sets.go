package main

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// set is one collection of icons: where its files are, and how they are named.
type set struct {
	name    string
	folders []string // of .svg files; the last part of a folder is a style
	// base takes the style out of a file's name; false leaves the file out.
	base func(file string) (string, bool)
}

// sets are the collections that tools/icons/fetch brings into .cache/icons.
var sets = []set{
	{"bootstrap", []string{"icons"}, without("-fill")},
	{"tabler", []string{"icons/outline", "icons/filled"}, without()},
	{"lucide", []string{"icons"}, without()},
	{"feather", []string{"dist/icons"}, without()},
	{"material", []string{"filled", "outlined", "round", "sharp"}, func(s string) (string, bool) { return strings.ReplaceAll(s, "_", "-"), true }},
	{"ionicons", []string{"dist/svg"}, func(s string) (string, bool) {
		base, _ := without("-outline", "-sharp")(s)
		return base, !strings.HasPrefix(s, "logo-")
	}},
	{"octicons", []string{"build/svg"}, func(s string) (string, bool) {
		base, sized := strings.CutSuffix(s, "-16")
		if !sized {
			base, sized = strings.CutSuffix(s, "-24")
		}
		return strings.TrimSuffix(base, "-fill"), sized
	}},
	{"heroicons", []string{"24/outline", "24/solid", "20/solid", "16/solid"}, without()},
	{"phosphor", []string{"assets/regular", "assets/fill", "assets/bold", "assets/light"}, without("-fill", "-bold", "-light")},
}

func without(styles ...string) func(string) (string, bool) {
	return func(s string) (string, bool) {
		for _, style := range styles {
			s = strings.TrimSuffix(s, style)
		}
		return s, true
	}
}

// picture is one drawn icon.
type picture struct {
	set, base, file string
	class           string // "" for an icon of no class
	mirrored        bool
	badged          bool
	mask            *mask
}

// mirrorOf are the classes whose pictures are those of another, seen in a mirror, and of
// which the sets have few.
var mirrorOf = map[string]string{"reply": "forward", "forward": "reply", "undo": "redo", "redo": "undo"}

// own are drawings that no set has, by nobody else: bins without a handle. They are learnt
// and not measured. A file is called by its class and a number.
//
//go:embed own/*.svg
var own embed.FS

func drawOwn() ([]picture, error) {
	files, err := fs.Glob(own, "own/*.svg")
	if err != nil {
		return nil, fmt.Errorf("list our own icons: %w", err)
	}
	var all []picture
	for _, file := range files {
		data, err := own.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read our own icons: %w", err)
		}
		class, _, _ := strings.Cut(path.Base(file), "-")
		p := picture{set: "own", base: file, file: file, class: class}
		if p.mask, err = drawSVG(data); err != nil {
			return nil, fmt.Errorf("draw %s: %w", file, err)
		}
		all = append(all, p)
	}
	return all, nil
}

// load draws every icon of every set that is of a class, and some of each set that are
// of none; what only resembles a class is left out. Those of one class follow each other.
func load(dir string, c classes, strangers int) ([]picture, error) {
	rng := rand.New(rand.NewPCG(7, 7))
	all, err := drawOwn()
	if err != nil {
		return nil, err
	}
	for _, s := range sets {
		known, unknown, err := s.list(dir, c)
		if err != nil {
			return nil, err
		}
		rng.Shuffle(len(unknown), func(i, j int) { unknown[i], unknown[j] = unknown[j], unknown[i] })
		all = append(append(all, known...), unknown[:min(strangers, len(unknown))]...)
	}
	slices.SortStableFunc(all, func(a, b picture) int { return cmp.Compare(a.class, b.class) })
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range all {
		if all[i].mask != nil {
			continue
		}
		group.Go(func() error {
			var err error
			if all[i].mask, err = drawFile(all[i].file); err != nil {
				return fmt.Errorf("draw %s: %w", all[i].file, err)
			}
			if all[i].mirrored {
				all[i].mask = all[i].mask.mirror()
			}
			if all[i].badged {
				all[i].mask = all[i].mask.badge()
			}
			return nil
		})
	}
	return all, group.Wait()
}

// list returns the icons of a set that are of a class, and those that are of none.
func (s set) list(dir string, c classes) (known, unknown []picture, err error) {
	for _, folder := range s.folders {
		files, err := filepath.Glob(filepath.Join(dir, s.name, folder, "*.svg"))
		if err != nil {
			return nil, nil, fmt.Errorf("list the icons: %w", err)
		}
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".svg")
			base, ok := s.base(name)
			if !ok {
				continue
			}
			p := picture{set: s.name, base: base, file: file}
			switch p.class, ok = c.of(s.name, base, name); {
			case !ok:
				unknown = append(unknown, p)
			case p.class != unclear:
				known = append(known, p)
				if p.class == withBadge {
					p.badged = true
					known = append(known, p)
				}
				if mirrorOf[p.class] != "" {
					p.class, p.mirrored = mirrorOf[p.class], true
					known = append(known, p)
				}
			}
		}
	}
	if len(known) == 0 {
		return nil, nil, fmt.Errorf("no icons of %s in %s: %w (tools/icons/fetch brings them)", s.name, dir, fs.ErrNotExist)
	}
	return known, unknown, nil
}

func drawFile(file string) (*mask, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read it: %w", err)
	}
	return drawSVG(data)
}
