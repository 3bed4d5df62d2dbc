package reading_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer/reading"
)

func parse(t *testing.T, text string) *action.Action {
	t.Helper()
	if text == "" {
		return nil
	}
	a, err := action.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return &a
}

// session is one of a single step on an invoice.
func session(t *testing.T, said, right string, verdict contracts.Verdict, issues ...contracts.Issue) contracts.Bundle {
	t.Helper()
	elements := []screen.Element{
		{Kind: screen.Text, Text: "Invoice No. lNV-2O34", Box: screen.Box{X: 10, Y: 10, W: 80, H: 12}, Confidence: 0.6},
		{Kind: screen.Text, Text: "Tota1 due", Box: screen.Box{X: 10, Y: 30, W: 60, H: 12}, Confidence: 0.7},
		{Kind: screen.Button, Text: "C1ose", Box: screen.Box{X: 10, Y: 50, W: 40, H: 12}, Confidence: 0.5},
		{Kind: screen.Button, Text: "mail anna@example.com", Box: screen.Box{X: 10, Y: 70, W: 80, H: 12}},
	}
	return contracts.Bundle{
		TaskID: "t", SessionID: "s", FeedbackID: "f", Task: "what is the number", Rating: 1, Issues: issues, Outcome: contracts.VerbFailed,
		Steps: []contracts.BundleStep{{
			Step: 1, Action: *parse(t, said), Corrected: parse(t, right), Verdict: verdict, Outcome: contracts.OutcomeChanged,
			State: prompt.State{Task: "what is the number", Screen: screen.Screen{Elements: elements}},
			Frame: contracts.Frame{Image: contracts.Blob{Key: "frame"}, Width: 100, Height: 90, Scale: 1},
		}},
	}
}

func TestWhatWasMisread(t *testing.T) {
	t.Parallel()
	const ocr = contracts.IssueOCR
	for name, c := range map[string]struct {
		said, right string
		verdict     contracts.Verdict
		issues      []contracts.Issue
		read, text  string // empty: nothing is known
	}{
		"a part of a text":                  {said: `answer "lNV-2O34"`, right: `answer "INV-2034"`, issues: []contracts.Issue{ocr}, read: "Invoice No. lNV-2O34", text: "Invoice No. INV-2034"},
		"typed":                             {said: `type "Tota1 due"`, right: `type "Total due"`, issues: []contracts.Issue{ocr, contracts.IssueOther}, read: "Tota1 due", text: "Total due"},
		"what reads most like it":           {said: `answer "5"`, right: `answer "Total due"`, issues: []contracts.Issue{ocr}, read: "Tota1 due", text: "Total due"},
		"nothing reads like it":             {said: `answer "5"`, right: `answer "a whole other thing"`, issues: []contracts.Issue{ocr}},
		"it was read right":                 {said: `answer "5"`, right: `answer "Tota1 due"`, issues: []contracts.Issue{ocr}},
		"another verb":                      {said: `answer "lNV-2O34"`, right: `type "INV-2034"`, issues: []contracts.Issue{ocr}},
		"a wrong step, by the reading":      {said: `click button "C1ose"`, verdict: contracts.VerdictWrong, issues: []contracts.Issue{ocr}, read: "C1ose"},
		"the reading is not blamed":         {said: `answer "lNV-2O34"`, right: `answer "INV-2034"`, issues: []contracts.Issue{contracts.IssueWrongAction}},
		"a wrong step, by the plan":         {said: `click button "C1ose"`, verdict: contracts.VerdictWrong, issues: []contracts.Issue{ocr, contracts.IssueWrongAction}},
		"a right step":                      {said: `click button "C1ose"`, verdict: contracts.VerdictRight, issues: []contracts.Issue{ocr}},
		"what is private stays where it is": {said: `click button "mail anna@example.com"`, verdict: contracts.VerdictWrong, issues: []contracts.Issue{ocr}},
	} {
		b := session(t, c.said, c.right, c.verdict, c.issues...)
		got := reading.Of(b)
		if c.read == "" {
			if len(got) > 0 {
				t.Errorf("%s: %+v", name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Read != c.read || got[0].Text != c.text || got[0].Why == "" || got[0].SessionID != "s" || got[0].Step != 1 {
			t.Errorf("%s: %+v", name, got)
		}
		b.Steps[0].Frame = contracts.Frame{}
		if got := reading.Of(b); len(got) > 0 {
			t.Errorf("%s, without a picture: %+v", name, got)
		}
	}
}

// shot is a picture of a screen on which each pixel says where it is.
func shot(t *testing.T) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 100, 90))
	for y := range 90 {
		for x := range 100 {
			picture.Set(x, y, color.RGBA{uint8(x), uint8(y), 0, 255})
		}
	}
	var body bytes.Buffer
	if err := png.Encode(&body, picture); err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}

func TestAWrittenDataset(t *testing.T) {
	t.Parallel()
	all := reading.Of(session(t, `answer "lNV-2O34"`, `answer "INV-2034"`, "", contracts.IssueOCR))
	outside, gone, edge := all[0], all[0], all[0]
	outside.Box.X = 90
	gone.Frame.Image.Key = "gone"
	edge.Box = screen.Box{X: 0, Y: 0, W: 10, H: 5}
	folder := filepath.Join(t.TempDir(), "readings")
	fetch := func(_ context.Context, f contracts.Frame) ([]byte, bool, error) {
		if f.Image.Key == "gone" {
			return nil, false, nil
		}
		return shot(t), true, nil
	}
	written, err := reading.Write(t.Context(), folder, append(all, outside, gone, edge), fetch)
	if err != nil || written != 2 {
		t.Fatalf("%d, %v", written, err)
	}
	file, err := os.Open(filepath.Join(folder, reading.LinesFile))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var lines []reading.Line
	for scan := bufio.NewScanner(file); scan.Scan(); {
		var l reading.Line
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	if len(lines) != 2 || lines[0].Text != "Invoice No. INV-2034" {
		t.Fatalf("%+v", lines)
	}
	for i, want := range []struct{ corner, size image.Point }{
		{image.Pt(6, 6), image.Pt(88, 20)}, {image.Pt(0, 0), image.Pt(14, 9)},
	} {
		body, err := os.ReadFile(filepath.Join(folder, lines[i].Picture))
		if err != nil {
			t.Fatal(err)
		}
		cut, err := png.Decode(bytes.NewReader(body))
		if err != nil || cut.Bounds() != (image.Rectangle{Max: want.size}) {
			t.Fatalf("%v, %v", cut.Bounds(), err)
		}
		if r, g, _, _ := cut.At(0, 0).RGBA(); int(r>>8) != want.corner.X || int(g>>8) != want.corner.Y {
			t.Errorf("the picture %d begins at %d,%d, want %v", i, r>>8, g>>8, want.corner)
		}
	}
	if _, err := reading.Write(t.Context(), folder, all, fetch); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("written twice: %v", err)
	}
}

func TestADatasetIsWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	all := reading.Of(session(t, `answer "lNV-2O34"`, `answer "INV-2034"`, "", contracts.IssueOCR))
	parent := t.TempDir()
	broken := errors.New("away")
	for _, fetch := range []reading.Fetch{
		func(context.Context, contracts.Frame) ([]byte, bool, error) { return nil, false, broken },
		func(context.Context, contracts.Frame) ([]byte, bool, error) { return []byte("no picture"), true, nil },
	} {
		if _, err := reading.Write(t.Context(), filepath.Join(parent, "x"), all, fetch); err == nil {
			t.Error("it is written")
		}
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
