package cli_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer/reading"
)

func TestWhatTheReaderMisreadIsExported(t *testing.T) {
	t.Parallel()
	p := newReplayWorld(t)
	folder := filepath.Join(t.TempDir(), "readings")
	export := func(args ...string) []string {
		return append(append([]string{"train", "export", "--role", "reader"}, args...), p.flags...)
	}
	fails(t, 1, "the reader is no language model", export()...)
	fails(t, 1, "the reader is no language model", export("lora-v1", "-o", folder)...)
	fails(t, 1, "nothing was misread, as far as 0 rated sessions say", export("-o", folder)...)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 60, 40))); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b"} { // the picture of b is gone
		image := contracts.Blob{Bucket: "grokputer", Key: "bundles/" + id + "/1.png", SHA256: strings.Repeat("0a", 32)}
		if id == "a" {
			var err error
			if image, err = p.blobs.Put(t.Context(), image.Key, picture.Bytes(), "image/png"); err != nil {
				t.Fatal(err)
			}
		}
		right := action.Action{Verb: action.Answer, Text: "INV-2034"}
		event := contracts.FeedbackSubmitted{ID: id, TaskID: id, SessionID: "session_" + id, Rating: 1, Steps: 1, Corrected: 1, Time: time.Now()}
		body, err := json.Marshal(contracts.Bundle{
			TaskID: id, SessionID: event.SessionID, FeedbackID: id, Task: "what is the number", Rating: 1, Issues: []contracts.Issue{contracts.IssueOCR},
			Steps: []contracts.BundleStep{{
				Step: 1, Action: action.Action{Verb: action.Answer, Text: "lNV-2O34"}, Corrected: &right, Verdict: contracts.VerdictWrong,
				State: prompt.State{Screen: screen.Screen{Elements: []screen.Element{
					{Kind: screen.Text, Text: "lNV-2O34", Box: screen.Box{X: 10, Y: 10, W: 30, H: 10}},
				}}},
				Frame: contracts.Frame{Image: image, Width: 60, Height: 40, Scale: 1},
			}},
		})
		if err == nil {
			event.Bundle, err = p.blobs.Put(t.Context(), "bundles/"+id+"/bundle.json", body, "application/json")
		}
		if err != nil {
			t.Fatal(err)
		}
		publish(t, p.bus, contracts.SubjectFeedbackSubmitted(id), event)
	}
	ok(t, export("-o", folder)...)
	body, err := os.ReadFile(filepath.Join(folder, reading.LinesFile))
	if err != nil {
		t.Fatal(err)
	}
	line := decode[reading.Line](t, string(body)) // there is one
	if line.Read != "lNV-2O34" || line.Text != "INV-2034" || line.SessionID != "session_a" {
		t.Errorf("%+v", line)
	}
	if _, err := os.Stat(filepath.Join(folder, line.Picture)); err != nil {
		t.Error(err)
	}
	fails(t, 1, "is there already", export("-o", folder)...)
}

// A training for a role is asked for as such, and the reader's is refused with the reason.
func TestATrainingIsAskedForARole(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	serve(t, b, contracts.SubjectTrainerStatus, func(q contracts.AdapterQuery) (any, string) {
		if q.Role == contracts.RoleReader {
			return "no reader is trained", contracts.MicroBadRequest
		}
		return contracts.TrainingStatus{Role: q.Role}, ""
	})
	fails(t, 1, "no reader is trained", append([]string{"train", "now", "--role", "reader", "--no-wait"}, flags...)...)
	ok(t, append([]string{"train", "now", "--role", "recovery", "--no-wait"}, flags...)...)
	js := b.JetStream()
	stream, err := js.Stream(t.Context(), contracts.StreamTraining)
	if err != nil {
		t.Fatal(err)
	}
	m, err := stream.GetLastMsgForSubject(t.Context(), contracts.SubjectTrainingRequested())
	if err != nil {
		t.Fatal(err)
	}
	if r := decode[contracts.TrainingRequested](t, string(m.Data)); r.Role != contracts.RoleRecovery {
		t.Errorf("%+v", r)
	}
}
