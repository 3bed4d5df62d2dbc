package actor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// maxTaskRunes is the longest task, as TaskRequested's schema has it.
const maxTaskRunes = 4000

// refusal is why a request does not become a task.
type refusal struct {
	code   contracts.Reason
	reason string
}

func (r *refusal) Error() string { return r.reason }

func refuse(code contracts.Reason, format string, args ...any) *refusal {
	return &refusal{code: code, reason: fmt.Sprintf(format, args...)}
}

// parseRequest reads a request: JSON when it begins with {, plain text else. The
// id is always set, also with a refusal: from the body, from the headers, or
// from the place in the stream, so that it is the same at each delivery.
func parseRequest(m bus.Message) (contracts.TaskRequested, error) {
	req := contracts.TaskRequested{ID: idOf(m)}
	switch {
	case len(m.Data) > contracts.MaxTaskBytes:
		return req, refuse(contracts.ReasonTooLarge, "the request has %d bytes, at most %d are taken", len(m.Data), contracts.MaxTaskBytes)
	case !utf8.Valid(m.Data):
		return req, refuse(contracts.ReasonMalformed, "the request is not UTF-8 text")
	}
	body := bytes.TrimSpace(m.Data)
	if bytes.HasPrefix(body, []byte("{")) {
		if err := parseJSON(body, &req); err != nil {
			return req, refuse(contracts.ReasonMalformed, "the request looks like JSON but cannot be read: %s", err)
		}
	} else {
		req.Task = string(body)
	}
	return req, checkRequest(&req)
}

// parseJSON reads one object into req and keeps its id when the object has none.
func parseJSON(body []byte, req *contracts.TaskRequested) error {
	var read contracts.TaskRequested
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&read); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the object")
	}
	if read.ID != "" && !contracts.ValidToken(read.ID) {
		return fmt.Errorf("the id is %q, want at most 128 letters, digits, - and _", read.ID)
	}
	if read.ID == "" {
		read.ID = req.ID
	}
	*req = read
	return nil
}

func checkRequest(req *contracts.TaskRequested) error {
	req.Task = strings.TrimSpace(req.Task)
	if req.Desktop == "" {
		req.Desktop = contracts.DefaultDesktop
	}
	switch {
	case req.Task == "":
		return refuse(contracts.ReasonMalformed, "the request names no task")
	case utf8.RuneCountInString(req.Task) > maxTaskRunes:
		return refuse(contracts.ReasonTooLarge, "the task has %d characters, at most %d are taken", utf8.RuneCountInString(req.Task), maxTaskRunes)
	case strings.ContainsFunc(req.Task, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) }):
		return refuse(contracts.ReasonMalformed, "the task holds control characters")
	case req.Session != "" && !contracts.ValidToken(req.Session):
		return refuse(contracts.ReasonMalformed, "the session is %q, want letters, digits, - and _", req.Session)
	case !contracts.ValidToken(req.Desktop):
		return refuse(contracts.ReasonDesktop, "there is no desktop %q", req.Desktop)
	}
	if _, err := contracts.ParsePins(req.Adapter); err != nil {
		return refuse(contracts.ReasonMalformed, "the adapter: %s", err)
	}
	return nil
}

// idOf makes a task's id from a message without one in its body.
func idOf(m bus.Message) string {
	for _, name := range []string{contracts.HeaderMsgID, contracts.HeaderID} {
		if id := m.Header.Get(name); contracts.ValidToken(id) {
			return id
		}
	}
	return fmt.Sprintf("task-%d", m.Sequence)
}
