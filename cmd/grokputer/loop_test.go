package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestRateWhatWasDone goes through the public doors of one `grokputer up`: a
// task, its rating, what is known of it, and its deletion.
func TestRateWhatWasDone(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, "done"))
	up := h.start(append([]string{"up"}, h.args...)...)
	up.until("ready after")
	page := h.state()["http"].(string)
	if said := up.said(); !strings.Contains(said, "page     "+page) {
		t.Errorf("up does not say where the page is:\n%s", said)
	}
	h.start(append([]string{"up", "--data", h.dir + "/other"}, append(h.args, "--http-port", page[strings.LastIndex(page, ":")+1:])...)...).
		wait(1, "http-port")

	session := regexp.MustCompile(`session_\d+_\d+`).FindString(h.start("run", "x").wait(0, "completed after"))
	h.start("rate", session, "--stars", "6").wait(2, "from 1 to 5")
	h.start("rate", "session_none", "--stars", "1").wait(1, "there is no such session")
	h.start("rate", session, "--stars", "1", "--step", "1", "--action", `click button "None"`).wait(1, "on the screen of step 1")
	h.start("rate", session, "--stars", "1", "--step", "1", "--action", "key enter").
		wait(0, "stored: 1 star for "+session, "right: key enter", "average of the last 1 rated session: 1.00 stars")
	answer, err := http.Get(page + "/v1/sessions/" + session)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close() // all of it is read
	http.DefaultClient.CloseIdleConnections()
	if err != nil || !strings.Contains(string(body), `"corrected_action":"key enter"`) {
		t.Errorf("the session: %v\n%s", err, body)
	}
	h.start("doctor", "--planner-url", h.args[5]).wait(0, "http ", "answers")
	h.start("adapters").wait(0, "planned with the base model alone")
	h.start("train").wait(1, "no trainer answers") // another planner's endpoint is not trained
	h.start("sessions", "delete", session, "--yes").wait(0, "deleted "+session)
	h.start("rate", session, "--stars", "1").wait(1, "session")
	up.interrupt()
	up.wait(0, "stopping")
}
