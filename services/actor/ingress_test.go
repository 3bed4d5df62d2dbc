package actor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/scripted"
)

// always is a planner that says done.
func always() actor.Planner {
	return scripted.New(func(prompt.State) (action.Action, error) { return action.Action{Verb: action.Done}, nil })
}

func TestIngress(t *testing.T) {
	t.Parallel()
	h := build(t, editor())
	h.planner = always()
	h.start()
	long := strings.Repeat("a", contracts.MaxTaskBytes+1)
	for name, tt := range map[string]struct {
		body   string
		header nats.Header
		task   string // accepted as; empty: rejected
		id     string
		code   contracts.Reason
		reason string
	}{
		"text":           {body: " write\nhi ", task: "write\nhi"},
		"text with [":    {body: `["not", "json"]`, task: `["not", "json"]`},
		"json":           {body: `{"task": "write hi"}`, task: "write hi"},
		"json, new":      {body: `{"task": "x", "of_tomorrow": true}`, task: "x"},
		"json, id":       {body: `{"task": "x", "id": "mine"}`, task: "x", id: "mine"},
		"json, desktop":  {body: `{"task": "x", "desktop": "main"}`, task: "x"},
		"header":         {body: "x", header: nats.Header{contracts.HeaderMsgID: {"by-msg-id"}}, task: "x", id: "by-msg-id"},
		"ce header":      {body: "x", header: nats.Header{contracts.HeaderID: {"by-ce-id"}}, task: "x", id: "by-ce-id"},
		"odd header":     {body: "x", header: nats.Header{contracts.HeaderMsgID: {"a.b c>"}}, task: "x"},
		"full length":    {body: strings.Repeat("ü", 4000), task: strings.Repeat("ü", 4000)},
		"empty":          {body: "", code: contracts.ReasonMalformed, reason: "names no task"},
		"blank":          {body: " \n ", code: contracts.ReasonMalformed, reason: "names no task"},
		"cut json":       {body: `{"task": "x`, code: contracts.ReasonMalformed, reason: "looks like JSON"},
		"two objects":    {body: `{"task": "x"} {"task": "y"}`, code: contracts.ReasonMalformed, reason: "follows"},
		"wrong type":     {body: `{"task": 5}`, code: contracts.ReasonMalformed, reason: "task"},
		"no task":        {body: `{"tusk": "x"}`, code: contracts.ReasonMalformed, reason: "names no task"},
		"bad id":         {body: `{"task": "x", "id": "a.b"}`, code: contracts.ReasonMalformed, reason: `"a.b"`},
		"bad session":    {body: `{"task": "x", "session": "../x"}`, code: contracts.ReasonMalformed, reason: "session"},
		"not utf-8":      {body: "a\xffb", code: contracts.ReasonMalformed, reason: "UTF-8"},
		"json not utf-8": {body: "{\"task\": \"a\xff\"}", code: contracts.ReasonMalformed, reason: "UTF-8"},
		"control":        {body: "a\x00b", code: contracts.ReasonMalformed, reason: "control"},
		"json control":   {body: `{"task": "a\u001bb"}`, code: contracts.ReasonMalformed, reason: "control"},
		"too large":      {body: long, code: contracts.ReasonTooLarge, reason: "16385 bytes"},
		"too long":       {body: strings.Repeat("a", 4001), code: contracts.ReasonTooLarge, reason: "4001 characters"},
		"other desktop":  {body: `{"task": "x", "desktop": "attic"}`, code: contracts.ReasonDesktop, reason: `"attic"`},
		"odd desktop":    {body: `{"task": "x", "desktop": "a b"}`, code: contracts.ReasonDesktop, reason: `"a b"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &house{t: t, bus: h.bus}
			ack, err := h.bus.JetStream().PublishMsg(t.Context(), &nats.Msg{
				Subject: contracts.SubjectTaskRequested(), Header: tt.header, Data: []byte(tt.body),
			})
			if err != nil {
				t.Fatal(err)
			}
			id := tt.id
			if id == "" {
				id = fmt.Sprintf("task-%d", ack.Sequence)
			}
			if tt.task == "" {
				verb, end := h.ended(id)
				if verb != contracts.VerbRejected || end.Code != tt.code || !strings.Contains(end.Reason, tt.reason) {
					t.Errorf("%s (%s: %s), want rejected (%s: %s)", verb, end.Code, end.Reason, tt.code, tt.reason)
				}
				return
			}
			accepted := decode[contracts.TaskAccepted](t, h.await(contracts.VerbAccepted, id).data)
			if accepted.Task != tt.task || accepted.Desktop != "main" || accepted.TaskID != id || accepted.SessionID == "" {
				t.Errorf("accepted %+v", accepted)
			}
		})
	}
}

// noModel is a planner whose model is not there.
type noModel struct{ actor.Planner }

func (noModel) Ready(context.Context) error {
	return fmt.Errorf("%w: run `grokputer models pull`", actor.ErrNoModel)
}

func TestNotAdmitted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prepare func(*house)
		code    contracts.Reason
		reason  string
	}{
		"no display": {func(h *house) { h.desktop.SwitchOff(true) }, contracts.ReasonDesktop, "there is no display"},
		"full disk":  {func(h *house) { h.config.MinFreeBytes = math.MaxUint64 }, contracts.ReasonDiskFull, "GB free"},
		"no model":   {func(h *house) { h.planner = noModel{always()} }, contracts.ReasonNoModel, "grokputer models pull"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, editor())
			h.planner = always()
			tt.prepare(h)
			h.start()
			h.ask("do it")
			verb, end := h.ended("")
			if verb != contracts.VerbRejected || end.Code != tt.code || !strings.Contains(end.Reason, tt.reason) {
				t.Errorf("%s (%s: %s), want rejected (%s: %s)", verb, end.Code, end.Reason, tt.code, tt.reason)
			}
			h.desktop.SwitchOff(false)
			if tt.code == contracts.ReasonDesktop { // the service is up and the next task goes through
				h.ask(`{"task": "again", "id": "again"}`)
				if verb, end := h.ended("again"); verb != contracts.VerbCompleted {
					t.Errorf("the next task was %s: %s", verb, end.Reason)
				}
			}
		})
	}
}

// The same request twice is one task.
func TestSameRequestTwice(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `click button "Bold"`, `done`, `click button "Bold"`, `done`)
	h.start()
	h.ask(`{"task": "x", "id": "once"}`)
	h.completed()
	h.ask(`{"task": "x", "id": "once"}`)
	h.ask(`{"task": "y", "id": "after"}`) // the requests are taken in order
	h.await(contracts.VerbAccepted, "after")
	h.ended("after")
	if got := h.verbs("once"); got != "accepted started step*2 completed" {
		t.Errorf("the events were %s", got)
	}
	if got := h.desktop.State().Clicks["Bold"]; got != 2 {
		t.Errorf("%d clicks for two tasks", got)
	}
}

// A request whose acceptance a crash cut short keeps the name of its session, and is
// told of before it starts, whether the request comes again before or after that.
func TestAcceptedButNotTold(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]bool{"delivered again": true, "not yet": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, screen.Screen{}, `done`)
			h.put(contracts.BucketTasks, "half", contracts.TaskState{
				TaskID: "half", SessionID: "the-session", Desktop: "main", Task: "x", Verb: contracts.VerbAccepted,
			})
			if again {
				h.ask(`{"task": "x", "id": "half"}`)
			}
			h.start()
			if _, end := h.ended("half"); end.SessionID != "the-session" {
				t.Errorf("the end is %+v", end)
			}
			if got := h.verbs("half"); got != "accepted started step completed" {
				t.Errorf("the events were %s", got)
			}
		})
	}
}

// Tasks wait for their turn, also across a restart of the actor.
func TestQueue(t *testing.T) {
	t.Parallel()
	h := build(t, editor())
	hold, held := make(chan struct{}), make(chan struct{}, 10)
	h.planner = scripted.New(func(prompt.State) (action.Action, error) {
		held <- struct{}{}
		<-hold
		return action.Action{Verb: action.Done}, nil
	})
	stop := h.start()
	for _, id := range []string{"a", "b", "c"} {
		h.ask(`{"task": "x", "id": "` + id + `"}`)
		h.await(contracts.VerbAccepted, id)
	}
	<-held // the first is being planned
	status := h.status()
	if status.TaskID != "a" || status.Waiting != 2 {
		t.Errorf("the status is %+v", status)
	}
	close(hold)
	stop()
	h.planner = always()
	h.start()
	var order []string
	h.each(func(e event) bool {
		if e.verb.Ends() {
			order = append(order, e.id)
		}
		return len(order) == 3
	})
	if got := strings.Join(order, ""); got != "abc" {
		t.Errorf("the tasks ended in the order %s", got)
	}
}

func (h *house) status() actor.Status {
	h.t.Helper()
	msg, err := h.bus.Conn().RequestWithContext(h.t.Context(), actor.StatusSubject, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return decode[actor.Status](h.t, msg.Data)
}

func TestMicroService(t *testing.T) {
	t.Parallel()
	h := build(t, editor())
	h.start()
	msg, err := h.bus.Conn().RequestWithContext(t.Context(), "$SRV.INFO.actor", nil)
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Name      string `json:"name"`
		Endpoints []struct {
			Subject string `json:"subject"`
		} `json:"endpoints"`
	}
	if err := json.Unmarshal(msg.Data, &info); err != nil {
		t.Fatal(err)
	}
	if info.Name != "actor" || len(info.Endpoints) != 1 || info.Endpoints[0].Subject != actor.StatusSubject {
		t.Errorf("the service is %+v", info)
	}
	if s := h.status(); s.Desktop != "main" || s.Planner != "scripted" || s.TaskID != "" || s.Waiting != 0 {
		t.Errorf("the status is %+v", s)
	}
}

// What cannot be read in the bucket of tasks does not keep the actor from starting.
func TestBrokenState(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `done`)
	kv, err := h.bus.KV(t.Context(), contracts.BucketTasks)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.Put(t.Context(), "broken", []byte("{")); err != nil {
		t.Fatal(err)
	}
	h.start()
	h.ask("x")
	h.completed()
}
