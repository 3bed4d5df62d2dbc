package starter

import (
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
)

// order is a command line, what people call it and what must be so after it.
type order struct {
	line    string
	called  []string // besides the line itself
	effects []Effect
	answer  string // what it prints; empty when nobody asks
}

// command: a harmless command is typed into a terminal.
func (g *Generator) command() Session {
	name, called := g.app("terminal", "terminal", "terminal", "xterm")
	file, word := g.invented()+pick(g.rng, ".txt", "", ".log"), g.word()
	a, b := g.rng.IntN(100), g.rng.IntN(100)
	o := pick(g.rng,
		order{line: "ls", called: []string{"list the files"}},
		order{line: "ls -l", called: []string{"list the files with their sizes"}},
		order{line: "date", called: []string{"show the date"}},
		order{line: "pwd"},
		order{line: "cat " + file, called: []string{"show what is in the file " + file}},
		order{line: "wc -l " + file, called: []string{"count the lines of " + file}},
		order{line: "head -n 1 " + file},
		order{line: "sort " + file, called: []string{"sort the lines of " + file}},
		order{line: "echo " + word},
		order{line: "expr " + strconv.Itoa(a) + " + " + strconv.Itoa(b), answer: strconv.Itoa(a + b)},
		order{line: "echo " + word + " > " + file, effects: []Effect{{FileHolds, file, word + "\n"}}},
		order{line: "echo " + word + " > " + file, effects: []Effect{{FileHolds, file, word + "\n"}}},
		order{line: "mkdir " + word, called: []string{"make a folder " + word + " with mkdir"}, effects: []Effect{{What: FolderThere, Name: word}}},
		order{line: "touch " + word, called: []string{"make an empty file " + word + " with touch"}, effects: []Effect{{FileHolds, word, ""}}},
		order{line: "cp " + file + " " + word, called: []string{"copy " + file + " to " + word + " with cp"}, effects: []Effect{{FileHolds, word, "one\ntwo\n"}}},
	)
	asked := pick(g.rng, "run ", "type ", "enter ", "execute ", "run the command ", "enter the command ", "use the command ") + g.quoted(o.line)
	if len(o.called) > 0 && g.chance(0.3) {
		asked = pick(g.rng, o.called...)
	}
	s := Session{
		Files:   map[string]string{file: "one\ntwo\n", g.word() + "/": "", ".bashrc": g.shell()},
		Moves:   []Move{do(action.Open, name), do(action.Type, o.line), keys("enter")},
		Effects: append([]Effect{{What: CommandRan, Want: o.line}}, o.effects...),
	}
	request := g.opening() + " " + called + g.then() + asked
	if g.chance(0.2) && !strings.HasPrefix(asked, "type") {
		request = asked + " in " + called
	}
	s.Task = request // without a full stop, which would read as part of the line
	if o.answer != "" {
		s.Task += pick(g.rng, " and tell me the result", " and tell me what it prints", ", then say what comes out")
		s.Moves = append(s.Moves, do(action.Answer, o.answer))
		return s
	}
	s.Moves = append(s.Moves, end())
	return s
}

// shell is the start file of the shell: a prompt as one of many machines has
// it, and a history that each command is in at once.
func (g *Generator) shell() string {
	sign := pick(g.rng, `\$ `, `# `, `> `, `% `)
	prompt := pick(g.rng, `\w`+sign, g.invented()+"@"+g.invented()+`:\w`+sign, sign, g.invented()+":"+sign)
	return "PS1='" + prompt + "'\nPROMPT_COMMAND='history -a'\nHISTFILE=~/.bash_history\n"
}
