// Startercheck fails when a task that the starter adapter is trained on is worded like
// one of the pages that the agent is judged by (make starter-check). It says how many
// are, and which of our own; never a wording of the pages.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/starter"
	"github.com/grokputer/grokputer/services/trainer/starter/clash"
	"github.com/grokputer/grokputer/services/trainer/starter/web"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "startercheck:", err)
		os.Exit(1)
	}
}

func run(args []string, w io.Writer) error {
	f := flag.NewFlagSet("startercheck", flag.ContinueOnError)
	f.SetOutput(w)
	pages := f.String("pages", "", "`folder` html of the Python package miniwob (make miniwob fetches it)")
	n := f.Int("n", 4000, "how many `tasks` of each generator are drawn")
	seed := f.Uint64("seed", 11, "draws them")
	var recorded []string
	f.Func("traces", "`file` of recorded steps whose tasks are looked at, too; can be given again", func(file string) error {
		recorded = append(recorded, file)
		return nil
	})
	if err := f.Parse(args); err != nil {
		return err
	}
	patterns, err := clash.Read(os.DirFS(filepath.Join(*pages, "miniwob")))
	if err != nil {
		return err
	}
	tasks := map[string]bool{}
	g := starter.New(*seed)
	for range *n {
		tasks[g.Episode()[0].State.Task] = true
	}
	for i := range *n {
		tasks[web.Draw(*seed, uint64(i), 2).Task] = true
	}
	for _, file := range recorded {
		steps, err := trainer.ReadExamples(file)
		if err != nil {
			return err
		}
		for _, s := range steps {
			tasks[s.State.Task] = true
		}
	}
	var like []string
	for task := range tasks {
		if patterns.Like(task) {
			like = append(like, task)
		}
	}
	slices.Sort(like)
	for _, task := range like {
		fmt.Fprintln(w, task)
	}
	fmt.Fprintf(w, "%d of %d tasks are worded like one of %d sentences of the pages\n", len(like), len(tasks), patterns.Len())
	if len(like) > 0 {
		return errors.New("tasks that the starter is trained on must not be worded like those that the agent is judged by")
	}
	return nil
}
