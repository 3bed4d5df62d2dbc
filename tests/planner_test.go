package tests

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// seen is what a planner is told, as far as scripts need it.
type seen struct {
	task     string
	title    string   // of the window, quoted
	elements []string // of the screen, a line each
	done     []string // what was done, with what came of it, a line each
}

// script says the next action.
type script func(seen) string

// scripted are the flags for a planner that follows a script, behind an
// OpenAI-compatible endpoint.
func scripted(t *testing.T, s script) []string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/chat/completions") {
			_, _ = io.WriteString(w, `{"data":[]}`)
			return
		}
		var conversation struct {
			Messages []struct {
				Content string `json:"content"`
			} `json:"messages"`
		}
		if err := json.NewDecoder(r.Body).Decode(&conversation); err != nil || len(conversation.Messages) < 2 {
			http.Error(w, "no conversation", http.StatusBadRequest)
			return
		}
		answer := s(read(conversation.Messages[1].Content))
		_ = json.NewEncoder(w).Encode(map[string]any{
			"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": answer}}},
		})
	}))
	t.Cleanup(server.Close)
	return []string{"--planner-url", server.URL + "/v1", "--planner-model", "scripted"}
}

// read takes a prompt apart.
func read(prompt string) seen {
	var s seen
	part := "task"
	for line := range strings.Lines(prompt) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case part == "task":
			s.task, part = strings.TrimPrefix(line, "Task: "), "screen"
		case part == "screen":
			s.title, part = strings.TrimPrefix(line, "Screen "), "elements"
		case strings.HasPrefix(line, "Done so far:"): // no element begins with a capital letter
			part = "done"
		case strings.HasPrefix(line, "Not now:"):
			part = "not"
		case part == "not":
		case part == "elements":
			s.elements = append(s.elements, line)
		default:
			s.done = append(s.done, line)
		}
	}
	return s
}

// inTurn is a script that says these actions one after the other.
func inTurn(actions ...string) script {
	return func(s seen) string { return actions[min(len(s.done), len(actions)-1)] }
}

// byTask is a script that leaves each task to its own.
func byTask(scripts map[string]script) script {
	return func(s seen) string {
		if own, ok := scripts[s.task]; ok {
			return own(s)
		}
		return `fail "there is no script for this task"`
	}
}
