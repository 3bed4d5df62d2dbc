package starter

import (
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// pressKeys: a calculation is clicked on the buttons of the calculator.
func (g *Generator) pressKeys() Session {
	name, called := g.app("calculator", "calculator", "galculator")
	a, b := 1+g.rng.IntN(99), 1+g.rng.IntN(20)
	op, result := "+", a+b
	switch g.rng.IntN(3) {
	case 0:
		op, result = "-", a-b
	case 1:
		op, result = "*", a*b
	}
	want := strconv.Itoa(result)
	pressed := strings.Split(strconv.Itoa(a)+op+strconv.Itoa(b)+"=", "")
	list := strings.Join(pressed, pick(g.rng, ", ", " "))
	sum := strconv.Itoa(a) + " " + op + " " + strconv.Itoa(b)
	s := Session{Task: g.ask(pick(g.rng,
		g.opening()+" "+called+" and click the buttons "+list,
		g.opening()+" "+called+", click "+list+" and tell me what it shows",
		"work out "+sum+" by clicking the buttons of "+called,
		"click "+list+" on "+called,
		"use the buttons of "+called+" with the mouse to work out "+sum+" and tell me the result",
	))}
	s.Moves = []Move{do(action.Open, name)}
	for _, p := range pressed {
		s.Moves = append(s.Moves, click(p, screen.Button))
	}
	s.Effects = []Effect{{What: CalculatorShows, Want: want}}
	if strings.Contains(s.Task, "tell me") || strings.Contains(strings.ToLower(s.Task), "work out") {
		s.Moves = append(s.Moves, do(action.Answer, want))
	} else {
		s.Moves = append(s.Moves, end())
	}
	return s
}
