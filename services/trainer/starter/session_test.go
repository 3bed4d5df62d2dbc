package starter_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

// drawn are the first sessions of a kind.
func drawn(t *testing.T, kind string, n int) []starter.Session {
	t.Helper()
	sessions := make([]starter.Session, n)
	for i := range sessions {
		s, err := starter.DrawSession(kind, 3, i)
		if err != nil {
			t.Fatal(err)
		}
		sessions[i] = s
	}
	return sessions
}

// Every session ends with its last move, every move that needs a target aims at
// something, and every kind checks what came of it.
func TestSessionsAreDoable(t *testing.T) {
	t.Parallel()
	unchecked := []string{"sum", "find", "picture", "open"} // their answer or their screen is judged
	for _, kind := range starter.SessionKinds() {
		for _, s := range drawn(t, kind, 300) {
			if s.Kind != kind || s.Task == "" || (len(s.Effects) == 0) != slices.Contains(unchecked, kind) {
				t.Fatalf("%s: %+v", kind, s)
			}
			opened := 0
			for i, m := range s.Moves {
				if m.Do.Verb == action.Open {
					opened++
				}
				if opened > 1 {
					t.Fatalf("%q opens a program twice", s.Task)
				}
				if last := i == len(s.Moves)-1; m.Do.Ends() != last {
					t.Fatalf("%q: %s is move %d of %d", s.Task, m.Do, i+1, len(s.Moves))
				}
				if aims := len(m.At.Kinds) > 0; aims != (len(m.Do.Targets()) > 0) {
					t.Fatalf("%q: %s aims at %+v", s.Task, m.Do.Verb, m.At)
				}
				said := m.Do
				if len(m.At.Kinds) > 0 {
					said.Target = screen.Target{Kind: m.At.Kinds[0], Text: m.At.Text}
				}
				if _, err := action.Parse(said.String()); err != nil {
					t.Fatalf("%q: %v", s.Task, err)
				}
				if m.Quiet && i >= len(s.Moves)-2 {
					t.Fatalf("%q ends after %s, of which nothing is seen", s.Task, said)
				}
			}
		}
	}
}

// The same seed draws the same sessions, another seed others, and a kind has
// many wordings.
func TestSeedDrawsTheSessions(t *testing.T) {
	t.Parallel()
	for _, kind := range starter.SessionKinds() {
		first, tasks := drawn(t, kind, 100), map[string]bool{}
		if diff := cmp.Diff(first, drawn(t, kind, 100)); diff != "" {
			t.Fatal(diff)
		}
		for _, s := range first {
			tasks[s.Task] = true
		}
		if len(tasks) < 90 {
			t.Errorf("%s: %d different tasks among 100", kind, len(tasks))
		}
		other, err := starter.DrawSession(kind, 4, 0)
		if err != nil || other.Task == first[0].Task {
			t.Errorf("%s: seeds 3 and 4 both draw %q, %v", kind, other.Task, err)
		}
	}
	if _, err := starter.DrawSession("dance", 3, 0); err == nil {
		t.Error("a kind that there is not was drawn")
	}
}

// A recording does nothing outside the home folder that it was given.
func TestSessionsStayAtHome(t *testing.T) {
	t.Parallel()
	harmless := []string{"ls", "date", "pwd", "cat", "wc", "head", "sort", "echo", "expr", "mkdir", "touch", "cp"}
	for _, kind := range starter.SessionKinds() {
		for _, s := range drawn(t, kind, 300) {
			names := slices.Concat([]string{"."}, s.Vault)
			for name := range s.Files {
				names = append(names, strings.TrimSuffix(name, "/"))
			}
			for _, e := range s.Effects {
				if e.What == starter.FileHolds || e.What == starter.FolderThere || e.What == starter.NothingThere {
					names = append(names, e.Name)
				}
			}
			for _, name := range names {
				if !filepath.IsLocal(name) {
					t.Errorf("%q: the file %q is not at home", s.Task, name)
				}
			}
			if kind != "terminal" {
				continue
			}
			for _, m := range s.Moves {
				if m.Do.Verb != action.Type {
					continue
				}
				command, rest, _ := strings.Cut(m.Do.Text, " ")
				if !slices.Contains(harmless, command) || strings.ContainsAny(rest, "/~;|&`$(") || strings.Contains(rest, "..") {
					t.Errorf("%q types %q", s.Task, m.Do.Text)
				}
			}
		}
	}
}
