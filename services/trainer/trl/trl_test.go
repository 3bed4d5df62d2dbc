package trl_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/trl"
)

func click(text string) action.Action {
	return action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: text}}
}

// dataset has a correction, a variant of it, a right, a wrong and a starter's step, and one held out.
func dataset() []trainer.Example {
	state := prompt.State{
		Task: "say <hi> & \"go\"", Screen: screen.Screen{Title: "P", Elements: []screen.Element{
			{Kind: screen.Button, Text: "A", Box: screen.Box{X: 1, Y: 2, W: 3, H: 4}, Confidence: 0.5}, {Kind: screen.Button, Text: "B"},
		}},
		Done: []prompt.Done{{Action: "wait 1", Result: "no effect"}},
	}
	a := click("A")
	source := &trainer.Source{
		SessionID: "s", TaskID: "t", Step: 3, Rating: 1, Said: a, FeedbackID: "f", Sequence: 9,
		Rated: time.Date(2026, 11, 30, 1, 2, 3, 4, time.UTC), Basis: "correction", Reason: "so", Weight: 1,
	}
	lesson := trainer.Example{Kind: trainer.KindLesson, State: state, Right: click("B"), Wrong: &a, Source: source}
	varied, held := lesson, lesson
	varied.Varied, held.HeldOut, held.Varied = true, true, true
	varied.State.Task = "please " + state.Task
	return []trainer.Example{
		lesson, varied,
		{Kind: trainer.KindGood, State: state, Right: click("B"), Source: source},
		{Kind: trainer.KindBad, State: state, Wrong: &a, Source: source},
		{Kind: "press", State: state, Right: action.Action{Verb: action.Done}},
		held,
	}
}

func write(t *testing.T, f trl.Format, examples []trainer.Example) (text string, written int) {
	t.Helper()
	var b bytes.Buffer
	written, err := trl.Write(&b, f, examples)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), written
}

func TestWrite(t *testing.T) {
	t.Parallel()
	for f, want := range map[trl.Format]struct {
		written, lines int
		columns        []string
	}{
		trl.SFT: {5, 5, []string{"prompt", "completion", "grokputer"}},
		trl.DPO: {3, 3, []string{"prompt", "chosen", "rejected", "grokputer"}},
		trl.KTO: {6, 9, []string{"prompt", "completion", "label", "grokputer"}},
	} {
		text, written := write(t, f, dataset())
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if written != want.written || len(lines) != want.lines {
			t.Errorf("%s: %d examples in %d lines", f, written, len(lines))
		}
		for _, line := range lines {
			var columns map[string]any
			if err := json.Unmarshal([]byte(line), &columns); err != nil {
				t.Fatal(err)
			}
			for _, name := range want.columns {
				if _, ok := columns[name]; !ok {
					t.Errorf("%s: a line lacks %s: %s", f, name, line)
				}
			}
			if len(columns) != len(want.columns) {
				t.Errorf("%s: a line has other columns: %s", f, line)
			}
		}
		if again, _ := write(t, f, dataset()); again != text {
			t.Errorf("%s: written again it is another file", f)
		}
	}
	sft, _ := write(t, trl.SFT, dataset()[:1])
	if want := `{"prompt":[{"role":"system","content":"You work a desktop. Say the next action."},{"role":"user","content":"Task: say <hi> & \"go\"\nScreen \"P\":\n` +
		`button \"A\"\nbutton \"B\"\nDone so far:\nwait 1 -> no effect"}],"completion":[{"role":"assistant","content":"click button \"B\""}],"grokputer":{"number":1,`; !strings.HasPrefix(sft, want) {
		t.Errorf("%s", sft)
	}
}

// What was exported is imported again as it was.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	all := dataset()
	withoutWrong := func(e trainer.Example) trainer.Example { e.Wrong = nil; return e }
	for f, want := range map[trl.Format][]trainer.Example{
		trl.SFT: {withoutWrong(all[0]), withoutWrong(all[1]), all[2], all[4], withoutWrong(all[5])},
		trl.DPO: {all[0], all[1], all[5]},
		trl.KTO: all,
	} {
		text, _ := write(t, f, all)
		for _, ends := range []string{text, strings.TrimSuffix(text, "\n"), "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n\r\n")} {
			got, format, err := trl.Read(strings.NewReader(ends))
			if err != nil || format != f {
				t.Fatalf("%s: read as %s, %v", f, format, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", f, diff)
			}
		}
	}
}

// Files of others have no column of ours, and may have plain texts.
func TestReadOthers(t *testing.T) {
	t.Parallel()
	user := `Task: x\nScreen \"\":\nbutton \"A\"\nbutton \"B\"\nDone so far: nothing`
	for line, want := range map[string]string{
		`{"prompt":"` + user + `","completion":"click button \"A\""}`:                                                                      `good click button "A" <nil>`,
		`{"prompt":[{"role":"user","content":"` + user + `"}],"completion":[{"role":"assistant","content":"done"}]}`:                       `good done <nil>`,
		`{"prompt":"` + user + `","chosen":"click button \"A\"","rejected":"click button \"B\""}`:                                          `lesson click button "A" click button "B"`,
		`{"prompt":"` + user + `","completion":"click button \"A\"","label":true}`:                                                         `good click button "A" <nil>`,
		`{"prompt":"` + user + `","completion":"click button \"B\"","label":false}`:                                                        `bad  "" click button "B"`,
		`{"label":true,"completion":"wait 3","prompt":"` + user + `"}`:                                                                     `good wait 3 <nil>`,
		`{"prompt":"` + user + `","completion":"done","label":true}` + "\n" + `{"prompt":"` + user + `","completion":"done","label":true}`: `good done <nil>`,
	} {
		examples, _, err := trl.Read(strings.NewReader(line))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if len(examples) != 1+strings.Count(line, "\n") {
			t.Errorf("%d examples of %s", len(examples), line)
		}
		e := examples[0]
		if got := fmt.Sprintf("%s %v %v", e.Kind, e.Right, e.Wrong); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestReadNamesTheLine(t *testing.T) {
	t.Parallel()
	ok := `{"prompt":"Task: x\nScreen \"\":\nbutton \"A\"\nDone so far: nothing","completion":"click button \"A\""}`
	change := func(old, now string) string {
		changed := strings.Replace(ok, old, now, 1)
		if changed == ok {
			t.Fatalf("%s is not there", old)
		}
		return changed
	}
	for line, want := range map[string]string{
		`{"prompt":`:                       "it is no JSON object",
		`null`:                             "it is no JSON object",
		`[1]`:                              "it is no JSON object",
		`{}`:                               "prompt: it is missing",
		change(`"prompt"`, `"Prompt"`):     `the columns ["Prompt"] are none of ours`,
		change(`"completion"`, `"answer"`): `the columns ["answer"] are none of ours and would be lost`,
		change(`"completion"`, `"chosen"`): "beside prompt it needs completion",
		change(`,"completion"`, `,"label":"yes","completion"`):                                                  "label: ",
		change(`,"completion"`, `,"label":true,"completion"`):                                                   "it has the columns of kto, the lines before it those of sft",
		change(`"click button \"A\""`, `"press A"`):                                                             "completion: not an action",
		change(`"click button \"A\""`, `"click button \"C\""`):                                                  `completion: no such element on the screen: button "C"`,
		change(`"click button \"A\""`, `7`):                                                                     "completion: it is neither a text nor",
		change(`"click button \"A\""`, `[{"role":"user","content":"x"}]`):                                       "completion: it is not one message of the assistant",
		change(`Task: x`, `Aufgabe: x`):                                                                         "prompt: not the planner's prompt: its first line",
		`{"prompt":[{"role":"system","content":"Be nice."},{"role":"user","content":"x"}],"completion":"done"}`: "prompt: its system message is not the planner's",
		`{"prompt":[],"completion":"done"}`:                                                                     "prompt: it is not one message of the user",
	} {
		_, _, err := trl.Read(strings.NewReader(ok + "\n\n" + line + "\n" + ok))
		if !errors.Is(err, trl.ErrInvalid) || !strings.Contains(err.Error(), "line 3: "+want) || strings.Contains(err.Error(), "line 4") {
			t.Errorf("%s:\n%v\nwant line 3: %s", line, err, want)
		}
	}
	_, _, err := trl.Read(strings.NewReader(strings.Repeat("x\n", 30)))
	if err == nil || !strings.Contains(err.Error(), "30 lines are wrong") || strings.Contains(err.Error(), "line 11") {
		t.Errorf("30 bad lines: %v", err)
	}
	if _, _, err := trl.Read(strings.NewReader("\n \n")); !errors.Is(err, trl.ErrInvalid) {
		t.Errorf("an empty file: %v", err)
	}
}

// A line that was edited says what it says now; one whose prompt was is refused.
func TestReadEdited(t *testing.T) {
	t.Parallel()
	text, _ := write(t, trl.KTO, dataset()[:1])
	lines := strings.SplitAfter(text, "\n")
	for kept, want := range map[string]string{lines[0]: trainer.KindGood, lines[1]: trainer.KindBad} {
		if got, _, err := trl.Read(strings.NewReader(kept)); err != nil || len(got) != 1 || got[0].Kind != want {
			t.Errorf("of %s came %+v, %v", kept, got, err)
		}
	}
	if got, _, err := trl.Read(strings.NewReader(lines[1] + lines[0])); err != nil || len(got) != 1 || got[0].Kind != trainer.KindLesson {
		t.Errorf("the other way round: %+v, %v", got, err)
	}
	edited := strings.Replace(lines[0], `"content":"Task: say`, `"content":"Task: shout`, 1)
	if _, _, err := trl.Read(strings.NewReader(edited)); err == nil || !strings.Contains(err.Error(), "line 1: grokputer: its state is not what the prompt says") {
		t.Errorf("%v", err)
	}
}
